#pragma once

// The mapping of an audit record to an OCSF class and activity. The rows are in
// model/operation_rows.h. The normaliser, the coverage report of rules and `picket mapping` use the
// mapping.

#include <cstdint>
#include <string_view>

#include "model/operation_rows.h"

namespace picket {

// Incremented whenever the content of events changes. Every event contains it. docs/normalising.md
// lists what each version changed.
inline constexpr std::string_view kMappingVersion = "5";

// How the mapping of an operation was found.
enum class MappedBy : uint8_t { kRow, kCmdletVerb, kVerb, kNothing };
struct Mapping {
  int32_t class_uid;
  uint8_t activity_id;
  Subject subject;
  uint8_t severity_id;
  MappedBy by;
  std::string_view label;
  std::string_view detail;
};

// Maps an operation by its row or, if there is no row, by its record type and its verb.
// `has_resource` is true if the record has an ObjectId or a URL. In this case a verb refers to a
// web resource and not to an API call. Makes no allocation.
// Complexity: One hash lookup if there is a row.
Mapping MapOperation(std::string_view workload, std::string_view operation, int32_t record_type,
                     bool has_resource);

}  // namespace picket
