#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "common/strings.h"
#include "simulator/faults/fault.h"

namespace picket::simulator {

// The properties by which a fault selects a request or a publication.
struct FaultSubject {
  RequestKind kind = RequestKind::kOther;
  std::string_view tenant;  // id
  std::string_view domain;
  std::string_view content_type;  // empty if the request concerns no content type
  // The number of the blob, which is the same in each run with the same seed.
  std::optional<uint64_t> blob;
  // How often the blob was requested before.
  uint64_t attempt = 0;
};

// Copies of the faults that affect one request or publication, in the order in which they were
// added.
class FaultHits {
 public:
  void Add(const Fault& fault) { faults_.push_back(fault); }
  // Returns the fault of this kind that was added last, or null.
  const Fault* Find(FaultKind kind) const;
  // Returns the fault that replaces the answer or breaks its delivery, or null.
  const Fault* Exclusive() const;

 private:
  std::vector<Fault> faults_;
};

// Returns true if faults of this kind replace the answer or break its delivery. Only one such fault
// affects a request, namely the first that was added to the script. Only this fault counts the hit.
bool IsExclusive(FaultKind kind);

// Contains the faults that a simulator injects, and decides which requests they affect. The
// decisions of a fault without `count` depend on its seed and on the subject, and not on the order
// in which the requests of different tenants arrive. A blob's attempts are numbered, so the
// decisions about a blob do not depend on other blobs either.
// Threads: One thread at a time. Memory: a counter for each fault, tenant, type and kind of
// request, and the chosen blobs of faults with per=blob and a count.
class FaultScript {
 public:
  struct Entry {
    uint64_t id;
    Fault fault;
    absl::Time added;
    uint64_t hits = 0;
    bool active = false;
  };

  // Returns the id of the added fault.
  uint64_t Add(Fault fault, absl::Time now);
  // Returns false if there is no fault with this id.
  bool Remove(uint64_t id);
  void Clear();
  std::vector<Entry> List(absl::Time now) const;
  bool empty() const { return faults_.empty(); }

  // Returns the faults that affect a request, and counts the hits.
  FaultHits HitRequest(const FaultSubject& subject, absl::Time now);
  // Returns the faults that affect the publication of a blob.
  FaultHits HitPublication(const FaultSubject& subject, absl::Time now);
  // Returns the faults that happen once and whose span has begun since the last call. With
  // `every`, a fault is returned at each beginning.
  std::vector<Fault> TakeBegun(absl::Time now);
  // Returns the fault of this kind that affects this tenant now and was added last, or null. Does
  // not count a hit. The pointer is valid until the script changes.
  const Fault* FindActive(FaultKind kind, std::string_view tenant, std::string_view domain,
                          absl::Time now) const;
  // Returns the sum of the clock skews that affect this tenant. Does not count hits.
  absl::Duration ClockSkew(std::string_view tenant, std::string_view domain, absl::Time now) const;

 private:
  struct State {
    Fault fault;
    absl::Time added;
    uint64_t hits = 0;
    int64_t next_beginning = 0;         // index of the next beginning
    StringMap<uint64_t> subject_count;  // requests by tenant, type and kind
    absl::flat_hash_set<uint64_t> blobs;
  };

  static bool IsActive(const State& state, absl::Time now);
  FaultHits Hit(FaultMoment moment, const FaultSubject& subject, absl::Time now);

  std::map<uint64_t, State> faults_;
  uint64_t next_id_ = 1;
};

}  // namespace picket::simulator
