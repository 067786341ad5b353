#include "tests/parser/record_testing.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/escaping.h"
#include "common/strings.h"
#include "parser/input/audit_file.h"
#include "tests/support/shared_data.h"

namespace picket::parser {

Tree ParseTree(std::string_view json) {
  Tree tree;
  tree.text = std::string(json);
  if (tree.parser->parse(tree.text).get(tree.root) != simdjson::SUCCESS) {
    std::fprintf(stderr, "no JSON: %s\n", tree.text.c_str());
    std::abort();
  }
  return tree;
}

std::string At(const Tree& tree, const std::string& pointer) {
  simdjson::dom::element element;
  if (tree.root.at_pointer(pointer).get(element) != simdjson::SUCCESS) return "<none>";
  std::string_view text;
  if (element.get_string().get(text) == simdjson::SUCCESS) return std::string(text);
  return simdjson::minify(element);
}

namespace {

void Count(simdjson::dom::element element, std::map<std::string, int>& leaves) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY:
      for (const simdjson::dom::element member : simdjson::dom::array(element)) {
        Count(member, leaves);
      }
      break;
    case simdjson::dom::element_type::OBJECT:
      for (const simdjson::dom::key_value_pair member : simdjson::dom::object(element)) {
        Count(member.value, leaves);
      }
      break;
    case simdjson::dom::element_type::STRING:
      ++leaves[std::string(std::string_view(element))];
      break;
    default:
      ++leaves[simdjson::minify(element)];
  }
}

}  // namespace

std::map<std::string, int> CountLeaves(simdjson::dom::element root) {
  std::map<std::string, int> leaves;
  Count(root, leaves);
  return leaves;
}

std::vector<std::string> ReadRecords(const std::string& path) {
  std::vector<std::string> records;
  absl::StatusOr<std::unique_ptr<AuditFile>> file = AuditFile::Open(path);
  if (!file.ok()) {
    std::fprintf(stderr, "%s\n", file.status().ToString().c_str());
    std::abort();
  }
  AuditBlob blob;
  while (true) {
    const absl::StatusOr<bool> more = (*file)->Next(&blob);
    if (!more.ok() || !*more) break;
    const Tree tree = ParseTree(blob.text);
    simdjson::dom::array array;
    if (tree.root.get_array().get(array) != simdjson::SUCCESS) {
      records.push_back(simdjson::minify(tree.root));
      continue;
    }
    for (const simdjson::dom::element record : array) records.push_back(simdjson::minify(record));
  }
  return records;
}

namespace {

void AddEdgeCases(const std::string& path, std::vector<std::string>& records) {
  simdjson::dom::parser parser;
  for (const std::string& line : ReadRecords(path)) {
    std::string blob;
    if (!absl::Base64Unescape(ToAbsl(At(ParseTree(line), "/raw_b64")), &blob)) continue;
    simdjson::dom::element root;
    if (parser.parse(blob).get(root) != simdjson::SUCCESS) continue;
    simdjson::dom::array array;
    if (root.get_array().get(array) != simdjson::SUCCESS) {
      records.push_back(simdjson::minify(root));
      continue;
    }
    for (const simdjson::dom::element record : array) records.push_back(simdjson::minify(record));
  }
}

}  // namespace

const Corpora& AllRecords() {
  static const Corpora* const corpora = [] {
    auto* const all = new Corpora();
    for (const auto& entry : std::filesystem::directory_iterator("tests/data/records")) {
      for (std::string& record : ReadRecords(entry.path().string())) {
        all->records.push_back(std::move(record));
      }
    }
    for (const char* name :
         {"o365/real-audit-records.ndjson.gz", "o365/documentation-examples.ndjson"}) {
      const std::optional<std::string> path = SharedData(name);
      if (!path.has_value()) {
        all->missing.push_back(name);
        continue;
      }
      for (std::string& record : ReadRecords(*path)) all->records.push_back(std::move(record));
    }
    if (const std::optional<std::string> path = SharedData("o365/edge-cases.ndjson")) {
      AddEdgeCases(*path, all->records);
    } else {
      all->missing.push_back("o365/edge-cases.ndjson");
    }
    return all;
  }();
  return *corpora;
}

Normalized::Normalized(std::string_view text, BlobSource source, NormalizerOptions options)
    : blob(text) {
  Normalizer normalizer(options, metrics);
  normalizer.Normalize(source, blob, batch);
  normalizer.Commit();
}

std::string Normalized::At(const std::string& pointer, size_t i) const {
  return parser::At(ParseTree(Json(i)), pointer);
}

std::string WithoutHash(std::string json) {
  const size_t at = json.find(",\"raw_data_hash\":{");
  EXPECT_NE(at, std::string::npos) << json;
  return at == std::string::npos ? json : json.erase(at, json.find('}', at) + 1 - at);
}

std::string RecordWith(std::string_view workload, std::string_view operation,
                       std::string_view extra) {
  return std::string(
             R"({"CreationTime":"2026-03-04T05:06:07","Id":"0a1b2c3d-0000-4000-8000-00000000abcd",)") +
         R"("Operation":")" + std::string(operation) + R"(","OrganizationId":")" +
         std::string(kTestTenant) +
         R"(","RecordType":1,"UserKey":"10030000A1B2C3D4","UserType":0,)" +
         R"("Version":1,"Workload":")" + std::string(workload) +
         R"(","UserId":"maria.lindt@fabrikam.example")" + std::string(extra) + "}";
}

}  // namespace picket::parser
