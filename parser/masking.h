#pragma once

// Fields of a tenant that leave the parser only masked. The record itself is rewritten before it is mapped, so that
// every output (events, ECS, raw_data, dead letters) derives from the masked record.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/strings.h"
#include "model/tenant_settings.h"

namespace picket::parser {

// What the mask of one tenant does:
//   hash  a scalar becomes "masked:" and 32 digits, the first 128 bits of HMAC-SHA256 under a key of the tenant's own
//         (HMAC of the operator's key and the tenant's id), so that equal values of a tenant stay equal, whatever their
//         case, and those of two tenants do not. An empty text and null stay.
//   drop  the member goes; of a {Name, Value} list the pair, of any other list nothing of the member's elements stays.
// A path goes through objects, through every element of a list, and in lists of {Name, Value} by the Name. Where it should
// go on and the record has one text in place of the object or list, all of that text is masked. Names match in any case.
// Of what a wrapper says beside the record, fields of a masked name and texts that hold a masked value are masked too.
// Threads: any, it is const.
class RecordMask {
 public:
  static constexpr size_t kHashDigits = 32;
  static constexpr std::string_view kPrefix = "masked:";

  // `key` is not used when nothing is hashed.
  RecordMask(const std::vector<MaskedField>& fields, std::string_view key, std::string_view tenant);

  // Replaces `out` by the masked record. `record` is a JSON object that has been walked.
  // Complexity: linear in the record, whatever its depth, with a search for each object and list on a path.
  void Apply(std::string_view record, std::string& out) const;

  // The text of a masked value, without quotes. `value` is unescaped.
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

using TenantMasks = StringMap<RecordMask>;  // by tenant, canonical

// The masks of those tenants that want some. `key_file` holds the operator's key, 16 bytes or more.
// Failure: InvalidArgument when a tenant hashes and there is no good key; the key is in no message.
absl::StatusOr<std::shared_ptr<const TenantMasks>> MakeTenantMasks(
    const std::vector<TenantSettings>& tenants, const std::string& key_file);

}  // namespace picket::parser
