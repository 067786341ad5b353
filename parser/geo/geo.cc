#include "parser/geo/geo.h"

#include <arpa/inet.h>
#include <simdjson.h>
#include <sys/stat.h>

#include <array>
#include <cmath>
#include <cstring>
#include <span>

#include "common/file.h"
#include "common/json_writer.h"
#include "common/log.h"
#include "common/status_macros.h"

namespace picket::parser {
namespace {

constexpr int64_t kCheckIntervalNs = 1'000'000'000;
constexpr off_t kLargestFile = off_t{2} << 30;
constexpr size_t kLongestText = 256;

int64_t SteadyNs() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

// Returns true if the address belongs to a private network or to the machine itself, or is
// otherwise not a public address. No database contains such an address.
bool IsPrivate(std::span<const uint8_t> a) {
  if (a.size() == 4) {
    return a[0] == 0 || a[0] == 10 || a[0] == 127 || a[0] >= 224 ||
           (a[0] == 100 && (a[1] & 0xc0) == 64) || (a[0] == 169 && a[1] == 254) ||
           (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168);
  }
  bool zeros = true;
  for (size_t i = 0; i < 15; ++i) zeros &= a[i] == 0;
  return (zeros && a[15] <= 1) || (a[0] & 0xfe) == 0xfc || a[0] == 0xff ||
         (a[0] == 0xfe && (a[1] & 0xc0) == 0x80);
}

// Stores the bytes of an address in `bytes` and returns a view of them. Returns an empty span if
// the text is not an address.
std::span<const uint8_t> ParseIp(std::string_view ip, std::array<uint8_t, 16>& bytes) {
  char text[48];
  if (ip.size() >= sizeof(text)) return {};
  std::memcpy(text, ip.data(), ip.size());
  text[ip.size()] = '\0';
  if (inet_pton(AF_INET, text, bytes.data()) == 1) return {bytes.data(), 4};
  if (inet_pton(AF_INET6, text, bytes.data()) == 1) return {bytes.data(), 16};
  return {};
}

// The values of all databases for one address. Each value comes from the first database that has
// the value.
class Answer {
 public:
  Answer(const GeoDatabases& databases, std::span<const uint8_t> address) {
    for (const std::shared_ptr<const MaxMindReader>& database : databases) {
      if (const std::optional<size_t> data = database->Find(address)) {
        found_.push_back({database.get(), *data});
      }
    }
  }

  bool empty() const { return found_.empty(); }

  std::string_view Text(std::initializer_list<std::string_view> path) const {
    for (const Entry& entry : found_) {
      const MaxMindValue value = entry.database->Get(entry.data, path);
      if (value.type == MaxMindValue::kString && !value.text.empty() &&
          value.text.size() <= kLongestText &&
          simdjson::validate_utf8(value.text.data(), value.text.size())) {
        return value.text;
      }
    }
    return {};
  }

  uint64_t Integer(std::initializer_list<std::string_view> path) const {
    for (const Entry& entry : found_) {
      const MaxMindValue value = entry.database->Get(entry.data, path);
      if (value.type == MaxMindValue::kUnsigned && value.integer > 0) return value.integer;
    }
    return 0;
  }

  // Sets both coordinates from the same database. Returns false if no database has coordinates.
  bool Position(double& latitude, double& longitude) const {
    for (const Entry& entry : found_) {
      const MaxMindValue north = entry.database->Get(entry.data, {"location", "latitude"});
      const MaxMindValue east = entry.database->Get(entry.data, {"location", "longitude"});
      if (north.type != MaxMindValue::kDouble || east.type != MaxMindValue::kDouble) continue;
      if (!(std::fabs(north.number) <= 90) || !(std::fabs(east.number) <= 180)) continue;
      latitude = north.number;
      longitude = east.number;
      return true;
    }
    return false;
  }

  std::string_view Provider() const { return found_.front().database->type(); }

 private:
  struct Entry {
    const MaxMindReader* database;
    size_t data;
  };
  std::vector<Entry> found_;
};

std::unique_ptr<GeoPlace> PlaceOf(const GeoDatabases& databases, std::string_view ip) {
  std::array<uint8_t, 16> bytes;
  const std::span<const uint8_t> address = ParseIp(ip, bytes);
  if (address.empty() || IsPrivate(address)) return nullptr;
  const Answer answer(databases, address);
  if (answer.empty()) return nullptr;

  const std::string_view country = answer.Text({"country", "iso_code"});
  const std::string_view country_name = answer.Text({"country", "names", "en"});
  const std::string_view city = answer.Text({"city", "names", "en"});
  const std::string_view continent = answer.Text({"continent", "names", "en"});
  const std::string_view continent_code = answer.Text({"continent", "code"});
  const std::string_view region = answer.Text({"subdivisions", "0", "iso_code"});
  const std::string_view region_name = answer.Text({"subdivisions", "0", "names", "en"});
  const std::string_view postal_code = answer.Text({"postal", "code"});
  const uint64_t as_number = answer.Integer({"autonomous_system_number"});
  const std::string_view as_name = answer.Text({"autonomous_system_organization"});
  double latitude = 0;
  double longitude = 0;
  const bool has_position = answer.Position(latitude, longitude);
  // An ISO 3166-2 region code begins with the code of the country.
  const std::string region_code =
      region.empty() || country.empty() ? "" : absl::StrCat(ToAbsl(country), "-", ToAbsl(region));

  auto place = std::make_unique<GeoPlace>();
  const auto put = [](JsonWriter& json, std::string_view key, std::string_view text) {
    if (!text.empty()) json.Key(key).Value(text);
  };
  // OCSF requires a location to have at least one of these attributes.
  if (!country.empty() || !city.empty() || !region_code.empty() || !postal_code.empty()) {
    place->ocsf = ",\"location\":";
    JsonWriter json(&place->ocsf);
    json.BeginObject();
    put(json, "country", country);
    put(json, "city", city);
    put(json, "region", region_code);
    put(json, "postal_code", postal_code);
    put(json, "continent", continent);
    if (has_position) json.Key("lat").Value(latitude).Key("long").Value(longitude);
    json.EndObject();
  }
  if (as_number > 0 || !as_name.empty()) {
    place->ocsf += ",\"autonomous_system\":";
    JsonWriter json(&place->ocsf);
    json.BeginObject();
    if (as_number > 0) json.Key("number").Value(as_number);
    put(json, "name", as_name);
    json.EndObject();
  }

  std::string geo;
  JsonWriter json(&geo);
  json.BeginObject();
  put(json, "country_iso_code", country);
  put(json, "country_name", country_name);
  put(json, "city_name", city);
  put(json, "region_iso_code", region_code);
  put(json, "region_name", region_name);
  put(json, "postal_code", postal_code);
  put(json, "continent_code", continent_code);
  put(json, "continent_name", continent);
  if (has_position) {
    json.Key("location").BeginObject().Key("lat").Value(latitude).Key("lon").Value(longitude);
    json.EndObject();
  }
  json.EndObject();
  if (geo != "{}") place->ecs = ",\"geo\":" + geo;
  if (as_number > 0 || !as_name.empty()) {
    place->ecs += ",\"as\":";
    JsonWriter as(&place->ecs);
    as.BeginObject();
    if (as_number > 0) as.Key("number").Value(as_number);
    if (!as_name.empty())
      as.Key("organization").BeginObject().Key("name").Value(as_name).EndObject();
    as.EndObject();
  }
  if (place->ocsf.empty() && place->ecs.empty()) return nullptr;
  return place;
}

}  // namespace

GeoFiles::GeoFiles(Metrics& metrics)
    : next_check_ns_(SteadyNs() + kCheckIntervalNs),
      reloads_(metrics.GetCounter("picket_normalizer_geo_reloads_total")),
      refused_(metrics.GetCounter("picket_normalizer_geo_refused_total")) {}

GeoFiles::Stamp GeoFiles::StampOf(const std::string& path) {
  struct stat about;
  if (stat(path.c_str(), &about) != 0) return {};
  return {about.st_mtim.tv_sec, about.st_mtim.tv_nsec, about.st_size, about.st_ino};
}

absl::StatusOr<std::shared_ptr<const MaxMindReader>> GeoFiles::Read(const std::string& path) {
  const Stamp before = StampOf(path);
  if (before.size > kLargestFile) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": larger than 2 GiB"));
  }
  ASSIGN_OR_RETURN(std::string bytes, ReadFile(path));
  if (StampOf(path) != before) {
    return absl::UnavailableError(absl::StrCat(path, ": the file changed while it was read"));
  }
  absl::StatusOr<MaxMindReader> reader = MaxMindReader::Parse(std::move(bytes));
  if (!reader.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", reader.status().message()));
  }
  return std::make_shared<const MaxMindReader>(*std::move(reader));
}

absl::StatusOr<std::shared_ptr<GeoFiles>> GeoFiles::Open(const std::vector<std::string>& paths,
                                                         Metrics& metrics) {
  std::shared_ptr<GeoFiles> files(new GeoFiles(metrics));
  const MutexLock lock(files->mutex_);
  for (const std::string& path : paths) {
    const Stamp stamp = StampOf(path);
    ASSIGN_OR_RETURN(std::shared_ptr<const MaxMindReader> reader, Read(path));
    files->files_.push_back({path, stamp});
    files->databases_.push_back(std::move(reader));
  }
  return files;
}

GeoDatabases GeoFiles::Current() const {
  const MutexLock lock(mutex_);
  return databases_;
}

void GeoFiles::RefreshIfDue() {
  const int64_t now = SteadyNs();
  int64_t due = next_check_ns_.load(std::memory_order_relaxed);
  if (now < due) return;
  if (next_check_ns_.compare_exchange_strong(due, now + kCheckIntervalNs)) Refresh();
}

void GeoFiles::Refresh() {
  std::vector<File> files;
  {
    const MutexLock lock(mutex_);
    files = files_;
  }
  // The files are read without the lock, so other threads can still use the old databases.
  for (size_t i = 0; i < files.size(); ++i) {
    const Stamp stamp = StampOf(files[i].path);
    if (stamp == files[i].stamp) continue;
    absl::StatusOr<std::shared_ptr<const MaxMindReader>> reader = Read(files[i].path);
    const MutexLock lock(mutex_);
    files_[i].stamp = stamp;
    if (!reader.ok()) {
      refused_.Increment();
      LogWarning("geo_database_kept", {{"fault", std::string(ToStd(reader.status().message()))}});
      // The file changed while it was read, so the writer may not have finished. Without a stamp,
      // the next refresh reads the file again.
      if (absl::IsUnavailable(reader.status())) files_[i].stamp = {};
      continue;
    }
    databases_[i] = *std::move(reader);
    generation_.fetch_add(1, std::memory_order_release);
    reloads_.Increment();
    LogInfo("geo_database_read", {{"path", files[i].path}});
  }
}

void GeoCache::Refresh() {
  files_->RefreshIfDue();
  const int64_t generation = files_->generation();
  if (generation == generation_) return;
  generation_ = generation;
  databases_ = files_->Current();
  places_.clear();
}

const GeoPlace* GeoCache::Find(std::string_view ip) {
  if (const auto found = places_.find(ip); found != places_.end()) return found->second.get();
  if (places_.size() >= kMostAddresses) places_.clear();
  return places_.emplace(std::string(ip), PlaceOf(databases_, ip)).first->second.get();
}

}  // namespace picket::parser
