#pragma once

// Encodes the state of a correlator as rows of the topic `state`, and rebuilds groups from rows.
//
//   key                                       value, after one byte with the version of the format
//   tenant|watermark                          the tenant's event time
//   tenant|correlation|group|head             names, episodes, recent events and times of a group
//   tenant|correlation|group|start            the events of a bucket (event_count)
//   tenant|correlation|group|start.part       up to 512 values of a bucket (value_count)
//
// In the keys, `correlation` is Correlations::Entry::hash, `group` consists of the 32 hex digits of
// the hash of the group-by values, and `start` is the first millisecond of the bucket. An empty
// value is a tombstone.
// Threads: all functions are pure. Failure: a row that cannot be decoded is reported to the caller,
// which counts the row.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "detector/correlation/correlation_groups.h"
#include "detector/correlation/correlations.h"

namespace picket::detector::correlation {

// Returns "tenant|correlation|group|", the prefix of all keys of the group.
std::string GroupPrefix(const Group& group);

Row WatermarkRow(const Tenant& tenant);
// Decodes the value of a watermark row. Returns false if the value is invalid.
bool DecodeWatermark(std::string_view value, int64_t* watermark);

// Sets `tenant` to the tenant in the key of a row, and `is_watermark` to whether the row contains
// the tenant's watermark. Returns false if the key has no tenant.
bool SplitTenant(std::string_view key, std::string_view* tenant, bool* is_watermark);

std::string HeadKey(std::string_view group_prefix);
std::string EncodeHead(const Group& group);
// Decodes the value of a head row into `group`. Returns false if the value is invalid. In that
// case, some members of `group` may have changed.
bool DecodeHead(std::string_view value, Group* group);

// Returns the key of the row that stores a bucket or a part of a bucket (see GroupWindow).
std::string BucketKey(const Group& group, std::string_view group_prefix, int64_t bucket,
                      uint32_t part);
std::string EncodeBucket(const Group& group, int64_t bucket, uint32_t part);

// Calls `visit` with the key of each row of the buckets below `below_bucket`.
void ForEachBucketKey(const Group& group, int64_t below_bucket,
                      absl::FunctionRef<void(std::string_view key)> visit);

// Appends all rows of a group to `rows`.
void AppendRows(const Group& group, std::vector<Row>* rows);

// Builds the groups of the correlations in `specs` from `rows`, and adds the groups to `tenant`.
// Afterwards, `rows` contains only the rows of other correlations. Drops rows that cannot be
// decoded, and returns the number of dropped rows.
int64_t RestoreGroups(const Specs& specs, std::vector<Row>* rows, Tenant* tenant);

}  // namespace picket::detector::correlation
