#include "kafka/dead_letter.h"

#include <forward_list>
#include <set>
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
constexpr size_t kHeaderOverhead = 10;  // as in OutputBytes()
constexpr size_t kMaxTenantBytes = 64;  // a tenant's id has 36, but other keys have any length
constexpr size_t kMaxPreviousBytes = 1024;

constexpr std::string_view kOwnPrefix = "dead-letter-";
constexpr std::string_view kPreviousPrefix = "previous-";
constexpr std::string_view kPart = "part";

// Copies the headers of the source. Headers that an earlier dead letter left behind are renamed, so
// that a reader that takes the first header of a name sees the same reason as a reader that takes
// the last one.
class SourceHeaders {
 public:
  explicit SourceHeaders(const Message& source) {
    size_t bytes = 0;
    std::set<std::string_view> renamed;
    for (const Header& header : source.headers) {
      if (header.name.starts_with("previous-dead-letter-")) continue;
      Header kept = header;
      if (header.name.starts_with(kOwnPrefix) || header.name == kPart) {
        // A dead letter that an older version of Picket wrote may contain a name twice. The first
        // of the two headers is the newer one.
        if (!renamed.insert(header.name).second) continue;
        kept.name = names_.emplace_front(
            absl::StrCat(ToAbsl(kPreviousPrefix), header.name == kPart ? ToAbsl(kOwnPrefix) : "",
                         ToAbsl(header.name)));
        kept.value = TruncateUtf8(header.value, kMaxPreviousBytes);
      }
      bytes += kept.name.size() + kept.value.size() + kHeaderOverhead;
      if (bytes > kMaxSourceHeaderBytes) break;
      headers_.push_back(kept);
    }
  }

  const std::vector<Header>& list() const { return headers_; }

 private:
  std::forward_list<std::string> names_;  // owns the names of the renamed headers
  std::vector<Header> headers_;
};

}  // namespace

void AddDeadLetter(const Message& source, int index, std::string_view value,
                   const DeadLetterCause& cause, OutputBatch& out) {
  const std::string_view tenant = source.key.substr(0, source.key.find('|'));
  const std::string key =
      absl::StrCat(CleanLine(tenant, kMaxTenantBytes), "|", ToAbsl(source.topic), "|",
                   source.partition, "|", source.offset, "|", index);
  const std::string partition = absl::StrCat(source.partition);
  const std::string offset = absl::StrCat(source.offset);
  const std::string record = absl::StrCat(index);
  const std::string attempts = absl::StrCat(cause.attempts);
  const std::string error = CleanLine(cause.error, kMaxErrorBytes);
  std::vector<Header> headers = {
      {"dead-letter-stage", cause.stage},   {"dead-letter-reason", cause.reason},
      {"dead-letter-error", error},         {"dead-letter-topic", source.topic},
      {"dead-letter-partition", partition}, {"dead-letter-offset", offset},
      {"dead-letter-record", record},       {"dead-letter-attempts", attempts},
  };
  const SourceHeaders of_source(source);
  headers.insert(headers.end(), of_source.list().begin(), of_source.list().end());

  if (OutputBytes(key, value, headers) <= kMaxOutputBytes) {
    out.Add(Topic::kDeadLetters, source.partition, key, value, headers);
    return;
  }
  constexpr size_t kPartNameBytes = 64;  // reserved for the header `part` and the suffix of the key
  const size_t room = kMaxOutputBytes - OutputBytes(key, {}, headers) - kPartNameBytes;
  const size_t parts = (value.size() + room - 1) / room;
  headers.push_back({kPart, {}});
  for (size_t k = 1; k <= parts; ++k) {
    const std::string part = absl::StrCat(k, "/", parts);
    headers.back().value = part;
    out.Add(Topic::kDeadLetters, source.partition, absl::StrCat(key, "|", part),
            value.substr((k - 1) * room, room), headers);
  }
}

}  // namespace picket::kafka
