#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "common/strings.h"
#include "simulator/http.h"
#include "simulator/random.h"
#include "simulator/tenant.h"
#include "simulator/token_issuer.h"

namespace picket::simulator {

// How the cloud behaves; what Microsoft does not document is our assumption and says so in README.md.
struct CloudOptions {
  uint64_t seed = 1;
  int page_size = 100;
  absl::Duration token_lifetime = absl::Seconds(3599);
  // How long a blob can be retrieved. Shorter than Microsoft's week bounds the memory of a simulator that runs on and on.
  absl::Duration retention = absl::Hours(7 * 24);
  // Requests a minute and tenant; calls without PublisherIdentifier share one such bucket. 0 = no quota.
  int quota_per_minute = 2000;
  // AF429 comes as 403 or as 429.
  int throttle_status = 403;
  // Refuses what the real API lets pass but a good collector never does: a call without PublisherIdentifier, and a
  // followed page link whose parameter names are not in the case in which they were served.
  bool strict = false;
};

// What goes wrong. The counts go down with each request they hit; a share hits that part of the requests, by seed.
struct Faults {
  int server_errors = 0;     // 500 AF50000 on any API call
  int edge_errors = 0;       // 503 with HTML, as from a proxy in front
  int truncated_bodies = 0;  // blobs that end half-way
  int stalled_bodies = 0;    // blobs that stop half-way for `stall`
  double server_error_share = 0;
  double truncated_share = 0;
  double stalled_share = 0;
  absl::Duration stall = absl::Seconds(30);
  bool bad_content_uri = false;    // contentUri names a host, scheme and path that cannot be used
  bool duplicate_entries = false;  // every listed blob is listed twice
};

enum class RequestKind { kToken, kStart, kStop, kSubscriptions, kContent, kBlob, kOther };
std::string_view RequestKindName(RequestKind kind);

// How many requests of a kind ended how: "ok", an AF or AADSTS code, or the HTTP status where there is no code.
using RequestCounts = std::map<std::pair<RequestKind, std::string>, uint64_t>;

// Microsoft 365 as a collector sees it: the token endpoint and the Management Activity API of several tenants.
// Threads: any; one lock. Lifetime: `clock` must outlive it.
// Failure: a request is never an error here; what is wrong with it is in the response.
class Cloud {
 public:
  Cloud(CloudOptions options, std::vector<Tenant> tenants, const Clock& clock);

  HttpResponse Handle(const HttpRequest& request);

  // Makes a blob available from now on. With `listed_late`, contentCreated lies that long in the past, as of a blob that
  // the real API lists after newer ones. The content id; empty when the tenant is unknown.
  std::string Publish(std::string_view tenant, std::string_view content_type, std::string body,
                      absl::Duration listed_late = absl::ZeroDuration());
  // From now on the blob is listed as before, but answers AF20051.
  void Expire(std::string_view tenant, std::string_view content_id);
  // As by an administrator of the tenant: AF20023 until it is started again.
  void DisableSubscription(std::string_view tenant, std::string_view content_type);

  void SetFaults(const Faults& faults);
  RequestCounts Counts() const;
  const std::vector<Tenant>& tenants() const { return tenants_; }
  // Bytes and number of the blobs that are available now.
  uint64_t blobs_published() const;
  // Blobs that were served whole at least once.
  uint64_t blobs_served() const;

 private:
  struct Blob {
    absl::Time created;
    uint64_t sequence;
    std::string id;
    std::string_view content_type;
    std::shared_ptr<const std::string> body;
    bool expired = false;
    bool served = false;
  };
  struct Subscription {
    enum class State { kNone, kEnabled, kDisabled, kStopped };
    State state = State::kNone;
    // What became available between a stop and the next start is never listed.
    std::vector<std::pair<absl::Time, absl::Time>> gaps;
  };
  struct Account {
    const Tenant* tenant;
    // In the order of availability: created, then sequence.
    std::map<std::string_view, std::deque<std::shared_ptr<Blob>>> listed;
    StringMap<std::shared_ptr<Blob>> by_id;
    std::map<std::string_view, Subscription> subscriptions;
  };
  struct Bucket {
    double tokens;
    absl::Time filled;
  };
  struct Call;

  // In token_endpoint.cc.
  HttpResponse HandleToken(const HttpRequest& request, std::string_view tenant, bool v2,
                           absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse RefuseToken(int status, std::string_view error, int code, std::string_view message,
                           absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  HttpResponse HandleApi(const HttpRequest& request, std::string_view path, std::string_view query,
                         absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Start(Account& account, const Call& call, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Stop(Account& account, const Call& call, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse ListSubscriptions(Account& account) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse ListContent(Account& account, const Call& call, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Retrieve(Account& account, std::string_view content_id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Refuse(RequestKind kind, int status, std::string_view code, std::string_view message)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool TakeQuota(const std::string& bucket, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::optional<HttpResponse> FaultOf(RequestKind kind) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool Hit(int& count, double share) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Count(RequestKind kind, std::string_view result) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  const Tenant* FindTenant(std::string_view id_or_domain) const;

  const CloudOptions options_;
  const std::vector<Tenant> tenants_;
  const Clock& clock_;

  mutable Mutex mu_;
  StringMap<Account> accounts_ ABSL_GUARDED_BY(mu_);
  TokenIssuer issuer_ ABSL_GUARDED_BY(mu_);
  StringMap<Bucket> buckets_ ABSL_GUARDED_BY(mu_);
  Faults faults_ ABSL_GUARDED_BY(mu_);
  Random chance_ ABSL_GUARDED_BY(mu_);
  RequestCounts counts_ ABSL_GUARDED_BY(mu_);
  uint64_t next_sequence_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t blobs_served_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace picket::simulator
