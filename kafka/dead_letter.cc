#include "kafka/dead_letter.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "kafka/message_size.h"

namespace picket::kafka {
namespace {

constexpr size_t kMaxErrorBytes = 1024;
// Source headers beyond this total size are dropped, since they could leave no room for the value.
constexpr size_t kMaxSourceHeaderBytes = 256 << 10;

}  // namespace

void AddDeadLetter(const Message& source, int index, std::string_view value,
                   const DeadLetterCause& cause, OutputBatch& out) {
  const std::string_view tenant = source.key.substr(0, source.key.find('|'));
  const std::string key = absl::StrCat(ToAbsl(tenant), "|", ToAbsl(source.topic), "|",
                                       source.partition, "|", source.offset, "|", index);
  const std::string partition = absl::StrCat(source.partition);
  const std::string offset = absl::StrCat(source.offset);
  const std::string record = absl::StrCat(index);
  const std::string attempts = absl::StrCat(cause.attempts);
  std::vector<Header> headers = {
      {"dead-letter-stage", cause.stage},
      {"dead-letter-reason", cause.reason},
      {"dead-letter-error", TruncateUtf8(cause.error, kMaxErrorBytes)},
      {"dead-letter-topic", source.topic},
      {"dead-letter-partition", partition},
      {"dead-letter-offset", offset},
      {"dead-letter-record", record},
      {"dead-letter-attempts", attempts},
  };
  size_t source_bytes = 0;
  for (const Header& header : source.headers) {
    source_bytes += header.name.size() + header.value.size();
    if (source_bytes > kMaxSourceHeaderBytes) break;
    headers.push_back(header);
  }

  if (OutputBytes(key, value, headers) <= kMaxOutputBytes) {
    out.Add(Topic::kDeadLetters, source.partition, key, value, headers);
    return;
  }
  constexpr size_t kPartNameBytes = 64;  // reserved for the header `part` and the suffix of the key
  const size_t room = kMaxOutputBytes - OutputBytes(key, {}, headers) - kPartNameBytes;
  const size_t parts = (value.size() + room - 1) / room;
  headers.push_back({"part", {}});
  for (size_t k = 1; k <= parts; ++k) {
    const std::string part = absl::StrCat(k, "/", parts);
    headers.back().value = part;
    out.Add(Topic::kDeadLetters, source.partition, absl::StrCat(key, "|", part),
            value.substr((k - 1) * room, room), headers);
  }
}

}  // namespace picket::kafka
