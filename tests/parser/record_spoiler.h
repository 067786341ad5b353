#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

namespace picket::parser {

// Spoils the shipped records: fields gone, of another type, of another record, under other operations, named otherwise.
// The same sequence every time.
class RecordSpoiler {
 public:
  RecordSpoiler();

  std::string Next();
  // The record with one of its members, or of another record's, a second time.
  std::string NextWithMemberTwice();

 private:
  using Json = nlohmann::ordered_json;

  size_t Below(size_t count) { return random_() % count; }
  Json::const_iterator Pick(const Json& container);
  // The record itself or something in it.
  Json& Node(Json& record);
  Json Value();
  void Change(Json& record);

  std::mt19937_64 random_;
  std::vector<Json> records_;
  std::vector<std::string> operations_;
};

}  // namespace picket::parser
