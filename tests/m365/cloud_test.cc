#include "m365/cloud.h"

#include <gtest/gtest.h>

#include "m365/url.h"

namespace picket::m365 {
namespace {

TEST(CloudTest, EveryCloudIsFoundByItsNameAndHasHttpsHostsWithoutATrailingSlash) {
  for (const Cloud& cloud : Clouds()) {
    EXPECT_EQ(FindCloud(cloud.name), &cloud);
    for (const std::string_view host : {cloud.login_url, cloud.api_url}) {
      const std::optional<Url> url = ParseUrl(host);
      ASSERT_TRUE(url.has_value()) << host;
      EXPECT_EQ(url->scheme, "https") << host;
      EXPECT_EQ(url->path, "") << host;
    }
  }
  EXPECT_EQ(FindCloud("custom"), nullptr);
}

}  // namespace
}  // namespace picket::m365
