#pragma once

// Masks the fields of a tenant that must not leave the parser in clear text. A record is rewritten
// before it is mapped, so every output (events, ECS events, raw_data, dead letters) is derived from
// the masked record.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/strings.h"
#include "model/tenant_settings.h"

namespace picket::parser {

// The mask of one tenant. Each rule has one of two effects:
//   hash  Each scalar is replaced by "masked:" and 32 hexadecimal digits, the first 128 bits of the
//         scalar's HMAC-SHA256. The scalar is hashed in lower case, so values of one tenant that
//         differ only in case have the same hash. Each tenant has its own key, which is an HMAC of
//         the operator's key and the tenant id. The same value therefore has different hashes for
//         two tenants. Empty strings and null are not changed.
//   drop  The member is removed. In a list of {Name, Value} pairs, the whole pair is removed; in
//         any other list, the member is removed from each element.
// A path continues through objects and through every element of a list, and selects a {Name, Value}
// pair by its Name. If the record has a string where the path expects an object or a list, the
// whole string is masked. Names are compared without regard to case. A wrapper
// (parser/input/unwrapper.h) can add fields. Such a field is masked if a rule selects its name, or
// if its value contains a masked value.
// Threads: const functions can be called from any thread. Failure: no function fails.
class RecordMask {
 public:
  static constexpr size_t kHashDigits = 32;
  static constexpr std::string_view kPrefix = "masked:";

  // `key` is the operator's key. It is not used if no field is hashed.
  RecordMask(const std::vector<MaskedField>& fields, std::string_view key, std::string_view tenant);

  // Replaces `out` with the masked record. `record` must be a JSON object that JsonWalker has
  // accepted as valid.
  // Complexity: linear in the size of the record, regardless of its depth, plus one binary search
  // for each object or list on a path.
  void Apply(std::string_view record, std::string& out) const;

  // Returns the replacement for a value, without quotes. `value` must be unescaped.
  std::string Hash(std::string_view value) const;

 private:
  struct Rule {
    std::vector<std::string> path;  // names in lower case
    bool drop;
  };
  class Writer;

  std::vector<Rule> rules_;
  std::string key_;  // the tenant's own key
};

using TenantMasks = StringMap<RecordMask>;  // indexed by canonical tenant id

// Returns the masks of the tenants that mask fields. `key_file` contains the operator's key, which
// must have at least 16 bytes.
// Failure: the function returns InvalidArgument if a tenant hashes fields but there is no valid
// key. No message ever contains the key.
absl::StatusOr<std::shared_ptr<const TenantMasks>> MakeTenantMasks(
    const std::vector<TenantSettings>& tenants, const std::string& key_file);

}  // namespace picket::parser
