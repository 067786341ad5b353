#pragma once

#include <span>
#include <string_view>

namespace picket::m365 {

// One of Microsoft's clouds and its hosts. No URL ends in a slash.
struct Cloud {
  std::string_view name;       // as in the tenant's file: "gcc_high"
  std::string_view login_url;  // the token endpoint's host
  std::string_view api_url;    // the Management Activity API's host; also the token's audience
};

std::span<const Cloud> Clouds();

// Null if there is no cloud of this name.
const Cloud* FindCloud(std::string_view name);

}  // namespace picket::m365
