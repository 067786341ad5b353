#include "kafka/output_batch.h"

#include <algorithm>
#include <cstring>

#include "kafka/message_size.h"

namespace picket::kafka {
namespace {

constexpr size_t kBlockBytes = 1 << 20;
constexpr size_t kKeptBlocks = 16;  // maximum number of blocks that Clear() keeps

}  // namespace

std::string_view OutputBatch::Store(std::string_view bytes) {
  while (block_ < blocks_.size() && blocks_[block_].size - used_ < bytes.size()) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) {
    const size_t size = std::max(kBlockBytes, bytes.size());
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    used_ = 0;
  }
  char* const place = blocks_[block_].data.get() + used_;
  if (!bytes.empty()) std::memcpy(place, bytes.data(), bytes.size());
  used_ += bytes.size();
  return std::string_view(place, bytes.size());
}

void OutputBatch::Add(Topic topic, int32_t partition, std::string_view key, std::string_view value,
                      absl::Span<const Header> headers) {
  AddBorrowed(topic, partition, key, Store(value), headers);
}

void OutputBatch::AddEntry(const Entry& entry) {
  entries_.push_back(entry);
  bytes_ += OutputBytes(entry.key, entry.value, HeadersOf(entry));
}

OutputBatch::SharedHeaders OutputBatch::Share(absl::Span<const Header> headers) {
  const auto first = static_cast<uint32_t>(headers_.size());
  for (const Header& header : headers) {
    headers_.push_back({Store(header.name), Store(header.value)});
  }
  return {first, static_cast<uint32_t>(headers.size())};
}

OutputBatch::SharedHeaders OutputBatch::ShareWith(SharedHeaders shared, const Header& last) {
  const auto first = static_cast<uint32_t>(headers_.size());
  for (uint32_t i = 0; i < shared.count; ++i) {
    const Header header = headers_[shared.first + i];
    headers_.push_back(header);
  }
  headers_.push_back({last.name, Store(last.value)});
  return {first, shared.count + 1};
}

void OutputBatch::AddShared(Topic topic, int32_t partition, std::string_view key,
                            std::string_view value, SharedHeaders headers) {
  const std::string_view stored_key = Store(key);
  AddEntry({topic, partition, stored_key, Store(value), false, headers.first, headers.count});
}

void OutputBatch::AddBorrowed(Topic topic, int32_t partition, std::string_view key,
                              std::string_view value, absl::Span<const Header> headers) {
  const SharedHeaders stored = Share(headers);
  AddEntry({topic, partition, Store(key), value, false, stored.first, stored.count});
}

void OutputBatch::AddTombstone(Topic topic, int32_t partition, std::string_view key) {
  AddEntry({topic, partition, Store(key), {}, true, 0, 0});
}

void OutputBatch::Touch(int32_t partition) {
  if (std::find(touched_.begin(), touched_.end(), partition) == touched_.end()) {
    touched_.push_back(partition);
  }
}

void OutputBatch::Clear() {
  std::erase_if(blocks_, [](const Block& block) { return block.size > kBlockBytes; });
  if (blocks_.size() > kKeptBlocks) blocks_.resize(kKeptBlocks);
  block_ = 0;
  used_ = 0;
  entries_.clear();
  headers_.clear();
  touched_.clear();
  bytes_ = 0;
}

}  // namespace picket::kafka
