#pragma once

#include <span>
#include <string_view>

namespace picket::m365 {

// One of Microsoft's clouds and its hosts. No URL ends in a slash.
struct Cloud {
  std::string_view name;       // name of the cloud in tenant files, such as "gcc_high"
  std::string_view login_url;  // base URL of the token endpoint
  std::string_view api_url;    // base URL of the Management Activity API; also the token's audience
};

std::span<const Cloud> Clouds();

// Returns the cloud with the given name, or null if there is no such cloud.
const Cloud* FindCloud(std::string_view name);

}  // namespace picket::m365
