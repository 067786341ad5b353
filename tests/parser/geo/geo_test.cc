#include "parser/geo/geo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "common/file.h"
#include "tests/parser/record_testing.h"
#include "tests/support/maxmind_writer.h"
#include "tests/support/ocsf_schema.h"

namespace picket::parser {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kLisbon =
    R"({"continent":{"code":"EU","names":{"en":"Europe"}},)"
    R"("country":{"iso_code":"PT","names":{"en":"Portugal"}},"city":{"names":{"en":"Lisbon"}},)"
    R"("location":{"latitude":38.72,"longitude":-9.13},"postal":{"code":"1000-001"},)"
    R"("subdivisions":[{"iso_code":"11","names":{"en":"Lisboa"}}]})";

class GeoTest : public testing::Test {
 protected:
  GeoTest()
      : folder_((std::filesystem::path(testing::TempDir()) / absl::StrCat("geo_test.", getpid()))
                    .string()) {
    std::filesystem::create_directories(folder_);
    MaxMindWriter city({.type = "Test-City"});
    city.Add("203.0.113.0/24", kLisbon);
    city.Add("2001:db8::/32", R"({"country":{"iso_code":"IS"}})");
    city.Add("10.0.0.0/8", kLisbon);
    city.Add("198.51.100.0/24", R"({"location":{"latitude":95.0,"longitude":1.5}})");
    MaxMindWriter asn({.type = "Test-ASN", .record_bits = 24});
    asn.Add(
        "203.0.113.0/25",
        R"({"autonomous_system_number":64500,"autonomous_system_organization":"Tejo \"Net\""})");
    Write("city.mmdb", city.File());
    Write("asn.mmdb", asn.File());
  }
  ~GeoTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  void Write(const std::string& name, std::string_view bytes) const {
    ASSERT_TRUE(WriteFile(Path(name), bytes).ok());
  }
  std::shared_ptr<GeoFiles> Open() {
    absl::StatusOr<std::shared_ptr<GeoFiles>> files =
        GeoFiles::Open({Path("city.mmdb"), Path("asn.mmdb")}, metrics_);
    EXPECT_TRUE(files.ok()) << files.status();
    return *std::move(files);
  }

  const std::string folder_;
  Metrics metrics_;
};

TEST_F(GeoTest, AnAddressHasAPlaceAndANetwork) {
  GeoCache cache(Open());
  cache.Refresh();
  const GeoPlace* const lisbon = cache.Find("203.0.113.9");
  ASSERT_NE(lisbon, nullptr);
  EXPECT_EQ(lisbon->ocsf,
            R"(,"location":{"country":"PT","city":"Lisbon","region":"PT-11",)"
            R"("postal_code":"1000-001","continent":"Europe","lat":38.72,"long":-9.13},)"
            R"("autonomous_system":{"number":64500,"name":"Tejo \"Net\""})");
  EXPECT_EQ(lisbon->ecs,
            R"(,"geo":{"country_iso_code":"PT","country_name":"Portugal","city_name":"Lisbon",)"
            R"("region_iso_code":"PT-11","region_name":"Lisboa","postal_code":"1000-001",)"
            R"("continent_code":"EU","continent_name":"Europe","location":{"lat":38.72,)"
            R"("lon":-9.13}},"as":{"number":64500,"organization":{"name":"Tejo \"Net\""}})");
  ASSERT_NE(cache.Find("203.0.113.200"), nullptr);
  EXPECT_THAT(cache.Find("203.0.113.200")->ocsf, Not(HasSubstr("autonomous_system")));
  ASSERT_NE(cache.Find("2001:db8::1"), nullptr);
  EXPECT_EQ(cache.Find("2001:db8::1")->ocsf, R"(,"location":{"country":"IS"})");
  EXPECT_EQ(cache.Find("203.0.113.9"), lisbon);
}

TEST_F(GeoTest, PrivateUnknownAndInvalidAddressesHaveNoPlace) {
  GeoCache cache(Open());
  cache.Refresh();
  for (const std::string_view ip :
       {"10.1.2.3", "127.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "169.254.1.1",
        "0.0.0.0", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "8.8.8.8",
        "198.51.100.1", "host", "", "203.0.113.9.9"}) {
    EXPECT_EQ(cache.Find(ip), nullptr) << ip;
  }
}

TEST_F(GeoTest, EventsOfEveryClassContainThePlace) {
  const NormalizerOptions options{.geo = Open()};
  for (const std::string& path : {std::string("tests/data/records/samples.ndjson")}) {
    size_t places = 0;
    for (const std::string& record : ReadRecords(path)) {
      const Normalized event(record, {}, options);
      ASSERT_EQ(event.size(), 1);
      EXPECT_THAT(OcsfSchemas::Get().Validate(event.Json()), IsEmpty()) << event.Json();
      if (event.Json().find("\"location\":{\"country\"") != std::string::npos) ++places;
      // Without the place, the event must be equal to the event that a normaliser without geo
      // databases writes.
      std::string plain = event.Json();
      GeoCache cache(options.geo);
      cache.Refresh();
      for (const std::string_view ip : {"203.0.113.24", "203.0.113.200", "2001:db8::1"}) {
        const std::string& place = cache.Find(ip)->ocsf;
        if (const size_t at = plain.find(place); at != std::string::npos)
          plain.erase(at, place.size());
      }
      EXPECT_EQ(plain, Normalized(record).Json());
    }
    EXPECT_GT(places, 20);
  }
}

TEST_F(GeoTest, TheEcsEventContainsThePlaceOfItsSource) {
  const std::string record =
      RecordWith("SharePoint", "FileAccessed", R"(,"ClientIP":"203.0.113.9:4711")");
  const Normalized placed(record, {.ecs = true}, {.geo = Open()});
  const Tree ecs = ParseTree(placed.batch.Ecs(placed.batch.events[0]));
  EXPECT_EQ(At(ecs, "/source/geo/country_iso_code"), "PT");
  EXPECT_EQ(At(ecs, "/source/geo/location/lat"), "38.72");
  EXPECT_EQ(At(ecs, "/client/geo"), "<none>");
}

TEST_F(GeoTest, AFileThatChangesIsReadAgain) {
  const std::shared_ptr<GeoFiles> files = Open();
  GeoCache cache(files);
  cache.Refresh();
  EXPECT_THAT(cache.Find("203.0.113.9")->ocsf, HasSubstr("Lisbon"));

  MaxMindWriter moved({.type = "Test-City"});
  moved.Add("203.0.113.0/24", R"({"city":{"names":{"en":"Porto"}}})");
  Write("city.mmdb", moved.File());
  files->Refresh();
  cache.Refresh();
  EXPECT_THAT(cache.Find("203.0.113.9")->ocsf, HasSubstr("Porto"));
  EXPECT_THAT(cache.Find("203.0.113.9")->ocsf, HasSubstr("64500"));
  const int64_t generation = files->generation();
  files->Refresh();
  EXPECT_EQ(files->generation(), generation);
}

TEST_F(GeoTest, TheOldDatabaseStaysInUseIfItsFileIsDamagedOrMissing) {
  const std::shared_ptr<GeoFiles> files = Open();
  GeoCache cache(files);
  const auto city = [&] {
    files->Refresh();
    cache.Refresh();
    return cache.Find("203.0.113.9")->ocsf;
  };
  const std::string good = ReadFile(Path("city.mmdb")).value();
  Write("city.mmdb", good.substr(0, good.size() - 100));
  EXPECT_THAT(city(), HasSubstr("Lisbon"));
  std::filesystem::remove(Path("city.mmdb"));
  EXPECT_THAT(city(), HasSubstr("Lisbon"));
  EXPECT_EQ(metrics_.Sum("picket_normalizer_geo_refused_total"), 2);
  city();  // no file has changed, so none is read and refused again
  EXPECT_EQ(metrics_.Sum("picket_normalizer_geo_refused_total"), 2);
  MaxMindWriter moved({.type = "Test-City"});
  moved.Add("203.0.113.0/24", R"({"city":{"names":{"en":"Porto"}}})");
  Write("city.mmdb", moved.File());
  EXPECT_THAT(city(), HasSubstr("Porto"));
}

TEST_F(GeoTest, TheErrorNamesAFileThatIsNotADatabase) {
  Write("text.mmdb", "no database");
  const auto files = GeoFiles::Open({Path("city.mmdb"), Path("text.mmdb")}, metrics_);
  EXPECT_THAT(std::string(files.status().message()),
              HasSubstr("text.mmdb: not a MaxMind database"));
  EXPECT_FALSE(GeoFiles::Open({Path("missing.mmdb")}, metrics_).ok());
}

TEST_F(GeoTest, TheCacheDoesNotGrowAboveItsLimit) {
  GeoCache cache(Open());
  cache.Refresh();
  for (size_t i = 0; i < 2 * GeoCache::kMostAddresses; ++i) {
    cache.Find(absl::StrCat("20.", i >> 16, ".", i >> 8 & 255, ".", i & 255));
  }
  EXPECT_THAT(cache.Find("203.0.113.9")->ocsf, HasSubstr("Lisbon"));
}

// A string from a damaged database must not make the event invalid JSON.
TEST_F(GeoTest, InvalidStringsAreNotWrittenToTheEvent) {
  std::string bytes = ReadFile(Path("city.mmdb")).value();
  for (size_t at; (at = bytes.find("Lisbon")) != std::string::npos;) bytes[at] = '\xff';
  bytes[bytes.find("Portugal")] = '\x01';
  Write("city.mmdb", bytes);
  GeoCache cache(Open());
  cache.Refresh();
  const GeoPlace* const place = cache.Find("203.0.113.9");
  ASSERT_NE(place, nullptr);
  EXPECT_THAT(place->ocsf, Not(HasSubstr("\"city\"")));
  ParseTree("{\"a\":1" + place->ocsf + place->ecs + "}");
}

}  // namespace
}  // namespace picket::parser
