#include "tests/support/kafka/cluster_admin.h"

#include <arpa/inet.h>
#include <librdkafka/rdkafka.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/check.h"
#include "common/status_macros.h"
#include "kafka/admin.h"
#include "kafka/client_config.h"

namespace picket::kafka {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(20);

using Event = std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)>;

// Sends an admin request with `send`, and returns the event with the answer. `handle` receives the
// client, and must outlive the event.
absl::StatusOr<Event> Ask(const KafkaConfig& kafka,
                          const std::function<void(rd_kafka_t*, rd_kafka_queue_t*)>& send,
                          Handle& handle) {
  ASSIGN_OR_RETURN(Conf conf, ChangelogConf(kafka));
  ASSIGN_OR_RETURN(handle, MakeHandle(RD_KAFKA_PRODUCER, std::move(conf)));
  const Queue queue(rd_kafka_queue_new(handle.get()));
  send(handle.get(), queue.get());
  Event event(rd_kafka_queue_poll(queue.get(), Millis(kTimeout)), rd_kafka_event_destroy);
  if (event == nullptr) return absl::UnavailableError("the brokers do not answer");
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::InternalError(rd_kafka_event_error_string(event.get()));
  }
  return event;
}

absl::Status StatusOf(const std::string& what, rd_kafka_resp_err_t error) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(what, ": ", rd_kafka_err2str(error)));
}

// Kafka's protocol defines these numbers. librdkafka 2.0.2 does not support ACLs on transactional
// ids, so this file builds the requests for ACLs itself.
constexpr int16_t kDescribeAcls = 29;
constexpr int16_t kCreateAcls = 30;
constexpr int16_t kDeleteAcls = 31;
constexpr int16_t kAlterScramUsers = 51;
constexpr char kScramSha512 = 2;
constexpr char kLiteral = 3;
constexpr char kPrefixed = 4;
constexpr char kAllow = 3;

char TypeOf(AclResource resource) {
  switch (resource) {
    case AclResource::kTopic:
      return 2;
    case AclResource::kGroup:
      return 3;
    case AclResource::kTransactionalId:
      return 5;
  }
  return 0;
}

char OperationOf(const std::string& name) {
  static const std::map<std::string, char>& operations = *new std::map<std::string, char>{
      {"Read", 3},         {"Write", 4}, {"Create", 5}, {"Describe", 8}, {"DescribeConfigs", 10},
      {"AlterConfigs", 11}};
  const auto found = operations.find(name);
  PICKET_CHECK(found != operations.end());
  return found->second;
}

void AppendNumber(std::string& out, int64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(number >> shift));
  }
}

void AppendText(std::string& out, const std::string& text) {
  AppendNumber(out, static_cast<int64_t>(text.size()), 2);
  out += text;
}

// Reads the numbers and strings of an answer. Beyond the end of the answer, returns zeros and empty
// strings.
class AnswerReader {
 public:
  explicit AnswerReader(std::string bytes) : bytes_(std::move(bytes)) {}
  int64_t Number(int bytes) {
    int64_t number = 0;
    for (int i = 0; i < bytes; ++i) {
      number = number << 8 | (at_ < bytes_.size() ? static_cast<uint8_t>(bytes_[at_]) : 0);
      ++at_;
    }
    return bytes == 2 ? static_cast<int16_t>(number) : number;
  }
  std::string Text() {
    const int64_t size = Number(2);
    if (size <= 0 || at_ >= bytes_.size()) return "";
    std::string text = bytes_.substr(at_, size);
    at_ += size;
    return text;
  }

 private:
  const std::string bytes_;
  size_t at_ = 0;
};

// Sends a request to the first broker without encryption. Returns the answer without its size and
// correlation id.
absl::StatusOr<AnswerReader> Exchange(const KafkaConfig& kafka, int16_t api, int16_t version,
                                      const std::string& body) {
  std::string request;
  AppendNumber(request, api, 2);
  AppendNumber(request, version, 2);
  AppendNumber(request, 1, 4);  // the correlation id, which the answer repeats
  AppendText(request, "test");
  request += body;
  std::string framed;
  AppendNumber(framed, static_cast<int64_t>(request.size()), 4);
  framed += request;

  const std::string server = kafka.bootstrap_servers.substr(0, kafka.bootstrap_servers.find(','));
  const size_t colon = server.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::stoi(server.substr(colon + 1))));
  inet_pton(AF_INET, server.substr(0, colon).c_str(), &address.sin_addr);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{20, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  std::string answer;
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      send(fd, framed.data(), framed.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(framed.size())) {
    size_t wanted = 4;
    std::array<char, 4096> buffer{};
    while (answer.size() < wanted) {
      const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      answer.append(buffer.data(), got);
      if (answer.size() >= 4) wanted = 4 + AnswerReader(answer).Number(4);
    }
    if (answer.size() < wanted) answer.clear();
  }
  close(fd);
  if (answer.empty()) return absl::UnavailableError("the broker does not answer");
  return AnswerReader(answer.substr(8));
}

// Appends an ACL in the format that all requests for ACLs use.
void AppendAcl(std::string& body, const AclGrant& grant) {
  body.push_back(TypeOf(grant.resource));
  AppendText(body, grant.name);
  body.push_back(grant.is_prefix ? kPrefixed : kLiteral);
  AppendText(body, grant.principal);
  AppendText(body, "*");
  body.push_back(OperationOf(grant.operation));
  body.push_back(kAllow);
}

std::string BodyOf(const std::vector<AclGrant>& grants) {
  std::string body;
  AppendNumber(body, static_cast<int64_t>(grants.size()), 4);
  for (const AclGrant& grant : grants) AppendAcl(body, grant);
  return body;
}

// Waits until the broker reports all of `settings` for the topic. This wait is needed because the
// controller answers a request before the broker knows the change.
absl::Status AwaitSettings(const KafkaConfig& kafka, const std::string& topic,
                           const std::map<std::string, std::string>& settings) {
  const absl::Time deadline = absl::Now() + kTimeout;
  while (true) {
    const std::unique_ptr<rd_kafka_ConfigResource_t, decltype(&rd_kafka_ConfigResource_destroy)>
        resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()),
                 rd_kafka_ConfigResource_destroy);
    Handle handle;
    ASSIGN_OR_RETURN(const Event event, Ask(
                                            kafka,
                                            [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
                                              rd_kafka_ConfigResource_t* request = resource.get();
                                              rd_kafka_DescribeConfigs(client, &request, 1, nullptr,
                                                                       queue);
                                            },
                                            handle));
    size_t count = 0;
    const rd_kafka_ConfigResource_t** const answers = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    if (count != 1) return absl::InternalError("the answer has no topic");
    size_t entry_count = 0;
    const rd_kafka_ConfigEntry_t** const entries =
        rd_kafka_ConfigResource_configs(answers[0], &entry_count);
    size_t applied = 0;
    for (size_t i = 0; i < entry_count; ++i) {
      const auto wanted = settings.find(rd_kafka_ConfigEntry_name(entries[i]));
      const char* const value = rd_kafka_ConfigEntry_value(entries[i]);
      if (wanted != settings.end() && value != nullptr && wanted->second == value) ++applied;
    }
    if (applied == settings.size()) return absl::OkStatus();
    if (absl::Now() > deadline) return absl::UnavailableError("the broker keeps its settings");
    absl::SleepFor(absl::Milliseconds(20));
  }
}

// Waits until the broker knows the ACLs or, if `exist` is false, no longer knows them. This wait is
// needed because the controller answers a request before the broker knows the change.
absl::Status AwaitAcls(const KafkaConfig& kafka, const std::vector<AclGrant>& grants, bool exist) {
  const absl::Time deadline = absl::Now() + kTimeout;
  for (const AclGrant& grant : grants) {
    while (true) {
      std::string filter;
      AppendAcl(filter, grant);
      ASSIGN_OR_RETURN(AnswerReader answer, Exchange(kafka, kDescribeAcls, 1, filter));
      (void)answer.Number(4);  // skip the throttle time
      if (const int64_t error = answer.Number(2); error != 0) {
        return absl::InternalError(absl::StrCat(grant.ToString(), ": error ", error));
      }
      (void)answer.Text();
      if ((answer.Number(4) > 0) == exist) break;
      if (absl::Now() > deadline) return absl::UnavailableError(grant.ToString());
      absl::SleepFor(absl::Milliseconds(20));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string AclGrant::ToString() const {
  static constexpr const char* kNames[] = {"topic", "group", "transactional id"};
  return absl::StrCat(principal, " ", operation, " on ", kNames[static_cast<int>(resource)], " ",
                      name, is_prefix ? "*" : "");
}

absl::Status ReplaceTopicSettings(const KafkaConfig& kafka, const std::string& topic,
                                  const std::map<std::string, std::string>& settings) {
  const std::unique_ptr<rd_kafka_ConfigResource_t, decltype(&rd_kafka_ConfigResource_destroy)>
      resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()),
               rd_kafka_ConfigResource_destroy);
  for (const auto& [name, value] : settings) {
    rd_kafka_ConfigResource_set_config(resource.get(), name.c_str(), value.c_str());
  }
  Handle handle;
  ASSIGN_OR_RETURN(const Event event, Ask(
                                          kafka,
                                          [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
                                            rd_kafka_ConfigResource_t* request = resource.get();
                                            rd_kafka_AlterConfigs(client, &request, 1, nullptr,
                                                                  queue);
                                          },
                                          handle));
  size_t count = 0;
  const rd_kafka_ConfigResource_t** const answers = rd_kafka_AlterConfigs_result_resources(
      rd_kafka_event_AlterConfigs_result(event.get()), &count);
  if (count != 1) return absl::InternalError("the answer has no topic");
  RETURN_IF_ERROR(StatusOf(topic, rd_kafka_ConfigResource_error(answers[0])));
  return AwaitSettings(kafka, topic, settings);
}

absl::Status DeleteTopics(const KafkaConfig& kafka, const std::vector<std::string>& topics) {
  std::vector<rd_kafka_DeleteTopic_t*> requests;
  for (const std::string& topic : topics) {
    requests.push_back(rd_kafka_DeleteTopic_new(topic.c_str()));
  }
  Handle handle;
  const auto event = Ask(
      kafka,
      [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
        rd_kafka_DeleteTopics(client, requests.data(), requests.size(), nullptr, queue);
      },
      handle);
  for (rd_kafka_DeleteTopic_t* const request : requests) rd_kafka_DeleteTopic_destroy(request);
  return event.status();
}

absl::Status AddPartitions(const KafkaConfig& kafka, const std::string& topic, int partitions) {
  std::array<char, 256> error{};
  rd_kafka_NewPartitions_t* request =
      rd_kafka_NewPartitions_new(topic.c_str(), partitions, error.data(), error.size());
  if (request == nullptr) return absl::InvalidArgumentError(error.data());
  Handle handle;
  const auto event = Ask(
      kafka,
      [&](rd_kafka_t* client, rd_kafka_queue_t* queue) {
        rd_kafka_CreatePartitions(client, &request, 1, nullptr, queue);
      },
      handle);
  rd_kafka_NewPartitions_destroy(request);
  return event.status();
}

absl::Status Grant(const KafkaConfig& kafka, const std::vector<AclGrant>& grants) {
  ASSIGN_OR_RETURN(AnswerReader answer, Exchange(kafka, kCreateAcls, 1, BodyOf(grants)));
  (void)answer.Number(4);  // skip the throttle time
  const int64_t count = answer.Number(4);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t error = answer.Number(2);
    const std::string text = answer.Text();
    if (error != 0) {
      return absl::InternalError(absl::StrCat(grants[i].ToString(), ": ", error, " ", text));
    }
  }
  if (count != static_cast<int64_t>(grants.size())) return absl::InternalError("bad answer");
  return AwaitAcls(kafka, grants, true);
}

absl::Status Withdraw(const KafkaConfig& kafka, const std::vector<AclGrant>& grants) {
  ASSIGN_OR_RETURN(AnswerReader answer, Exchange(kafka, kDeleteAcls, 1, BodyOf(grants)));
  (void)answer.Number(4);  // skip the throttle time
  const int64_t count = answer.Number(4);
  if (count != static_cast<int64_t>(grants.size())) return absl::InternalError("bad answer");
  for (const AclGrant& grant : grants) {
    const int64_t error = answer.Number(2);
    const std::string text = answer.Text();
    const int64_t matches = answer.Number(4);
    if (error != 0 || matches != 1) {
      return absl::InternalError(
          absl::StrCat(grant.ToString(), ": error ", error, " ", text, ", ", matches, " deleted"));
    }
    for (int64_t i = 0; i < matches; ++i) {
      (void)answer.Number(2);
      (void)answer.Text();
      (void)answer.Number(1);
      (void)answer.Text();
      (void)answer.Number(1);
      (void)answer.Text();
      (void)answer.Text();
      (void)answer.Number(2);
    }
  }
  return AwaitAcls(kafka, grants, false);
}

absl::Status AddScramUser(const KafkaConfig& kafka, const std::string& user,
                          const std::string& password) {
  constexpr int kIterations = 4096;
  const std::string salt = "salt of the test";
  std::string salted(64, '\0');
  PICKET_CHECK(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                 reinterpret_cast<const unsigned char*>(salt.data()),
                                 static_cast<int>(salt.size()), kIterations, EVP_sha512(), 64,
                                 reinterpret_cast<unsigned char*>(salted.data())) == 1);
  // This request has Kafka's compact format. The byte before a string contains the size of the
  // string plus 1, and a zero byte ends a structure.
  const auto append = [](std::string& out, const std::string& text) {
    out.push_back(static_cast<char>(text.size() + 1));
    out += text;
  };
  std::string body(1, '\0');  // the end of the header
  body.push_back(1);          // no users to delete
  body.push_back(2);          // one user to add
  append(body, user);
  body.push_back(kScramSha512);
  AppendNumber(body, kIterations, 4);
  append(body, salt);
  append(body, salted);
  body.append(2, '\0');
  ASSIGN_OR_RETURN(AnswerReader answer, Exchange(kafka, kAlterScramUsers, 0, body));
  (void)answer.Number(1);  // skip the end of the header
  (void)answer.Number(4);  // skip the throttle time
  const int64_t count = answer.Number(1) - 1;
  const int64_t name = answer.Number(1) - 1;
  for (int64_t i = 0; i < name; ++i) (void)answer.Number(1);
  const int64_t error = answer.Number(2);
  if (count == 1 && error == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("add user ", user, ": error ", error));
}

std::vector<AclGrant> ParseAclCommands(const std::string& commands) {
  std::vector<AclGrant> grants;
  for (const absl::string_view line : absl::StrSplit(commands, '\n')) {
    if (line.substr(0, 13) != "kafka-acls.sh") continue;
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    AclGrant grant;
    std::vector<std::string> operations;
    std::vector<std::pair<AclResource, std::string>> resources;
    for (size_t i = 0; i + 1 < words.size(); ++i) {
      const std::string& value = words[i + 1];
      if (words[i] == "--allow-principal") grant.principal = value;
      if (words[i] == "--operation") operations.push_back(value);
      if (words[i] == "--resource-pattern-type") grant.is_prefix = value == "prefixed";
      if (words[i] == "--topic") resources.emplace_back(AclResource::kTopic, value);
      if (words[i] == "--group") resources.emplace_back(AclResource::kGroup, value);
      if (words[i] == "--transactional-id") {
        resources.emplace_back(AclResource::kTransactionalId, value);
      }
    }
    for (const auto& [resource, name] : resources) {
      for (const std::string& operation : operations) {
        grant.resource = resource;
        grant.name = name;
        grant.operation = operation;
        grants.push_back(grant);
      }
    }
  }
  return grants;
}

}  // namespace picket::kafka
