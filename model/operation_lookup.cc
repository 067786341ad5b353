#include "model/operation_lookup.h"

#include <cstring>
#include <utility>
#include <vector>

#include "common/strings.h"

namespace picket {
namespace {

uint64_t HashKey(std::string_view text) {
  uint64_t hash = 0x9e3779b97f4a7c15ull + text.size();
  const char* p = text.data();
  size_t left = text.size();
  while (left >= 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    hash = (hash ^ word) * 0xff51afd7ed558ccdull;
    hash ^= hash >> 29;
    p += 8;
    left -= 8;
  }
  uint64_t word = 0;
  for (size_t i = 0; i < left; ++i)
    word |= static_cast<uint64_t>(static_cast<uint8_t>(p[i])) << (8 * i);
  hash = (hash ^ word) * 0xff51afd7ed558ccdull;
  return hash ^ (hash >> 32);
}

constexpr size_t kLongestOperation = 128;

// Writes the key of an operation (see OperationKey) into `buffer`. Returns an empty key if the
// operation is longer than kLongestOperation, because no row has such a long operation.
std::string_view LowerKey(std::string_view operation, char (&buffer)[kLongestOperation]) {
  operation = TrimOperation(operation);
  if (operation.size() > kLongestOperation) return {};
  for (size_t i = 0; i < operation.size(); ++i) {
    const char c = operation[i];
    buffer[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  return {buffer, operation.size()};
}

// A hash table with open addressing over the operations of all rows. If several rows have the same
// operation, Find returns the first of them that applies to the workload.
class OperationIndex {
 public:
  OperationIndex() : slots_(kSlots) {
    for (const MappingRow& row : MappingRows()) {
      std::string_view rest = row.operations;
      while (!rest.empty()) {
        const size_t bar = rest.find('|');
        Add(OperationKey(rest.substr(0, bar)), row);
        rest = bar == std::string_view::npos ? std::string_view() : rest.substr(bar + 1);
      }
    }
  }

  const MappingRow* Find(std::string_view key, uint16_t workload) const {
    for (size_t at = HashKey(key) & (kSlots - 1); slots_[at].row != nullptr;
         at = (at + 1) & (kSlots - 1)) {
      const Slot& slot = slots_[at];
      if (slot.key == key && (slot.row->workloads == 0 || (slot.row->workloads & workload) != 0)) {
        return slot.row;
      }
    }
    return nullptr;
  }

 private:
  static constexpr size_t kSlots = 2048;
  struct Slot {
    std::string key;
    const MappingRow* row = nullptr;
  };
  void Add(std::string key, const MappingRow& row) {
    size_t at = HashKey(key) & (kSlots - 1);
    while (slots_[at].row != nullptr) at = (at + 1) & (kSlots - 1);
    slots_[at] = {std::move(key), &row};
  }
  std::vector<Slot> slots_;
};

const OperationIndex& Operations() {
  static const OperationIndex* const index = new OperationIndex();
  return *index;
}

}  // namespace

std::string_view TrimOperation(std::string_view operation) {
  while (!operation.empty() && (operation.back() == ' ' || operation.back() == '.')) {
    operation.remove_suffix(1);
  }
  while (!operation.empty() && operation.front() == ' ') operation.remove_prefix(1);
  return operation;
}

std::string OperationKey(std::string_view operation) {
  return LowerAscii(TrimOperation(operation));
}

const MappingRow* FindMappingRow(std::string_view operation, WorkloadBit workload) {
  char buffer[kLongestOperation];
  return Operations().Find(LowerKey(operation, buffer), workload);
}

const MappingRow* FindPrefixRow(std::string_view operation) {
  for (const MappingRow& row : PrefixRows()) {
    if (operation.substr(0, row.operations.size()) == row.operations) return &row;
  }
  return nullptr;
}

}  // namespace picket
