#include "detector/attack.h"

#include <algorithm>
#include <array>

#include "common/strings.h"

namespace picket::detector {
namespace {

constexpr std::array<AttackTactic, 14> kTactics = {{
    {"reconnaissance", "TA0043", "Reconnaissance"},
    {"resource-development", "TA0042", "Resource Development"},
    {"initial-access", "TA0001", "Initial Access"},
    {"execution", "TA0002", "Execution"},
    {"persistence", "TA0003", "Persistence"},
    {"privilege-escalation", "TA0004", "Privilege Escalation"},
    {"defense-evasion", "TA0005", "Defense Evasion"},
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

// Those that touch Microsoft 365; others go out with their number alone.
constexpr std::array<Technique, 54> kTechniques = {{
    {"T1020", "Automated Exfiltration"},
    {"T1036", "Masquerading"},
    {"T1036.007", "Double File Extension"},
    {"T1048", "Exfiltration Over Alternative Protocol"},
    {"T1070", "Indicator Removal"},
    {"T1070.008", "Clear Mailbox Data"},
    {"T1078", "Valid Accounts"},
    {"T1078.004", "Cloud Accounts"},
    {"T1080", "Taint Shared Content"},
    {"T1087", "Account Discovery"},
    {"T1087.004", "Cloud Account"},
    {"T1098", "Account Manipulation"},
    {"T1098.001", "Additional Cloud Credentials"},
    {"T1098.002", "Additional Email Delegate Permissions"},
    {"T1098.003", "Additional Cloud Roles"},
    {"T1098.005", "Device Registration"},
    {"T1110", "Brute Force"},
    {"T1110.001", "Password Guessing"},
    {"T1110.003", "Password Spraying"},
    {"T1110.004", "Credential Stuffing"},
    {"T1114", "Email Collection"},
    {"T1114.002", "Remote Email Collection"},
    {"T1114.003", "Email Forwarding Rule"},
    {"T1136", "Create Account"},
    {"T1136.003", "Cloud Account"},
    {"T1204", "User Execution"},
    {"T1204.002", "Malicious File"},
    {"T1213", "Data from Information Repositories"},
    {"T1213.002", "Sharepoint"},
    {"T1484", "Domain or Tenant Policy Modification"},
    {"T1484.002", "Trust Modification"},
    {"T1485", "Data Destruction"},
    {"T1486", "Data Encrypted for Impact"},
    {"T1528", "Steal Application Access Token"},
    {"T1530", "Data from Cloud Storage"},
    {"T1531", "Account Access Removal"},
    {"T1534", "Internal Spearphishing"},
    {"T1537", "Transfer Data to Cloud Account"},
    {"T1539", "Steal Web Session Cookie"},
    {"T1550", "Use Alternate Authentication Material"},
    {"T1550.001", "Application Access Token"},
    {"T1556", "Modify Authentication Process"},
    {"T1556.006", "Multi-Factor Authentication"},
    {"T1556.009", "Conditional Access Policies"},
    {"T1562", "Impair Defenses"},
    {"T1562.001", "Disable or Modify Tools"},
    {"T1562.007", "Disable or Modify Cloud Firewall"},
    {"T1562.008", "Disable or Modify Cloud Logs"},
    {"T1564", "Hide Artifacts"},
    {"T1564.008", "Email Hiding Rules"},
    {"T1566", "Phishing"},
    {"T1566.003", "Spearphishing via Service"},
    {"T1567", "Exfiltration Over Web Service"},
    {"T1621", "Multi-Factor Authentication Request Generation"},
}};

bool IsTechnique(std::string_view text) {
  // t1114 or t1114.003
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
  // Sigma writes blanks as hyphens, older rules as underscores.
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

}  // namespace picket::detector
