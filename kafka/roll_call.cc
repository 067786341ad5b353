#include "kafka/roll_call.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace picket::kafka {
namespace {

struct GroupListDeleter {
  void operator()(const rd_kafka_group_list* list) const { rd_kafka_group_list_destroy(list); }
};
using GroupList = std::unique_ptr<const rd_kafka_group_list, GroupListDeleter>;

std::string TextOf(const char* text) { return text == nullptr ? "" : text; }

// Returns the process of the member if the member takes part under `name`.
std::optional<NameUser> UserOf(const rd_kafka_group_member_info& member, std::string_view name) {
  const std::string client_id = TextOf(member.client_id);
  const std::optional<ProcessId> process = ProcessIdOf(client_id);
  if (!process.has_value() || client_id != RollCallClientId(std::string(name), *process)) {
    return std::nullopt;
  }
  NameUser user{.process = *process, .host = TextOf(member.client_host)};
  // The broker writes an address as Java does, with a leading slash.
  if (!user.host.empty() && user.host.front() == '/') user.host.erase(0, 1);
  return user;
}

// The partitions are paused, so that nothing is fetched.
void OnRollCallRebalance(rd_kafka_t* handle, rd_kafka_resp_err_t code,
                         rd_kafka_topic_partition_list_t* partitions, void*) {
  if (code != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    rd_kafka_assign(handle, nullptr);
    return;
  }
  // Without an explicit position, the client would ask for the committed offsets.
  for (int i = 0; i < partitions->cnt; ++i) partitions->elems[i].offset = RD_KAFKA_OFFSET_END;
  rd_kafka_assign(handle, partitions);
  rd_kafka_pause_partitions(handle, partitions);
}

}  // namespace

std::string RollCallGroup(const std::string& group) { return absl::StrCat(group, ".names"); }

absl::StatusOr<std::unique_ptr<GroupRollCall>> GroupRollCall::Make(const KafkaConfig& kafka,
                                                                   const RollCallSpec& spec,
                                                                   const std::string& topic) {
  std::unique_ptr<GroupRollCall> call(new GroupRollCall(spec));
  ASSIGN_OR_RETURN(Conf conf, RollCallConf(kafka, call->group_, spec.name, spec.process));
  rd_kafka_conf_set_opaque(conf.get(), call.get());
  rd_kafka_conf_set_rebalance_cb(conf.get(), OnRollCallRebalance);
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int, const char* text, void* opaque) {
    static_cast<GroupRollCall*>(opaque)->error_ = TextOf(text);
  });
  ASSIGN_OR_RETURN(call->handle_, MakeHandle(RD_KAFKA_CONSUMER, std::move(conf)));
  rd_kafka_poll_set_consumer(call->handle_.get());
  const PartitionList topics = MakePartitionList(1);
  rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const rd_kafka_resp_err_t error = rd_kafka_subscribe(call->handle_.get(), topics.get());
      error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::InternalError(
        absl::StrCat("join group ", call->group_, ": ", rd_kafka_err2str(error)));
  }
  return call;
}

GroupRollCall::GroupRollCall(const RollCallSpec& spec)
    : spec_(spec), group_(RollCallGroup(spec.group)) {}

GroupRollCall::~GroupRollCall() {
  if (handle_ != nullptr) rd_kafka_consumer_close(handle_.get());
}

void GroupRollCall::Poll() {
  while (rd_kafka_message_t* const message = rd_kafka_consumer_poll(handle_.get(), 0)) {
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) error_ = rd_kafka_message_errstr(message);
    rd_kafka_message_destroy(message);
  }
}

absl::StatusOr<std::vector<NameUser>> GroupRollCall::Others(absl::Duration limit) {
  Poll();
  // DescribeConsumerGroups of the admin client is not used: if such a request of librdkafka 2.0.2
  // times out while the client looks for the coordinator, an assertion ends the process.
  const rd_kafka_group_list* answer = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_list_groups(handle_.get(), group_.c_str(), &answer, std::max(1, Millis(limit)));
  const GroupList groups(answer);
  for (int i = 0; groups != nullptr && i < groups->group_cnt; ++i) {
    const rd_kafka_group_info& group = groups->groups[i];
    if (TextOf(group.group) != group_ || group.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    std::vector<NameUser> others;
    for (int m = 0; m < group.member_cnt; ++m) {
      std::optional<NameUser> user = UserOf(group.members[m], spec_.name);
      if (user.has_value() && user->process != spec_.process) others.push_back(*std::move(user));
    }
    error_.clear();
    return others;
  }
  const std::string reason = error == RD_KAFKA_RESP_ERR_NO_ERROR
                                 ? (error_.empty() ? "no broker knows the group yet" : error_)
                                 : rd_kafka_err2str(error);
  return absl::UnavailableError(absl::StrCat("describe group ", group_, ": ", reason));
}

}  // namespace picket::kafka
