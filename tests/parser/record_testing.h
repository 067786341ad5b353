#pragma once

// Functions that the parser's tests share: they read files of records, normalise records, and parse
// events.

#include <simdjson.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/metrics.h"
#include "parser/normalizer.h"

namespace picket::parser {

inline constexpr std::string_view kTestTenant = "11111111-1111-4111-8111-111111111111";

// A parsed JSON text, with the parser that owns the parsed values.
struct Tree {
  std::unique_ptr<simdjson::dom::parser> parser = std::make_unique<simdjson::dom::parser>();
  simdjson::dom::element root;
  std::string text;
};
// Parses a JSON text. Aborts the test program if the text is not JSON.
Tree ParseTree(std::string_view json);

// Returns the value at a JSON pointer. A string is returned without quotes and escapes, and any
// other value as JSON. Returns "<none>" if there is no value.
std::string At(const Tree& tree, const std::string& pointer);

// Returns how often each scalar occurs in the tree. Scalars are converted to strings, and null to
// "null".
std::map<std::string, int> CountLeaves(simdjson::dom::element root);

// Returns all records of a file, one string per record. The file may be compressed with gzip.
std::vector<std::string> ReadRecords(const std::string& path);

// All available records: the shipped samples, and the records of the shared test data
// (tests/support/shared_data.h) if it is available. `missing` lists the files that do not exist.
struct Corpora {
  std::vector<std::string> records;
  std::vector<std::string> missing;
};
const Corpora& AllRecords();

// Runs a normaliser on one blob and keeps the result.
class Normalized {
 public:
  explicit Normalized(std::string_view blob, BlobSource source = {},
                      NormalizerOptions options = {});
  size_t size() const { return batch.events.size(); }
  std::string Json(size_t i = 0) const { return std::string(batch.Json(batch.events.at(i))); }
  std::string At(const std::string& pointer, size_t i = 0) const;

  std::string blob;  // the text into which `batch.rejected` points
  Metrics metrics;
  NormalizedBatch batch;
};

// Two normalisers. One reads whole blobs, and the other reads record by record
// (NormalizerOptions::record_by_record). Both must write the same bytes.
struct BothWays {
  void Normalize(const BlobSource& source, std::string_view blob) {
    whole.Normalize(source, blob, a);
    single.Normalize(source, blob, b);
  }

  Metrics metrics;
  Normalizer whole{{}, metrics};
  Normalizer single{{.record_by_record = true}, metrics};
  NormalizedBatch a, b;
};

// Returns the event without raw_data_hash. That hash differs between records with the same JSON
// value if, for example, only their whitespace differs.
std::string WithoutHash(std::string json);

// Returns a record with the common fields, ClientIP and SharePoint's file fields. `extra` contains
// more members and begins with a comma, for example ,"X":1.
std::string RecordWith(std::string_view workload, std::string_view operation,
                       std::string_view extra);

}  // namespace picket::parser
