#include "parser/mapping/remarks.h"

#include <array>
#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/strings.h"

namespace picket::parser {
namespace {

constexpr struct {
  Remark remark;
  std::string_view code;
} kRemarks[] = {{kIpUnparsed, "ip_unparsed"},      {kTimeMissing, "time_missing"},
                {kUtf8Repaired, "utf8_repaired"},  {kDupKey, "dup_key"},
                {kInnerJsonBad, "inner_json_bad"}, {kTruncated, "truncated"},
                {kIdMissing, "id_missing"},        {kOrgMismatch, "org_mismatch"},
                {kLostNesting, "lost_nesting"}};
constexpr size_t kAllRemarks = [] {
  size_t all = 0;
  for (const auto& one : kRemarks) all |= one.remark;
  return all;
}();

std::string RemarkList(size_t remarks) {
  std::string list;
  for (const auto& one : kRemarks) {
    if ((remarks & one.remark) == 0) continue;
    absl::StrAppend(&list, list.empty() ? "[\"" : ",\"", ToAbsl(one.code), "\"");
  }
  return list + "]";
}

}  // namespace

std::string_view RemarksJson(uint16_t remarks) {
  static const std::array<std::string, kAllRemarks + 1>* const texts = [] {
    auto* const lists = new std::array<std::string, kAllRemarks + 1>();
    for (size_t set = 0; set <= kAllRemarks; ++set) (*lists)[set] = RemarkList(set);
    return lists;
  }();
  return (*texts)[remarks & kAllRemarks];
}

}  // namespace picket::parser
