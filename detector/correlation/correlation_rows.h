#pragma once

// The rows of the topic `state`: the keys and values that a correlator writes, and how groups are
// rebuilt from them.
//
//   key                                       value, after one byte with the version of the format
//   tenant|watermark                          the tenant's event time
//   tenant|correlation|group|head             names, episodes, recent events and times of a group
//   tenant|correlation|group|start            event_count: the events of a bucket
//   tenant|correlation|group|start.part       value_count: up to 512 values of a bucket
//
// `correlation` is the hash of Correlations::Entry, `group` the 32 hex digits of the group-by hash,
// `start` the first millisecond of the bucket. An empty value is a tombstone.
// Threads: pure functions. Failure: a row that cannot be decoded is reported to the caller, who
// counts it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "detector/correlation/correlation_groups.h"
#include "detector/correlation/correlations.h"

namespace picket::detector::correlation {

// "tenant|correlation|group|", the prefix of all keys of the group.
std::string GroupPrefix(const Group& group);

Row WatermarkRow(const Tenant& tenant);
// Returns false if it cannot be decoded.
bool DecodeWatermark(std::string_view value, int64_t* watermark);

// The tenant of a row, and whether it is the row of its watermark. Returns false if the key has no
// tenant.
bool SplitTenant(std::string_view key, std::string_view* tenant, bool* is_watermark);

std::string HeadKey(std::string_view group_prefix);
std::string EncodeHead(const Group& group);
// Returns false if EncodeHead did not write this value; the group may then have been changed.
bool DecodeHead(std::string_view value, Group* group);

// A bucket, or a part of one (see GroupWindow).
std::string BucketKey(const Group& group, std::string_view group_prefix, int64_t bucket,
                      uint32_t part);
std::string EncodeBucket(const Group& group, int64_t bucket, uint32_t part);

// The keys of the rows of all buckets below `bucket`.
void ForEachBucketKey(const Group& group, int64_t below_bucket,
                      absl::FunctionRef<void(std::string_view key)> visit);

// Appends all rows of a group.
void AppendRows(const Group& group, std::vector<Row>* rows);

// Builds the groups of known correlations from `rows`, which keeps the rows of all other
// correlations. Returns the number of rows that could not be decoded; these are dropped.
int64_t RestoreGroups(const Specs& specs, std::vector<Row>* rows, Tenant* tenant);

}  // namespace picket::detector::correlation
