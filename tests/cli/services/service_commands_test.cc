// Tests the options of `picket fetch`, `picket parse` and `picket detect` that take effect before
// the service contacts a broker.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "http/server.h"
#include "tests/cli/command.h"
#include "tests/support/temp_folder.h"

namespace picket {
namespace {

using testing::HasSubstr;

TEST(ServiceCommandsTest, APortInUseIsAnErrorThatNamesTheAddressAndTheFlag) {
  http::ServerOptions options;
  options.listen = "127.0.0.1:0";
  const auto other =
      http::Server::Start(options, [](const http::Request&) { return http::Response(); });
  ASSERT_TRUE(other.ok());
  const std::string address = absl::StrCat("127.0.0.1:", (*other)->port());
  TempFolder folder;
  folder.Write("picket.yaml", absl::StrCat("admin:\n  listen: ", address, "\n"));
  const CommandResult from_file = RunPicket({"parse", "--config", folder.Path("picket.yaml")});
  EXPECT_EQ(from_file.exit_status, 2);
  EXPECT_THAT(from_file.err, HasSubstr(address));
  EXPECT_THAT(from_file.err, HasSubstr("--listen HOST:PORT"));

  folder.Write("other.yaml", "admin:\n  listen: 127.0.0.1:0\n");
  const CommandResult from_flag =
      RunPicket({"parse", "--config", folder.Path("other.yaml"), "--listen", address});
  EXPECT_EQ(from_flag.exit_status, 2);
  EXPECT_THAT(from_flag.err, HasSubstr(address));
}

// A monitoring system would otherwise read the pages of the process that has the port.
TEST(ServiceCommandsTest, ADefaultPortInUseIsAnErrorIfThePagesAreConfigured) {
  http::ServerOptions options;
  options.listen = "127.0.0.1:9465";
  // The port may be in use already, which serves the test as well.
  const auto other =
      http::Server::Start(options, [](const http::Request&) { return http::Response(); });
  ASSERT_TRUE(other.ok() || absl::IsAlreadyExists(other.status())) << other.status();
  TempFolder folder;
  folder.Write("token", "0123456789abcdef");
  ASSERT_EQ(chmod(folder.Path("token").c_str(), 0600), 0);
  folder.Write("picket.yaml", "admin:\n  token_file: token\n");
  const CommandResult result = RunPicket({"parse", "--config", folder.Path("picket.yaml")});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, HasSubstr("127.0.0.1:9465"));
  EXPECT_THAT(result.err, HasSubstr("--listen HOST:PORT"));
}

TEST(ServiceCommandsTest, AFlagIsCheckedLikeTheOptionOfTheFile) {
  TempFolder folder;
  folder.Write("picket.yaml", "kafka:\n  instance: a\n");
  for (const char* command : {"fetch", "parse", "detect"}) {
    const CommandResult result =
        RunPicket({command, "--config", folder.Path("picket.yaml"), "--instance", "a b"});
    EXPECT_EQ(result.exit_status, 2) << command;
    EXPECT_THAT(result.err, HasSubstr("--instance: 'a b'")) << command;
  }
  const CommandResult listen =
      RunPicket({"parse", "--config", folder.Path("picket.yaml"), "--listen", "nonsense"});
  EXPECT_EQ(listen.exit_status, 2);
  EXPECT_THAT(listen.err, HasSubstr("'nonsense' is not host:port"));
}

TEST(ServiceCommandsTest, ATokenFileThatOthersCanReadStopsTheStart) {
  TempFolder folder;
  folder.Write("token", "0123456789abcdef");
  ASSERT_EQ(chmod(folder.Path("token").c_str(), 0644), 0);
  folder.Write("picket.yaml", "admin:\n  listen: 127.0.0.1:0\n  token_file: token\n");
  for (const char* command : {"parse", "detect"}) {
    const CommandResult result = RunPicket({command, "--config", folder.Path("picket.yaml")});
    EXPECT_EQ(result.exit_status, 2) << command;
    EXPECT_THAT(result.err, HasSubstr("admin.token_file")) << command;
  }
}

}  // namespace
}  // namespace picket
