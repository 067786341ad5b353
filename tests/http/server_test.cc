#include "http/server.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/http/client.h"

namespace picket::http {
namespace {

Response Echo(const Request& request) {
  Response response;
  response.body = absl::StrCat(request.method, " ", request.path, " q=", request.query,
                               " body=", request.body, " peer=", request.peer, "\n");
  return response;
}

std::unique_ptr<Server> StartServer(ServerOptions options = {}, Handler handler = Echo) {
  options.listen = "127.0.0.1:0";
  auto server = Server::Start(options, std::move(handler));
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

TEST(HttpServerTest, ARequestReachesTheHandlerAndItsResponseTheClient) {
  const auto server = StartServer();
  Client client(server->port());
  client.Send("POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  const std::string answer = client.ReadUntil("peer=127.0.0.1\n");
  EXPECT_TRUE(absl::StartsWith(answer, "HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_TRUE(absl::StrContains(answer, "POST /a/b q=c=d body=hello peer=127.0.0.1\n")) << answer;
}

TEST(HttpServerTest, RequestsSentTogetherOnOneConnectionAreAnsweredInOrder) {
  const auto server = StartServer();
  Client client(server->port());
  client.Send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = client.ReadUntil("GET /2 ");
  EXPECT_LT(answer.find("GET /1 "), answer.find("GET /2 ")) << answer;
}

TEST(HttpServerTest, AnAnswerToHeadHasTheLengthAndNoBody) {
  const auto server = StartServer();
  Client client(server->port());
  client.Send("HEAD /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  client.WaitForClose();
  const std::string answer = client.ReadUntil("\r\n\r\n");
  EXPECT_TRUE(absl::StrContains(answer, "Content-Length: 3")) << answer;
  EXPECT_TRUE(absl::EndsWith(answer, "\r\n\r\n")) << answer;
}

TEST(HttpServerTest, AHeaderThatIsTooLargeGets431) {
  ServerOptions options;
  options.max_header_bytes = 1000;
  const auto server = StartServer(options);
  Client client(server->port());
  client.Send(absl::StrCat("GET / HTTP/1.1\r\nX: ", std::string(5000, 'x'), "\r\n\r\n"));
  EXPECT_TRUE(absl::StartsWith(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 431 "));
  EXPECT_TRUE(client.WaitForClose());
}

TEST(HttpServerTest, ABodyThatIsTooLargeGets413BeforeItIsRead) {
  ServerOptions options;
  options.max_body_bytes = 1000;
  const auto server = StartServer(options);
  Client client(server->port());
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n");
  EXPECT_TRUE(absl::StartsWith(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 413 "));
}

TEST(HttpServerTest, AChunkedBodyThatIsTooLargeGets413) {
  ServerOptions options;
  options.max_body_bytes = 1000;
  const auto server = StartServer(options);
  Client client(server->port());
  client.Send(
      absl::StrCat("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n800\r\n",
                   std::string(0x800, 'x'), "\r\n0\r\n\r\n"));
  EXPECT_TRUE(absl::StartsWith(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 413 "));
}

TEST(HttpServerTest, BytesThatAreNotHttpGet400) {
  const auto server = StartServer();
  Client client(server->port());
  client.Send("\x16\x03\x01\x02 this is TLS\r\n\r\n");
  EXPECT_TRUE(absl::StartsWith(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 400 "));
  EXPECT_TRUE(client.WaitForClose());
}

TEST(HttpServerTest, ARequestThatDripsInIsCutOff) {
  ServerOptions options;
  options.request_timeout = absl::Milliseconds(200);
  const auto server = StartServer(options);
  Client client(server->port());
  client.Send("GET / HTT");
  EXPECT_TRUE(client.WaitForClose());
}

TEST(HttpServerTest, AnIdleConnectionIsClosed) {
  ServerOptions options;
  options.idle_timeout = absl::Milliseconds(100);
  const auto server = StartServer(options);
  Client client(server->port());
  EXPECT_TRUE(client.WaitForClose());
}

TEST(HttpServerTest, TwoHundredSilentConnectionsDelayNobody) {
  const auto server = StartServer();
  std::vector<std::unique_ptr<Client>> silent;
  for (int i = 0; i < 200; ++i) {
    silent.push_back(std::make_unique<Client>(server->port()));
    ASSERT_TRUE(silent.back()->is_connected());
    if (i % 2 == 0) silent.back()->Send("GET / HT");
  }
  const absl::Time begin = absl::Now();
  Client client(server->port());
  client.Send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(absl::StrContains(client.ReadUntil("/healthz"), "/healthz"));
  // The bound is 100 ms; a busy machine gets more.
  EXPECT_LT(absl::Now() - begin, absl::Seconds(2));
}

TEST(HttpServerTest, BeyondTheLimitTheConnectionThatWasIdleForLongestMakesRoom) {
  ServerOptions options;
  options.max_connections = 3;
  const auto server = StartServer(options);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<Client>(server->port()));
    clients.back()->Send("GET /warm HTTP/1.1\r\nHost: x\r\n\r\n");
    clients.back()->ReadUntil("/warm");
  }
  Client one_more(server->port());
  one_more.Send("GET /more HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(absl::StrContains(one_more.ReadUntil("/more"), "/more"));
  EXPECT_TRUE(clients[0]->WaitForClose());
  clients[2]->Send("GET /still HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(absl::StrContains(clients[2]->ReadUntil("/still"), "/still"));
  EXPECT_LE(server->connections(), 3);
}

TEST(HttpServerTest, APortInUseIsAnErrorThatNamesIt) {
  const auto server = StartServer();
  ServerOptions options;
  options.listen = absl::StrCat("127.0.0.1:", server->port());
  const auto second = Server::Start(options, Echo);
  ASSERT_FALSE(second.ok());
  EXPECT_TRUE(absl::StrContains(second.status().message(), options.listen)) << second.status();
  EXPECT_TRUE(absl::StrContains(second.status().message(), "in use")) << second.status();
}

TEST(HttpServerTest, AListenAddressThatIsNotHostAndPortIsAnError) {
  for (const char* const listen : {"", "9464", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000",
                                   ":80", "no.such.host.invalid:80", "192.0.2.1:0"}) {
    ServerOptions options;
    options.listen = listen;
    EXPECT_FALSE(Server::Start(options, Echo).ok()) << listen;
  }
}

TEST(HttpServerTest, ItStopsWhileConnectionsAreOpen) {
  auto server = StartServer();
  Client idle(server->port());
  Client half(server->port());
  half.Send("GET / HTTP/1.1\r\n");
  server.reset();
  EXPECT_TRUE(idle.WaitForClose());
  EXPECT_TRUE(half.WaitForClose());
}

}  // namespace
}  // namespace picket::http
