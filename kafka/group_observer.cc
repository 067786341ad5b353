#include "kafka/group_observer.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace picket::kafka {
namespace {

struct OptionsDeleter {
  void operator()(rd_kafka_AdminOptions_t* options) const {
    rd_kafka_AdminOptions_destroy(options);
  }
};
using Options = std::unique_ptr<rd_kafka_AdminOptions_t, OptionsDeleter>;

struct EventDeleter {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
using Event = std::unique_ptr<rd_kafka_event_t, EventDeleter>;

std::string TextOf(const char* text) { return text == nullptr ? "" : text; }

NameHolder HolderOf(const rd_kafka_MemberDescription_t* member) {
  NameHolder holder;
  holder.member_id = TextOf(rd_kafka_MemberDescription_consumer_id(member));
  holder.client_id = TextOf(rd_kafka_MemberDescription_client_id(member));
  holder.host = TextOf(rd_kafka_MemberDescription_host(member));
  // The broker writes an address as Java does, with a leading slash.
  if (!holder.host.empty() && holder.host.front() == '/') holder.host.erase(0, 1);
  holder.process = ProcessIdOf(holder.client_id);
  return holder;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClientGroupObserver>> ClientGroupObserver::Make(
    const KafkaConfig& kafka, const std::string& group) {
  ASSIGN_OR_RETURN(Conf conf, ObserverConf(kafka));
  // Ignores errors, since the worker's other clients report the same errors.
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int, const char*, void*) {});
  ASSIGN_OR_RETURN(Handle handle, MakeHandle(RD_KAFKA_PRODUCER, std::move(conf)));
  return std::unique_ptr<ClientGroupObserver>(new ClientGroupObserver(std::move(handle), group));
}

absl::StatusOr<NameReport> ClientGroupObserver::Find(const std::string& name,
                                                     absl::Duration limit) {
  const int millis = std::max(1, Millis(limit));
  const Queue queue(rd_kafka_queue_new(handle_.get()));
  const Options options(
      rd_kafka_AdminOptions_new(handle_.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS));
  char text[256];
  if (rd_kafka_AdminOptions_set_request_timeout(options.get(), millis, text, sizeof(text)) !=
      RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::InternalError(absl::StrCat("describe group ", group_, ": ", text));
  }
  const char* group = group_.c_str();
  rd_kafka_DescribeConsumerGroups(handle_.get(), &group, 1, options.get(), queue.get());
  const Event event(rd_kafka_queue_poll(queue.get(), millis));
  const rd_kafka_DescribeConsumerGroups_result_t* const result =
      event == nullptr ? nullptr : rd_kafka_event_DescribeConsumerGroups_result(event.get());
  if (result == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("describe group ", group_, ": the coordinator does not answer"));
  }
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::UnavailableError(absl::StrCat("describe group ", group_, ": ",
                                               TextOf(rd_kafka_event_error_string(event.get()))));
  }
  size_t count = 0;
  const rd_kafka_ConsumerGroupDescription_t** const groups =
      rd_kafka_DescribeConsumerGroups_result_groups(result, &count);
  if (count != 1) {
    return absl::UnavailableError(absl::StrCat("describe group ", group_, ": no description"));
  }
  if (const rd_kafka_error_t* const error = rd_kafka_ConsumerGroupDescription_error(groups[0]);
      error != nullptr) {
    return absl::UnavailableError(
        absl::StrCat("describe group ", group_, ": ", rd_kafka_error_string(error)));
  }
  NameReport report;
  report.is_stable =
      rd_kafka_ConsumerGroupDescription_state(groups[0]) == RD_KAFKA_CONSUMER_GROUP_STATE_STABLE;
  const size_t members = rd_kafka_ConsumerGroupDescription_member_count(groups[0]);
  for (size_t i = 0; i < members; ++i) {
    const auto* const member = rd_kafka_ConsumerGroupDescription_member(groups[0], i);
    if (name != TextOf(rd_kafka_MemberDescription_group_instance_id(member))) continue;
    report.holder = HolderOf(member);
  }
  return report;
}

}  // namespace picket::kafka
