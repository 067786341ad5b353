#pragma once

// What the parser's tests share: reading records, an event as a tree, looking into it.

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
// Aborts the test program when the text is no JSON.
Tree ParseTree(std::string_view json);

// The value at a JSON pointer as text: a string's own text, any other value as JSON; "<none>" when absent.
std::string At(const Tree& tree, const std::string& pointer);

// How often each scalar stands in the tree, as text. Null counts as "null".
std::map<std::string, int> CountLeaves(simdjson::dom::element root);

// All records of a folder's or shared file, one text each; reads gzip.
std::vector<std::string> ReadRecords(const std::string& path);

// Every record at hand, one JSON text each: the shipped samples, and where the shared data are the real records, the
// examples of the documentation and the edge cases that are JSON. `missing`: those that are not there.
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

  std::string blob;  // what batch.rejected points into
  Metrics metrics;
  NormalizedBatch batch;
};

// A normaliser for each way of reading, which must give the same bytes.
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

// The event without raw_data_hash, which tells apart what says the same in other bytes.
std::string WithoutHash(std::string json);

// A record with the common fields, ClientIP and file fields of SharePoint; `extra` is put at its end: ,"X":1
std::string RecordWith(std::string_view workload, std::string_view operation,
                       std::string_view extra);

}  // namespace picket::parser
