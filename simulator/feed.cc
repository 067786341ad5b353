#include "simulator/feed.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "simulator/records_file.h"
#include "simulator/workday.h"

namespace picket::simulator {
namespace {

// kLiveSpan is the period for which continuous work is generated in advance. kLiveInterval is the
// interval at which blobs of continuous work are published.
constexpr absl::Duration kLiveSpan = absl::Minutes(4);
constexpr absl::Duration kLiveInterval = absl::Seconds(1);

void Append(PlannedBlob& blob, std::string_view json, std::string id) {
  blob.body += blob.records == 0 ? "[" : ",";
  blob.body += json;
  ++blob.records;
  if (!id.empty()) blob.ids.push_back(std::move(id));
}

}  // namespace

std::vector<PlannedBlob> PlanBlobs(std::string_view tenant, std::vector<AuditRecord> records,
                                   int blob_records, bool varying, uint64_t seed) {
  struct Open {
    PlannedBlob blob;
    int64_t full = 0;
  };
  Random random(SeedFor(seed, tenant));
  std::vector<PlannedBlob> blobs;
  std::map<std::string_view, Open> open;
  const auto close = [&](Open& of) {
    of.blob.body += "]";
    blobs.push_back(std::move(of.blob));
    of.blob = PlannedBlob();
  };
  for (AuditRecord& record : records) {
    Open& of = open[record.content_type];
    if (of.blob.records == 0) {
      of.full = varying ? random.Between(1, 2 * blob_records - 1) : blob_records;
      of.blob.tenant = tenant;
      of.blob.content_type = record.content_type;
    }
    Append(of.blob, record.json, std::move(record.id));
    std::string().swap(record.json);
    if (of.blob.records >= of.full) close(of);
  }
  for (auto& [type, of] : open) {
    if (of.blob.records > 0) close(of);
  }
  return blobs;
}

Feed::Feed(Cloud& cloud, FeedOptions options, Clock& clock)
    : cloud_(cloud),
      options_(std::move(options)),
      clock_(clock),
      random_(SeedFor(options_.seed, "feed")) {}

Feed::~Feed() = default;

absl::StatusOr<std::unique_ptr<Feed>> Feed::Make(Cloud& cloud, FeedOptions options, Clock& clock) {
  auto feed = std::unique_ptr<Feed>(new Feed(cloud, std::move(options), clock));
  if (feed->options_.records_file.empty()) {
    feed->Generate();
  } else {
    RETURN_IF_ERROR(feed->ReadFile());
  }
  return feed;
}

void Feed::Generate() {
  std::vector<std::vector<PlannedBlob>> by_tenant;
  WorkdayOptions day_options;
  day_options.seed = options_.seed;
  day_options.records = options_.records_per_tenant;
  day_options.campaigns = options_.campaigns;
  day_options.near_misses = options_.near_misses;
  day_options.end = clock_.Now();
  day_options.length = options_.day;
  for (const Tenant& tenant : cloud_.tenants()) {
    Workday day = SimulateWorkday(tenant, day_options);
    {
      MutexLock lock(mu_);
      std::move(day.expected.begin(), day.expected.end(), std::back_inserter(expected_));
      next_campaign_ = options_.campaigns;
    }
    // Adds copies of some records. A copy becomes available at least 30 minutes after its original,
    // so that it usually belongs to a later blob.
    if (options_.republished_share > 0) {
      Random random(SeedFor(options_.seed, "republished " + tenant.id));
      std::vector<AuditRecord> copies;
      for (const AuditRecord& record : day.records) {
        if (!random.Chance(options_.republished_share)) continue;
        copies.push_back(record);
        copies.back().available += absl::Minutes(random.Between(30, 200));
      }
      std::move(copies.begin(), copies.end(), std::back_inserter(day.records));
      std::stable_sort(
          day.records.begin(), day.records.end(),
          [](const AuditRecord& a, const AuditRecord& b) { return a.available < b.available; });
    }
    by_tenant.push_back(PlanBlobs(tenant.id, std::move(day.records), options_.blob_records,
                                  /*varying=*/true, options_.seed));
  }
  Enqueue(std::move(by_tenant));
}

absl::Status Feed::ReadFile() {
  ASSIGN_OR_RETURN(const std::vector<FileRecord> records, ReadRecordsFile(options_.records_file));
  if (records.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(options_.records_file, ": the file contains no record"));
  }
  const std::vector<Tenant>& tenants = cloud_.tenants();
  StringMap<size_t> index;
  for (size_t i = 0; i < tenants.size(); ++i) index[tenants[i].id] = i;

  std::vector<std::vector<PlannedBlob>> by_tenant(tenants.size());
  std::vector<std::map<std::string, PlannedBlob>> open(tenants.size());
  const int64_t total =
      options_.total_records > 0 ? options_.total_records : static_cast<int64_t>(records.size());
  // Records without a tenant of this cloud go to one tenant until the tenant's blob is full, and
  // then to the next tenant. For each content type, `turn` contains the tenant that receives such
  // records.
  std::map<std::string, size_t> turn;
  size_t next_turn = 0;
  for (int64_t n = 0; n < total; ++n) {
    const FileRecord& record = records[n % records.size()];
    const int64_t lap = n / static_cast<int64_t>(records.size());
    const auto known = index.find(record.tenant);
    size_t tenant = 0;
    if (known != index.end()) {
      tenant = known->second;
    } else {
      const auto [it, inserted] = turn.try_emplace(record.content_type, next_turn);
      if (inserted) next_turn = (next_turn + 1) % tenants.size();
      tenant = it->second;
    }
    std::string json = record.json;
    std::string id = record.id;
    // Each repetition of the file (`lap` > 0) gives the records new Ids. Records that share an Id
    // in the file also share the new Id, so they remain duplicates of each other.
    if (lap > 0 && record.id_at != std::string::npos) {
      const std::string guid = Random(SeedFor(static_cast<uint64_t>(lap), id)).Guid();
      json.replace(record.id_at, id.size(), guid);
    }
    if (known == index.end() && record.tenant_at != std::string::npos) {
      // A new Id has 36 characters. If the old Id had another length, its replacement has shifted
      // everything after it in the JSON text, which may include the tenant's id.
      const size_t moved =
          lap > 0 && record.id_at != std::string::npos && record.tenant_at > record.id_at
              ? 36 - id.size()
              : 0;
      json.replace(record.tenant_at + moved, record.tenant_length, tenants[tenant].id);
    }
    if (lap > 0 && !id.empty()) id = Random(SeedFor(static_cast<uint64_t>(lap), id)).Guid();
    PlannedBlob& blob = open[tenant][record.content_type];
    blob.tenant = tenants[tenant].id;
    blob.content_type = record.content_type;
    Append(blob, json, std::move(id));
    if (blob.records >= options_.blob_records) {
      blob.body += "]";
      by_tenant[tenant].push_back(std::move(blob));
      blob = PlannedBlob();
      turn.erase(record.content_type);
    }
  }
  for (size_t i = 0; i < open.size(); ++i) {
    for (auto& [type, blob] : open[i]) {
      if (blob.records == 0) continue;
      blob.body += "]";
      by_tenant[i].push_back(std::move(blob));
    }
  }
  Enqueue(std::move(by_tenant));
  return absl::OkStatus();
}

void Feed::Enqueue(std::vector<std::vector<PlannedBlob>> by_tenant) {
  int64_t total = 0;
  std::vector<std::pair<double, PlannedBlob>> line;
  for (std::vector<PlannedBlob>& blobs : by_tenant) {
    int64_t of_tenant = 0;
    for (const PlannedBlob& blob : blobs) of_tenant += blob.records;
    int64_t so_far = 0;
    for (PlannedBlob& blob : blobs) {
      so_far += blob.records;
      line.emplace_back(static_cast<double>(so_far) / static_cast<double>(of_tenant),
                        std::move(blob));
    }
    total += of_tenant;
  }
  std::stable_sort(line.begin(), line.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  const absl::Duration whole =
      options_.records_per_second > 0
          ? absl::Seconds(static_cast<double>(total) / options_.records_per_second)
          : absl::ZeroDuration();
  MutexLock lock(mu_);
  records_planned_ += static_cast<uint64_t>(total);
  for (auto& [share, blob] : line) {
    blob.due = whole * share;
    queue_.push_back(std::move(blob));
  }
}

void Feed::GenerateLive(absl::Time from) {
  const double rate = options_.records_per_second > 0 ? options_.records_per_second : 50;
  WorkdayOptions day_options;
  day_options.seed = options_.seed;
  day_options.records = static_cast<int64_t>(rate * absl::ToDoubleSeconds(kLiveSpan) /
                                             static_cast<double>(cloud_.tenants().size()));
  day_options.campaigns = options_.campaigns > 0 ? 1 : 0;
  day_options.near_misses = false;
  day_options.length = kLiveSpan;
  day_options.end = from + kLiveSpan;
  // At this scale, a story of ninety minutes takes three minutes.
  day_options.story_scale = 1.0 / 30;
  day_options.usual_delay = absl::Seconds(10);
  day_options.first_campaign = next_campaign_++;
  std::vector<PlannedBlob> live;
  for (const Tenant& tenant : cloud_.tenants()) {
    Workday day = SimulateWorkday(tenant, day_options);
    std::move(day.expected.begin(), day.expected.end(), std::back_inserter(expected_));
    records_planned_ += day.records.size();
    size_t begin = 0;
    while (begin < day.records.size()) {
      const absl::Duration due = absl::Ceil(day.records[begin].available - from, kLiveInterval);
      size_t end = begin;
      while (end < day.records.size() && day.records[end].available - from <= due) ++end;
      std::vector<AuditRecord> tick(std::make_move_iterator(day.records.begin() + begin),
                                    std::make_move_iterator(day.records.begin() + end));
      for (PlannedBlob& blob : PlanBlobs(tenant.id, std::move(tick), options_.blob_records,
                                         /*varying=*/false, options_.seed)) {
        blob.due = due;
        live.push_back(std::move(blob));
      }
      begin = end;
    }
  }
  std::stable_sort(live.begin(), live.end(),
                   [](const PlannedBlob& a, const PlannedBlob& b) { return a.due < b.due; });
  std::move(live.begin(), live.end(), std::back_inserter(queue_));
}

void Feed::Publish(PlannedBlob blob) {
  records_published_ += static_cast<uint64_t>(blob.records);
  if (!options_.forever) {
    std::vector<std::string>& ids = published_ids_[blob.tenant];
    StringSet& known = known_ids_[blob.tenant];
    for (std::string& id : blob.ids) {
      if (known.insert(id).second) ids.push_back(std::move(id));
    }
  }
  const absl::Duration late = random_.Chance(options_.listed_late_share)
                                  ? absl::Seconds(random_.Between(5, 300))
                                  : absl::ZeroDuration();
  cloud_.Publish(blob.tenant, blob.content_type, std::move(blob.body), late);
}

void Feed::Start() {
  if (options_.records_per_second <= 0) {
    MutexLock lock(mu_);
    for (PlannedBlob& blob : queue_) Publish(std::move(blob));
    queue_.clear();
    if (!options_.forever) return;
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

void Feed::Run(const std::stop_token& stop) {
  absl::Time start = clock_.Now();
  while (!stop.stop_requested()) {
    absl::Duration wait = absl::ZeroDuration();
    {
      MutexLock lock(mu_);
      const absl::Time now = clock_.Now();
      while (!queue_.empty() && start + queue_.front().due <= now) {
        Publish(std::move(queue_.front()));
        queue_.pop_front();
      }
      if (queue_.empty()) {
        if (!options_.forever) return;
        start = now;
        GenerateLive(now);
        continue;
      }
      wait = start + queue_.front().due - now;
    }
    // Each wait is limited to a second, so that an adjustment of the clock does not stop the feed.
    clock_.Wait(std::min(wait, absl::Seconds(1)), stop);
  }
}

std::vector<ExpectedAlert> Feed::Expected() const {
  MutexLock lock(mu_);
  return expected_;
}

std::map<std::string, std::vector<std::string>> Feed::PublishedIds() const {
  MutexLock lock(mu_);
  return published_ids_;
}

uint64_t Feed::records_published() const {
  MutexLock lock(mu_);
  return records_published_;
}

uint64_t Feed::records_planned() const {
  MutexLock lock(mu_);
  return records_planned_;
}

bool Feed::AllPublished() const {
  MutexLock lock(mu_);
  return !options_.forever && queue_.empty();
}

}  // namespace picket::simulator
