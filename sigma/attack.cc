#include "sigma/attack.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <utility>

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

// The tactics of a technique. Its sub-techniques have the same tactics.
struct TechniqueTactics {
  int number;                // 1114 for T1114
  std::string_view tactics;  // one letter for each tactic, see TacticOfLetter
};

// The techniques of ATT&CK Enterprise, sorted by number.
// clang-format off
constexpr TechniqueTactics kTacticsOfTechnique[] = {
    {1001, "O"}, {1003, "C"}, {1005, "K"}, {1006, "V"}, {1007, "S"}, {1008, "O"}, {1010, "S"},
    {1011, "F"}, {1012, "S"}, {1014, "V"}, {1016, "S"}, {1018, "S"}, {1020, "F"}, {1021, "L"},
    {1025, "K"}, {1027, "V"}, {1029, "F"}, {1030, "F"}, {1033, "S"}, {1036, "V"}, {1037, "PE"},
    {1039, "K"}, {1040, "CS"}, {1041, "F"}, {1046, "S"}, {1047, "X"}, {1048, "F"}, {1049, "S"},
    {1052, "F"}, {1053, "XPE"}, {1055, "VE"}, {1056, "KC"}, {1057, "S"}, {1059, "X"}, {1068, "E"},
    {1069, "S"}, {1070, "V"}, {1071, "O"}, {1072, "XL"}, {1074, "K"}, {1078, "IPEV"}, {1080, "L"},
    {1082, "S"}, {1083, "S"}, {1087, "S"}, {1090, "O"}, {1091, "IL"}, {1092, "O"}, {1095, "O"},
    {1098, "PE"}, {1102, "O"}, {1104, "O"}, {1105, "O"}, {1106, "X"}, {1110, "C"}, {1111, "C"},
    {1112, "VP"}, {1113, "K"}, {1114, "K"}, {1115, "K"}, {1119, "K"}, {1120, "S"}, {1123, "K"},
    {1124, "S"}, {1125, "K"}, {1127, "V"}, {1129, "X"}, {1132, "O"}, {1133, "IP"}, {1134, "VE"},
    {1135, "S"}, {1136, "P"}, {1137, "P"}, {1140, "V"}, {1176, "P"}, {1185, "K"}, {1187, "C"},
    {1189, "I"}, {1190, "I"}, {1195, "I"}, {1197, "VP"}, {1199, "I"}, {1200, "I"}, {1201, "S"},
    {1202, "V"}, {1203, "X"}, {1204, "X"}, {1205, "VPO"}, {1207, "V"}, {1210, "L"}, {1211, "V"},
    {1212, "C"}, {1213, "K"}, {1216, "V"}, {1217, "S"}, {1218, "V"}, {1219, "O"}, {1220, "V"},
    {1221, "V"}, {1222, "V"}, {1480, "V"}, {1482, "S"}, {1484, "VE"}, {1485, "M"}, {1486, "M"},
    {1489, "M"}, {1490, "M"}, {1491, "M"}, {1495, "M"}, {1496, "M"}, {1497, "VS"}, {1498, "M"},
    {1499, "M"}, {1505, "P"}, {1518, "S"}, {1525, "P"}, {1526, "S"}, {1528, "C"}, {1529, "M"},
    {1530, "K"}, {1531, "M"}, {1534, "L"}, {1535, "V"}, {1537, "F"}, {1538, "S"}, {1539, "C"},
    {1542, "VP"}, {1543, "PE"}, {1546, "PE"}, {1547, "PE"}, {1548, "EV"}, {1550, "VL"},
    {1552, "C"}, {1553, "V"}, {1554, "P"}, {1555, "C"}, {1556, "CVP"}, {1557, "CK"}, {1558, "C"},
    {1559, "X"}, {1560, "K"}, {1561, "M"}, {1562, "V"}, {1563, "L"}, {1564, "V"}, {1565, "M"},
    {1566, "I"}, {1567, "F"}, {1568, "O"}, {1569, "X"}, {1570, "L"}, {1571, "O"}, {1572, "O"},
    {1573, "O"}, {1574, "PEV"}, {1578, "V"}, {1580, "S"}, {1583, "D"}, {1584, "D"}, {1585, "D"},
    {1586, "D"}, {1587, "D"}, {1588, "D"}, {1589, "R"}, {1590, "R"}, {1591, "R"}, {1592, "R"},
    {1593, "R"}, {1594, "R"}, {1595, "R"}, {1596, "R"}, {1597, "R"}, {1598, "R"}, {1599, "V"},
    {1600, "V"}, {1601, "V"}, {1602, "K"}, {1606, "C"}, {1608, "D"}, {1609, "X"}, {1610, "VX"},
    {1611, "E"}, {1612, "V"}, {1613, "S"}, {1614, "S"}, {1615, "S"}, {1619, "S"}, {1620, "V"},
    {1621, "C"}, {1622, "VS"}, {1647, "V"}, {1648, "X"}, {1649, "C"}, {1650, "D"}, {1651, "X"},
    {1652, "S"}, {1653, "P"}, {1654, "S"}, {1656, "V"}, {1657, "M"}, {1659, "IO"}, {1665, "O"},
    {1666, "V"}, {1667, "M"}, {1668, "P"}, {1669, "I"}, {1671, "P"}, {1672, "V"}, {1673, "S"},
    {1674, "X"}, {1675, "X"},
    {1685, "V"}, {1686, "V"}, {1689, "V"}, {1690, "V"},
};
// clang-format on

std::string_view TacticOfLetter(char letter) {
  switch (letter) {
    case 'R':
      return "reconnaissance";
    case 'D':
      return "resource-development";
    case 'I':
      return "initial-access";
    case 'X':
      return "execution";
    case 'P':
      return "persistence";
    case 'E':
      return "privilege-escalation";
    case 'V':
      return "defense-evasion";
    case 'C':
      return "credential-access";
    case 'S':
      return "discovery";
    case 'L':
      return "lateral-movement";
    case 'K':
      return "collection";
    case 'F':
      return "exfiltration";
    case 'O':
      return "command-and-control";
    default:
      return "impact";
  }
}

// Returns the letters of the tactics of a technique such as "T1114.003", or "" if it is unknown.
std::string_view LettersOf(std::string_view uid) {
  const int number = std::atoi(std::string(uid.substr(1, 4)).c_str());
  const auto* const found =
      std::lower_bound(std::begin(kTacticsOfTechnique), std::end(kTacticsOfTechnique), number,
                       [](const TechniqueTactics& row, int wanted) { return row.number < wanted; });
  const bool is_known = found != std::end(kTacticsOfTechnique) && found->number == number;
  return is_known ? found->tactics : std::string_view();
}

bool HasTactic(std::string_view letters, const AttackTactic& tactic) {
  // The two tactics into which later versions split Defense Evasion.
  const bool is_evasion = tactic.tag == "stealth" || tactic.tag == "defense-impairment";
  const std::string_view tag = is_evasion ? "defense-evasion" : tactic.tag;
  return std::any_of(letters.begin(), letters.end(),
                     [tag](char letter) { return TacticOfLetter(letter) == tag; });
}

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
      std::string uid = "T" + std::string(rest.substr(1));
      if (std::find(read.techniques.begin(), read.techniques.end(), uid) == read.techniques.end()) {
        read.techniques.push_back(std::move(uid));
      }
    } else if (const AttackTactic* tactic = FindTactic(rest)) {
      if (std::find(read.tactics.begin(), read.tactics.end(), tactic) == read.tactics.end()) {
        read.tactics.push_back(tactic);
      }
    }
  }
  return read;
}

bool IsKnownTechnique(std::string_view uid) { return !LettersOf(uid).empty(); }

std::vector<AttackPair> PairAttackTags(const AttackTags& tags) {
  std::vector<bool> is_used(tags.tactics.size());
  std::vector<std::vector<const AttackTactic*>> own(tags.techniques.size());
  for (size_t i = 0; i < tags.techniques.size(); ++i) {
    const std::string_view letters = LettersOf(tags.techniques[i]);
    for (size_t k = 0; k < tags.tactics.size(); ++k) {
      if (!HasTactic(letters, *tags.tactics[k])) continue;
      own[i].push_back(tags.tactics[k]);
      is_used[k] = true;
    }
  }
  // The tactics that belong to no known technique of the rule probably belong to the unknown ones.
  std::vector<const AttackTactic*> others;
  for (size_t k = 0; k < tags.tactics.size(); ++k) {
    if (!is_used[k]) others.push_back(tags.tactics[k]);
  }
  bool are_others_used = false;
  std::vector<AttackPair> pairs;
  for (size_t i = 0; i < tags.techniques.size(); ++i) {
    const std::string& technique = tags.techniques[i];
    if (!IsKnownTechnique(technique)) {
      own[i] = others;
      are_others_used = true;
    }
    if (own[i].empty()) pairs.push_back({technique, nullptr});
    for (const AttackTactic* tactic : own[i]) pairs.push_back({technique, tactic});
  }
  if (are_others_used) return pairs;
  for (const AttackTactic* tactic : others) pairs.push_back({"", tactic});
  return pairs;
}

}  // namespace picket::sigma
