#include "sigma/attack.h"

#include <algorithm>
#include <array>

#include "common/strings.h"

namespace picket::sigma {
namespace {

constexpr std::array<AttackTactic, 16> kTactics = {{
    {"reconnaissance", "TA0043", "Reconnaissance"},
    {"resource-development", "TA0042", "Resource Development"},
    {"initial-access", "TA0001", "Initial Access"},
    {"execution", "TA0002", "Execution"},
    {"persistence", "TA0003", "Persistence"},
    {"privilege-escalation", "TA0004", "Privilege Escalation"},
    {"defense-evasion", "TA0005", "Defense Evasion"},
    // Later versions of ATT&CK split Defense Evasion into Stealth and Defense Impairment. Rules
    // already use the new tags.
    {"stealth", "", "Stealth"},
    {"defense-impairment", "", "Defense Impairment"},
    {"credential-access", "TA0006", "Credential Access"},
    {"discovery", "TA0007", "Discovery"},
    {"lateral-movement", "TA0008", "Lateral Movement"},
    {"collection", "TA0009", "Collection"},
    {"exfiltration", "TA0010", "Exfiltration"},
    {"command-and-control", "TA0011", "Command and Control"},
    {"impact", "TA0040", "Impact"},
}};

struct Technique {
  std::string_view uid;
  std::string_view name;
};

// The techniques that rules for Microsoft 365 and Entra ID use, sorted by id. For any other
// technique, alerts show only the id.
constexpr std::array<Technique, 121> kTechniques = {{
    {"T1003", "OS Credential Dumping"},
    {"T1005", "Data from Local System"},
    {"T1018", "Remote System Discovery"},
    {"T1020", "Automated Exfiltration"},
    {"T1036", "Masquerading"},
    {"T1036.007", "Double File Extension"},
    {"T1048", "Exfiltration Over Alternative Protocol"},
    {"T1053", "Scheduled Task/Job"},
    {"T1053.003", "Cron"},
    {"T1059", "Command and Scripting Interpreter"},
    {"T1059.001", "PowerShell"},
    {"T1069", "Permission Groups Discovery"},
    {"T1069.003", "Cloud Groups"},
    {"T1070", "Indicator Removal"},
    {"T1070.004", "File Deletion"},
    {"T1070.008", "Clear Mailbox Data"},
    {"T1078", "Valid Accounts"},
    {"T1078.004", "Cloud Accounts"},
    {"T1080", "Taint Shared Content"},
    {"T1087", "Account Discovery"},
    {"T1087.003", "Email Account"},
    {"T1087.004", "Cloud Account"},
    {"T1090", "Proxy"},
    {"T1090.003", "Multi-hop Proxy"},
    {"T1098", "Account Manipulation"},
    {"T1098.001", "Additional Cloud Credentials"},
    {"T1098.002", "Additional Email Delegate Permissions"},
    {"T1098.003", "Additional Cloud Roles"},
    {"T1098.004", "SSH Authorized Keys"},
    {"T1098.005", "Device Registration"},
    {"T1098.006", "Additional Container Cluster Roles"},
    {"T1098.007", "Additional Local or Domain Groups"},
    {"T1110", "Brute Force"},
    {"T1110.001", "Password Guessing"},
    {"T1110.002", "Password Cracking"},
    {"T1110.003", "Password Spraying"},
    {"T1110.004", "Credential Stuffing"},
    {"T1114", "Email Collection"},
    {"T1114.001", "Local Email Collection"},
    {"T1114.002", "Remote Email Collection"},
    {"T1114.003", "Email Forwarding Rule"},
    {"T1119", "Automated Collection"},
    {"T1133", "External Remote Services"},
    {"T1136", "Create Account"},
    {"T1136.001", "Local Account"},
    {"T1136.002", "Domain Account"},
    {"T1136.003", "Cloud Account"},
    {"T1137", "Office Application Startup"},
    {"T1140", "Deobfuscate/Decode Files or Information"},
    {"T1190", "Exploit Public-Facing Application"},
    {"T1199", "Trusted Relationship"},
    {"T1204", "User Execution"},
    {"T1204.001", "Malicious Link"},
    {"T1204.002", "Malicious File"},
    {"T1213", "Data from Information Repositories"},
    {"T1213.002", "Sharepoint"},
    {"T1213.003", "Code Repositories"},
    {"T1484", "Domain or Tenant Policy Modification"},
    {"T1484.002", "Trust Modification"},
    {"T1485", "Data Destruction"},
    {"T1486", "Data Encrypted for Impact"},
    {"T1489", "Service Stop"},
    {"T1496", "Resource Hijacking"},
    {"T1505", "Server Software Component"},
    {"T1526", "Cloud Service Discovery"},
    {"T1528", "Steal Application Access Token"},
    {"T1530", "Data from Cloud Storage"},
    {"T1531", "Account Access Removal"},
    {"T1534", "Internal Spearphishing"},
    {"T1537", "Transfer Data to Cloud Account"},
    {"T1538", "Cloud Service Dashboard"},
    {"T1539", "Steal Web Session Cookie"},
    {"T1548", "Abuse Elevation Control Mechanism"},
    {"T1550", "Use Alternate Authentication Material"},
    {"T1550.001", "Application Access Token"},
    {"T1550.004", "Web Session Cookie"},
    {"T1552", "Unsecured Credentials"},
    {"T1552.001", "Credentials In Files"},
    {"T1552.007", "Container API"},
    {"T1555", "Credentials from Password Stores"},
    {"T1556", "Modify Authentication Process"},
    {"T1556.006", "Multi-Factor Authentication"},
    {"T1556.007", "Hybrid Identity"},
    {"T1556.009", "Conditional Access Policies"},
    {"T1557", "Adversary-in-the-Middle"},
    {"T1558", "Steal or Forge Kerberos Tickets"},
    {"T1562", "Impair Defenses"},
    {"T1562.001", "Disable or Modify Tools"},
    {"T1562.007", "Disable or Modify Cloud Firewall"},
    {"T1562.008", "Disable or Modify Cloud Logs"},
    {"T1564", "Hide Artifacts"},
    {"T1564.003", "Hidden Window"},
    {"T1564.008", "Email Hiding Rules"},
    {"T1565", "Data Manipulation"},
    {"T1565.001", "Stored Data Manipulation"},
    {"T1566", "Phishing"},
    {"T1566.001", "Spearphishing Attachment"},
    {"T1566.002", "Spearphishing Link"},
    {"T1566.003", "Spearphishing via Service"},
    {"T1566.004", "Spearphishing Voice"},
    {"T1567", "Exfiltration Over Web Service"},
    {"T1567.002", "Exfiltration to Cloud Storage"},
    {"T1573", "Encrypted Channel"},
    {"T1578", "Modify Cloud Compute Infrastructure"},
    {"T1578.003", "Delete Cloud Instance"},
    {"T1580", "Cloud Infrastructure Discovery"},
    {"T1586", "Compromise Accounts"},
    {"T1586.002", "Email Accounts"},
    {"T1589", "Gather Victim Identity Information"},
    {"T1598", "Phishing for Information"},
    {"T1606", "Forge Web Credentials"},
    {"T1606.001", "Web Cookies"},
    {"T1606.002", "SAML Tokens"},
    {"T1621", "Multi-Factor Authentication Request Generation"},
    {"T1648", "Serverless Execution"},
    {"T1651", "Cloud Administration Command"},
    {"T1656", "Impersonation"},
    {"T1657", "Financial Theft"},
    {"T1667", "Email Bombing"},
    {"T1671", "Cloud Application Integration"},
    {"T1672", "Email Spoofing"},
}};

bool IsTechnique(std::string_view text) {
  // The format is "t1114" or "t1114.003".
  if (text.size() != 5 && text.size() != 9) return false;
  if (text[0] != 't' || (text.size() == 9 && text[5] != '.')) return false;
  for (size_t i = 1; i < text.size(); ++i) {
    if (i != 5 && (text[i] < '0' || text[i] > '9')) return false;
  }
  return true;
}

}  // namespace

absl::Span<const AttackTactic> AttackTactics() { return kTactics; }

const AttackTactic* FindTactic(std::string_view tag) {
  // In a tag, hyphens stand for the spaces of a tactic's name. Older rules use underscores.
  std::string name(tag);
  std::replace(name.begin(), name.end(), '_', '-');
  for (const AttackTactic& tactic : kTactics) {
    if (tactic.tag == name) return &tactic;
  }
  return nullptr;
}

std::string_view TechniqueName(std::string_view uid) {
  const auto it = std::lower_bound(
      kTechniques.begin(), kTechniques.end(), uid,
      [](const Technique& technique, std::string_view u) { return technique.uid < u; });
  return it != kTechniques.end() && it->uid == uid ? it->name : std::string_view();
}

AttackTags ReadAttackTags(const std::vector<std::string>& tags) {
  AttackTags read;
  for (const std::string& tag : tags) {
    const std::string lower = LowerAscii(tag);
    constexpr std::string_view kPrefix = "attack.";
    if (lower.compare(0, kPrefix.size(), kPrefix) != 0) continue;
    const std::string_view rest = std::string_view(lower).substr(kPrefix.size());
    if (IsTechnique(rest)) {
      read.techniques.push_back("T" + std::string(rest.substr(1)));
    } else if (const AttackTactic* tactic = FindTactic(rest)) {
      read.tactics.push_back(tactic);
    }
  }
  return read;
}

}  // namespace picket::sigma
