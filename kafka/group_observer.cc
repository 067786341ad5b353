#include "kafka/group_observer.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/strings.h"

namespace picket::kafka {
namespace {

// The length of the UUID at the end of a member id.
constexpr size_t kUuidLength = 36;

struct GroupListDeleter {
  void operator()(const rd_kafka_group_list* list) const { rd_kafka_group_list_destroy(list); }
};
using GroupList = std::unique_ptr<const rd_kafka_group_list, GroupListDeleter>;

std::string TextOf(const char* text) { return text == nullptr ? "" : text; }

// Returns true if the member has the group instance id `name`. Kafka makes the id of such a member
// from the name, a hyphen and a UUID (GroupMetadata.generateMemberId in Kafka's sources).
bool HasName(std::string_view member_id, std::string_view name) {
  return member_id.size() == name.size() + 1 + kUuidLength && member_id.starts_with(name) &&
         member_id[name.size()] == '-';
}

NameHolder HolderOf(const rd_kafka_group_member_info& member) {
  NameHolder holder;
  holder.member_id = TextOf(member.member_id);
  holder.client_id = TextOf(member.client_id);
  holder.host = TextOf(member.client_host);
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
  // DescribeConsumerGroups of the admin client is not used, because in librdkafka 2.0.2 an
  // assertion ends the process if such a request times out while the client looks for the
  // coordinator.
  const rd_kafka_group_list* answer = nullptr;
  const rd_kafka_resp_err_t error =
      rd_kafka_list_groups(handle_.get(), group_.c_str(), &answer, std::max(1, Millis(limit)));
  const GroupList groups(answer);
  if (groups != nullptr) {
    for (int i = 0; i < groups->group_cnt; ++i) {
      const rd_kafka_group_info& group = groups->groups[i];
      if (TextOf(group.group) != group_ || group.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      NameReport report;
      for (int m = 0; m < group.member_cnt; ++m) {
        if (!HasName(TextOf(group.members[m].member_id), name)) continue;
        report.holder = HolderOf(group.members[m]);
      }
      return report;
    }
  }
  return absl::UnavailableError(absl::StrCat(
      "describe group ", group_, ": ",
      error == RD_KAFKA_RESP_ERR_NO_ERROR ? "no broker knows the group" : rd_kafka_err2str(error)));
}

}  // namespace picket::kafka
