#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

namespace picket::parser {

// Changes the shipped records at random. It removes and renames fields, changes their types, copies
// values from other records, and changes the operation. The sequence of records is always the same.
class RecordMutator {
 public:
  RecordMutator();

  std::string Next();
  // Returns the next record, with one more member at its front. This member is a copy from the
  // record itself or from another record, so the record may have two members with the same name.
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
