#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

namespace picket::parser {

// Changes the shipped records at random: removes and renames fields, and gives them other types,
// values of other records, or another operation. The sequence is always the same.
class RecordMutator {
 public:
  RecordMutator();

  std::string Next();
  // The next record, with one of its members, or of another record's, a second time.
  std::string NextWithMemberTwice();

 private:
  using Json = nlohmann::ordered_json;

  size_t Below(size_t count) { return random_() % count; }
  Json::const_iterator Pick(const Json& container);
  // The record or a random value in it.
  Json& Node(Json& record);
  Json Value();
  void Change(Json& record);

  std::mt19937_64 random_;
  std::vector<Json> records_;
  std::vector<std::string> operations_;
};

}  // namespace picket::parser
