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
#include "simulator/token_endpoint.h"

namespace picket::simulator {

// Settings for the behaviour of the cloud. Some of this behaviour is not documented by Microsoft.
// simulator/README.md lists what the simulator assumes instead.
struct CloudOptions {
  uint64_t seed = 1;
  int page_size = 100;
  absl::Duration token_lifetime = absl::Seconds(3599);
  // The time for which a blob can be retrieved. A value below Microsoft's seven days limits the
  // memory of a simulator that runs for a long time.
  absl::Duration retention = absl::Hours(7 * 24);
  // Requests per minute and tenant; 0 disables the quota. All calls without PublisherIdentifier
  // share one quota.
  int quota_per_minute = 2000;
  // The HTTP status of responses with the code AF429, either 403 or 429.
  int throttle_status = 403;
  // Rejects requests that the real API accepts but a good collector never sends: a call without
  // PublisherIdentifier, or a page link whose parameter names have changed case.
  bool strict = false;
};

// Faults to inject. A member of type int is the number of requests that the fault will still
// affect. A member `…_share` is the fraction of the requests that the fault affects. The seed
// determines the affected requests.
struct Faults {
  int server_errors = 0;     // number of API calls answered with 500 AF50000
  int edge_errors = 0;       // number of calls answered with 503 and an HTML body, as by a proxy
  int truncated_bodies = 0;  // number of responses to blob requests that end halfway
  int stalled_bodies = 0;    // number of responses to blob requests that pause halfway for `stall`
  double server_error_share = 0;
  double truncated_share = 0;
  double stalled_share = 0;
  absl::Duration stall = absl::Seconds(30);
  bool bad_content_uri = false;    // whether contentUri has an unusable host, scheme and path
  bool duplicate_entries = false;  // whether every blob is listed twice
};

enum class RequestKind { kToken, kStart, kStop, kSubscriptions, kContent, kBlob, kOther };
std::string_view RequestKindName(RequestKind kind);

// The number of requests, by kind and result. The result is "ok", an AF or AADSTS code, or the HTTP
// status if there is no code.
using RequestCounts = std::map<std::pair<RequestKind, std::string>, uint64_t>;

// Simulates the parts of Microsoft 365 that a collector uses: the token endpoint and the Management
// Activity API of several tenants.
// Threads: any. One lock guards all state. Lifetime: `clock` must outlive the cloud.
// Failure: the cloud cannot fail. If a request is invalid, its response reports the error.
class Cloud {
 public:
  Cloud(CloudOptions options, std::vector<Tenant> tenants, const Clock& clock);

  HttpResponse Handle(const HttpRequest& request);

  // Makes a blob available from now on. Returns the content id of the blob, or an empty string if
  // the tenant or the content type is unknown. The blob's contentCreated is the current time minus
  // `listed_late`. The real API lists some blobs after newer blobs; a positive `listed_late`
  // simulates such a blob.
  std::string Publish(std::string_view tenant, std::string_view content_type, std::string body,
                      absl::Duration listed_late = absl::ZeroDuration());
  // Makes the API answer requests for this blob with AF20051 (content expired). The API still lists
  // the blob.
  void Expire(std::string_view tenant, std::string_view content_id);
  // Disables the subscription, as an administrator of the tenant can do. Until the subscription is
  // started again, listing is answered with AF20023 (subscription disabled).
  void DisableSubscription(std::string_view tenant, std::string_view content_type);

  void SetFaults(const Faults& faults);
  RequestCounts Counts() const;
  const std::vector<Tenant>& tenants() const { return tenants_; }
  uint64_t blobs_published() const;
  // Returns the number of blobs that were served completely at least once.
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
    // The periods in which the subscription was stopped. Blobs created in them are never listed.
    std::vector<std::pair<absl::Time, absl::Time>> gaps;
  };
  struct Account {
    const Tenant* tenant;
    // The blobs of each content type, ordered by `created` and then by `sequence`.
    std::map<std::string_view, std::deque<std::shared_ptr<Blob>>> listed;
    StringMap<std::shared_ptr<Blob>> by_id;
    std::map<std::string_view, Subscription> subscriptions;
  };
  struct Bucket {
    double tokens;
    absl::Time filled;
  };
  struct Call;

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
  HttpResponse CountToken(TokenEndpoint::Answer answer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  HttpResponse Reject(RequestKind kind, int status, std::string_view code, std::string_view message)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool TryAcquireQuota(const std::string& bucket, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  std::optional<HttpResponse> NextFault(RequestKind kind) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool Hit(int& count, double share) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Count(RequestKind kind, std::string_view result) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const CloudOptions options_;
  const std::vector<Tenant> tenants_;
  const Clock& clock_;

  mutable Mutex mu_;
  StringMap<Account> accounts_ ABSL_GUARDED_BY(mu_);
  StringMap<Bucket> buckets_ ABSL_GUARDED_BY(mu_);
  Faults faults_ ABSL_GUARDED_BY(mu_);
  Random chance_ ABSL_GUARDED_BY(mu_);
  TokenEndpoint tokens_ ABSL_GUARDED_BY(mu_);
  RequestCounts counts_ ABSL_GUARDED_BY(mu_);
  uint64_t next_sequence_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t blobs_served_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace picket::simulator
