#include "tests/stay_up/steady_flow.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/strings.h"
#include "simulator/random.h"
#include "simulator/tenant.h"

namespace picket {

SteadyFlow::SteadyFlow(simulator::Cloud& cloud, absl::Duration interval) : cloud_(cloud) {
  thread_ = std::jthread([this, interval](const std::stop_token& stop) { Run(stop, interval); });
}

void SteadyFlow::Run(const std::stop_token& stop, absl::Duration interval) {
  simulator::Random random(20'261);
  const std::vector<simulator::Tenant>& tenants = cloud_.tenants();
  const absl::Duration pause = interval / static_cast<double>(tenants.size());
  for (size_t n = 0; !stop.stop_requested(); ++n) {
    const simulator::Tenant& tenant = tenants[n % tenants.size()];
    const std::string id = random.Guid();
    const std::string now = absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::Now(), absl::UTCTimeZone());
    cloud_.Publish(
        tenant.id, simulator::kSharePoint,
        absl::StrCat(
            R"([{"Id":")", id, R"(","CreationTime":")", now, R"(","OrganizationId":")", tenant.id,
            R"(","RecordType":6,"Workload":"SharePoint","Operation":"PageViewed","UserType":0,)",
            R"("UserKey":"steady","UserId":"steady@)", tenant.domain,
            R"(","ClientIP":"203.0.113.7","ObjectId":"https://)", tenant.domain,
            R"(/sites/steady","EventSource":"SharePoint","ItemType":"Page"}])"));
    {
      MutexLock lock(mu_);
      published_[tenant.id].push_back(id);
    }
    absl::SleepFor(pause);
  }
}

void SteadyFlow::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

PublishedIds SteadyFlow::Published() const {
  MutexLock lock(mu_);
  return published_;
}

}  // namespace picket
