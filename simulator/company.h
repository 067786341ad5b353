#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "simulator/tenant.h"

namespace picket::simulator {

// An employee, and the identifiers that services use for the employee.
struct Person {
  std::string name;   // "Mara Okafor"
  std::string alias;  // "mara.okafor"
  std::string upn;    // "mara.okafor@northgatefoods.example"
  std::string object_id;
  std::string puid;  // 16 hexadecimal digits
  std::string sid;
  std::string mailbox_guid;
  std::string address;  // IP address of the home connection
  std::string user_agent;
  std::string operating_system;
  std::string browser;
};

struct Site {
  std::string name;  // "Finance"
  std::string url;   // "https://northgatefoods.sharepoint.example/sites/Finance/"
  std::string site_id;
  std::string web_id;
  std::string list_id;
};

// The people, administrators and sites of a tenant. All values are invented, and derived from the
// seed. All IP addresses are from the ranges reserved for documentation and benchmarks.
class Company {
 public:
  Company(const Tenant& tenant, int employees, uint64_t seed);

  const Tenant& tenant() const { return tenant_; }
  const std::vector<Person>& people() const { return people_; }
  // The first kAdministrators people are administrators.
  static constexpr int kAdministrators = 3;
  const std::vector<Site>& sites() const { return sites_; }
  const std::string& office_address() const { return office_address_; }
  // Returns the address of a terminal that all employees share.
  const std::string& kiosk_address() const { return kiosk_address_; }
  Site OneDrive(const Person& person) const;
  // Returns the name that the records of Exchange use for the organization.
  const std::string& organization() const { return tenant_.domain; }

 private:
  Tenant tenant_;
  std::vector<Person> people_;
  std::vector<Site> sites_;
  std::string office_address_;
  std::string kiosk_address_;
};

}  // namespace picket::simulator
