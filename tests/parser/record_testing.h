#pragma once

// Shared by the parser's tests: reading records, and events as trees.

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

// A parsed JSON text with its parser.
struct Tree {
  std::unique_ptr<simdjson::dom::parser> parser = std::make_unique<simdjson::dom::parser>();
  simdjson::dom::element root;
  std::string text;
};
// Aborts the test program if the text is not JSON.
Tree ParseTree(std::string_view json);

// The value at a JSON pointer: a string's content, any other value as JSON; "<none>" if absent.
std::string At(const Tree& tree, const std::string& pointer);

// The number of occurrences of each scalar in the tree, as a string. Null counts as "null".
std::map<std::string, int> CountLeaves(simdjson::dom::element root);

// All records of a file, one string each; reads gzip.
std::vector<std::string> ReadRecords(const std::string& path);

// Every available record: the shipped samples, and from the shared data the real records, the
// documentation's examples and the edge cases that are JSON. `missing`: the files that do not exist.
struct Corpora {
  std::vector<std::string> records;
  std::vector<std::string> missing;
};
const Corpora& AllRecords();

// Runs a normaliser over one blob.
class Normalized {
 public:
  explicit Normalized(std::string_view blob, BlobSource source = {},
                      NormalizerOptions options = {});
  size_t size() const { return batch.events.size(); }
  std::string Json(size_t i = 0) const { return std::string(batch.Json(batch.events.at(i))); }
  std::string At(const std::string& pointer, size_t i = 0) const;

  std::string blob;  // batch.rejected points into it
  Metrics metrics;
  NormalizedBatch batch;
};

// One normaliser for each path (parser/normalizer.h); both must give the same bytes.
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

// The event without raw_data_hash, which differs for equal records in other bytes.
std::string WithoutHash(std::string json);

// A record with the common fields, ClientIP and SharePoint's file fields. `extra` is appended as it
// is: ,"X":1
std::string RecordWith(std::string_view workload, std::string_view operation,
                       std::string_view extra);

}  // namespace picket::parser
