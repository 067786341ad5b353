#include "kafka/worker/partition.h"

#include <charconv>

#include "absl/strings/str_cat.h"
#include "common/strings.h"

namespace picket::kafka {
namespace {

constexpr std::string_view kBatch = "batch=";
constexpr std::string_view kAttempts = " attempts=";

}  // namespace

std::string FormatOffsetMark(const OffsetMark& mark) {
  std::string text = absl::StrCat(ToAbsl(kBatch), mark.batch);
  if (mark.attempts > 0) absl::StrAppend(&text, ToAbsl(kAttempts), mark.attempts);
  return text;
}

OffsetMark ParseOffsetMark(std::string_view text) {
  OffsetMark mark;
  if (text.substr(0, kBatch.size()) != kBatch) return mark;
  text.remove_prefix(kBatch.size());
  const size_t end = text.find(kAttempts);
  mark.batch = text.substr(0, end);
  if (end != std::string_view::npos) {
    text.remove_prefix(end + kAttempts.size());
    std::from_chars(text.data(), text.data() + text.size(), mark.attempts);
  }
  return mark;
}

}  // namespace picket::kafka
