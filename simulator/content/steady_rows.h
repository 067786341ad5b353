#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "simulator/content/body_source.h"
#include "simulator/content/record_digest.h"
#include "simulator/content/steady_content.h"

namespace picket::simulator {

// Returns the digests of the records of a JSON array.
std::vector<RecordDigest> DigestsOf(std::string_view body);

// Returns the rows of the publish log for the steady content of these tenants that was created from
// `from` to before `to`, ordered by tenant, type and time. The rows are generated while they are
// read. Lifetime: `steady` must outlive the source.
std::unique_ptr<BodySource> SteadyRows(const SteadyContent& steady,
                                       std::vector<std::string> tenants, absl::Time from,
                                       absl::Time to);

}  // namespace picket::simulator
