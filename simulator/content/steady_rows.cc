#include "simulator/content/steady_rows.h"

#include <array>
#include <optional>
#include <utility>

#include "simulator/content/published_blob.h"

namespace picket::simulator {
namespace {

constexpr std::array<std::string_view, 5> kSteadyTypes = {
    "Audit.AzureActiveDirectory", "Audit.Exchange", "Audit.SharePoint", "Audit.General", "DLP.All"};

// The steady content's rows of all tenants, ordered by tenant, type and time.
class SteadyRowSource final : public BodySource {
 public:
  SteadyRowSource(const SteadyContent& steady, std::vector<std::string> tenants, absl::Time from,
                  absl::Time to)
      : steady_(steady), tenants_(std::move(tenants)), from_(from), to_(to) {}

  std::string_view Next() override {
    while (tenant_ < tenants_.size()) {
      const std::string& tenant = tenants_[tenant_];
      const std::string_view type = kSteadyTypes[type_];
      if (!number_.has_value()) number_ = steady_.FirstAt(tenant, type, from_);
      if (steady_.Created(tenant, type, *number_) < to_) {
        PublishedBlob blob;
        blob.tenant = tenant;
        blob.content_type = std::string(type);
        blob.content_id = steady_.Id(tenant, type, *number_);
        blob.created = steady_.Created(tenant, type, *number_);
        const std::string body = steady_.Body(tenant, type, *number_);
        blob.bytes = body.size();
        blob.records = DigestsOf(body);
        row_ = PublishedRow(blob);
        ++*number_;
        return row_;
      }
      number_.reset();
      if (++type_ == kSteadyTypes.size()) {
        type_ = 0;
        ++tenant_;
      }
    }
    return {};
  }

 private:
  const SteadyContent& steady_;
  const std::vector<std::string> tenants_;
  const absl::Time from_;
  const absl::Time to_;
  size_t tenant_ = 0;
  size_t type_ = 0;
  std::optional<uint64_t> number_;
  std::string row_;
};

}  // namespace

std::vector<RecordDigest> DigestsOf(std::string_view body) {
  RecordDigester digester;
  digester.Add(body);
  return digester.Take();
}

std::unique_ptr<BodySource> SteadyRows(const SteadyContent& steady,
                                       std::vector<std::string> tenants, absl::Time from,
                                       absl::Time to) {
  return std::make_unique<SteadyRowSource>(steady, std::move(tenants), from, to);
}

}  // namespace picket::simulator
