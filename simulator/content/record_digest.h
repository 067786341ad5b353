#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace picket::simulator {

// The Id of a record and a hash of its members. The hash does not depend on the order of the
// members, because the API serves the members of the same record in different orders. It does not
// depend on blanks outside strings either. It depends on all other bytes of the names and values.
struct RecordDigest {
  std::string id;  // empty if the record has no member Id with a string
  uint64_t hash = 0;

  friend bool operator==(const RecordDigest& a, const RecordDigest& b) = default;
};

// Computes the digests of the records of a JSON array. The array may be passed in pieces of any
// size, so a long array needs little memory.
//   RecordDigester digester;
//   digester.Add(bytes); …
//   if (!digester.complete()) … not one complete array
//   digester.Take() …
// Threads: One thread uses an instance. Memory: the digests that were not taken. Complexity:
// linear.
class RecordDigester {
 public:
  RecordDigester();
  ~RecordDigester();

  void Add(std::string_view bytes);
  // Returns true if the bytes so far are one JSON array with its closing bracket. Only brackets,
  // quotes and commas are checked.
  bool complete() const { return state_ == State::kAfter; }
  // Returns the digests of the records that ended since the last call.
  std::vector<RecordDigest> Take() { return std::move(digests_); }

 private:
  enum class State : uint8_t { kBefore, kArray, kRecord, kAfter, kInvalid };
  struct Hash;

  void BeginRecord(char first);
  void EndMember();
  void EndRecord();
  void AddToMember(std::string_view bytes);

  State state_ = State::kBefore;
  bool in_string_ = false;
  bool escaped_ = false;
  bool is_object_ = false;
  int depth_ = 0;  // inside a record; 1 is the level of the members of an object
  bool has_member_ = false;
  std::string beginning_;  // the first bytes of the member, to find the Id
  std::unique_ptr<Hash> hash_;
  RecordDigest record_;
  uint64_t members_ = 0;
  std::vector<RecordDigest> digests_;
};

// Returns the digest of a single record.
RecordDigest DigestOf(std::string_view record);

// The number of a blob's records and the sum of their hashes, which do not depend on the order of
// the records. Two different sets of records have different sums, except with a probability of
// 2^-64.
struct RecordSum {
  uint64_t records = 0;
  uint64_t sum = 0;

  void Add(uint64_t hash) {
    ++records;
    sum += hash;
  }
  friend bool operator==(const RecordSum& a, const RecordSum& b) = default;
};

}  // namespace picket::simulator
