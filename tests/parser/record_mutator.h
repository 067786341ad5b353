#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

namespace picket::parser {

// Returns records that are made from the shipped records by random changes. Each run of a test gets
// the same sequence of records, because the random numbers have a fixed seed.
class RecordMutator {
 public:
  RecordMutator();

  std::string Next();
  // Returns the next record with one more member at its front. The added member is a copy of a
  // member of any record. The result may therefore have two members with the same name.
  std::string NextWithMemberTwice();

 private:
  using Json = nlohmann::ordered_json;

  size_t Below(size_t count) { return random_() % count; }
  Json::const_iterator Pick(const Json& container);
  // Returns the record, or a random value in it.
  Json& Node(Json& record);
  Json Value();
  void Change(Json& record);

  std::mt19937_64 random_;
  std::vector<Json> records_;
  std::vector<std::string> operations_;
};

}  // namespace picket::parser
