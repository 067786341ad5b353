#pragma once

// Masks the fields of a tenant that must not leave the parser in clear text. The record itself is
// rewritten before it is mapped, so that every output (events, ECS events, raw_data, dead letters)
// is derived from the masked record.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/strings.h"
#include "model/tenant_settings.h"

namespace picket::parser {

// The mask of one tenant. It contains rules with two effects:
//   hash  A scalar becomes "masked:" and 32 digits: the first 128 bits of its HMAC-SHA256 under the
//         tenant's own key, which is an HMAC of the operator's key and the tenant's id. So equal
//         values of a tenant stay equal, regardless of case; those of two tenants do not. Empty
//         strings and null are not changed.
//   drop  The member is removed: from a list of {Name, Value} the pair, from any other list the
//         member in each element.
// A path continues through objects and every element of a list, and selects a pair of {Name, Value}
// by its Name. If the record has a string where the path expects an object or list, the whole string
// is masked. Names are compared without regard to case. Fields that a wrapper has added are masked,
// too, if they have a masked name or contain a masked value.
// Threads: const, any. Failure: none.
class RecordMask {
 public:
  static constexpr size_t kHashDigits = 32;
  static constexpr std::string_view kPrefix = "masked:";

  // `key` is the operator's; it is not used if no field is hashed.
  RecordMask(const std::vector<MaskedField>& fields, std::string_view key, std::string_view tenant);

  // Replaces `out` by the masked record. `record` is a JSON object that has been walked.
  // Complexity: linear in the record, regardless of its depth, plus a binary search for each object
  // and list on a path.
  void Apply(std::string_view record, std::string& out) const;

  // The replacement for a value, without quotes. `value` is unescaped.
  std::string Hash(std::string_view value) const;

 private:
  struct Rule {
    std::vector<std::string> path;  // lower case
    bool drop;
  };
  class Writer;

  std::vector<Rule> rules_;
  std::string key_;  // of the tenant
};

using TenantMasks = StringMap<RecordMask>;  // by canonical tenant

// Returns the masks of the tenants that mask fields. `key_file` contains the operator's key, 16 bytes
// or more.
// Failure: InvalidArgument if a tenant hashes fields and there is no valid key. The key is never
// part of a message.
absl::StatusOr<std::shared_ptr<const TenantMasks>> MakeTenantMasks(
    const std::vector<TenantSettings>& tenants, const std::string& key_file);

}  // namespace picket::parser
