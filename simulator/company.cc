#include "simulator/company.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/strings.h"
#include "simulator/random.h"

namespace picket::simulator {
namespace {

constexpr std::array<std::string_view, 40> kFirstNames = {
    "Mara",    "Jonas",  "Aisha", "Pavel",  "Linnea", "Tomas",   "Yuki",  "Carmen",
    "Dmitri",  "Elif",   "Femi",  "Greta",  "Hassan", "Ines",    "Jakub", "Keiko",
    "Lorenzo", "Milena", "Nuno",  "Oona",   "Priya",  "Quentin", "Rosa",  "Samir",
    "Tilda",   "Umar",   "Viola", "Wiktor", "Xenia",  "Yannick", "Zora",  "Anders",
    "Bruna",   "Cyril",  "Dalia", "Emil",   "Fatou",  "Goran",   "Hilda", "Ivo"};
constexpr std::array<std::string_view, 30> kLastNames = {
    "Okafor",   "Lindqvist", "Moreau", "Novak",    "Tanaka",   "Schulz", "Ferreira", "Demir",
    "Kovacs",   "Haddad",    "Brandt", "Castillo", "Nieminen", "Rossi",  "Petrov",   "Mensah",
    "Virtanen", "Dubois",    "Iyer",   "Jansen",   "Kowalski", "Larsen", "Marino",   "Nakamura",
    "Oliveira", "Popescu",   "Quist",  "Rahman",   "Sokolov",  "Toth"};
constexpr std::array<std::string_view, 8> kSites = {"Finance", "Sales",    "Research",  "People",
                                                    "Legal",   "Projects", "Marketing", "Support"};

struct Device {
  std::string_view user_agent;
  std::string_view operating_system;
  std::string_view browser;
};
constexpr std::array<Device, 4> kDevices = {{
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
     "Windows10", "Edge"},
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/130.0.0.0 Safari/537.36",
     "Windows10", "Chrome"},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/17.6 Safari/605.1.15",
     "MacOs", "Safari"},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148",
     "Ios", "Other"},
}};

}  // namespace

Company::Company(const Tenant& tenant, int employees, uint64_t seed) : tenant_(tenant) {
  Random random(SeedFor(seed, tenant.id));
  const std::string domain_sid =
      absl::StrCat("S-1-5-21-", random.Between(1'000'000'000, 2'000'000'000), "-",
                   random.Between(1'000'000'000, 2'000'000'000), "-",
                   random.Between(1'000'000'000, 2'000'000'000), "-");
  // Every employee has a home connection in 198.18.0.0/15. The office and the kiosk each have one
  // address in 192.0.2.0/24.
  const uint64_t first_line = random.Below(60'000);
  office_address_ = absl::StrCat("192.0.2.", random.Between(1, 120));
  kiosk_address_ = absl::StrCat("192.0.2.", random.Between(121, 250));
  people_.reserve(employees);
  for (int i = 0; i < employees; ++i) {
    const size_t first = i % kFirstNames.size();
    const size_t last = (i / kFirstNames.size() + i) % kLastNames.size();
    const size_t lap = i / (kFirstNames.size() * kLastNames.size());
    Person person;
    person.name = absl::StrCat(ToAbsl(kFirstNames[first]), " ", ToAbsl(kLastNames[last]));
    person.alias = LowerAscii(absl::StrReplaceAll(person.name, {{" ", "."}}));
    // A numeric suffix distinguishes people who have the same name.
    if (lap > 0) absl::StrAppend(&person.alias, lap + 1);
    person.upn = absl::StrCat(person.alias, "@", tenant.domain);
    person.object_id = random.Guid();
    person.puid = absl::StrCat("10032001", random.Hex(8));
    person.sid = absl::StrCat(domain_sid, random.Between(1'000'000, 90'000'000));
    person.mailbox_guid = random.Guid();
    const uint64_t line = first_line + static_cast<uint64_t>(i);
    person.address =
        absl::StrCat("198.", 18 + (line >> 16 & 1), ".", line >> 8 & 255, ".", line & 255);
    const Device& device = random.Pick(kDevices);
    person.user_agent = device.user_agent;
    person.operating_system = device.operating_system;
    person.browser = device.browser;
    people_.push_back(std::move(person));
  }
  const std::string host = tenant.domain.substr(0, tenant.domain.find('.'));
  for (const std::string_view name : kSites) {
    sites_.push_back(
        {std::string(name),
         absl::StrCat("https://", host, ".sharepoint.example/sites/", ToAbsl(name), "/"),
         random.Guid(), random.Guid(), random.Guid()});
  }
}

Site Company::OneDrive(const Person& person) const {
  const std::string host = tenant_.domain.substr(0, tenant_.domain.find('.'));
  Random random(SeedFor(0, person.object_id));
  return {"OneDrive",
          absl::StrCat("https://", host, "-my.sharepoint.example/personal/",
                       absl::StrReplaceAll(person.upn, {{".", "_"}, {"@", "_"}}), "/"),
          random.Guid(), random.Guid(), random.Guid()};
}

}  // namespace picket::simulator
