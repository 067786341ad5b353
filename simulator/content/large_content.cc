#include "simulator/content/large_content.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace picket::simulator {
namespace {

constexpr uint64_t kRecordBytes = 64 << 10;

// Returns the part of a record before its text. The Id has a fixed length, so this part has the
// same length in all records of a blob.
std::string Head(const LargeContent& content, uint64_t index) {
  return absl::StrCat(
      R"({"CreationTime":"2026-01-01T00:00:00","Id":")",
      absl::StrFormat("%08x-%04x-4000-8000-%012x", static_cast<uint32_t>(content.seed),
                      static_cast<uint16_t>(content.seed >> 32), index & 0xffffffffffff),
      R"(","Operation":"LargeRecord","OrganizationId":")", content.tenant,
      R"(","RecordType":1,"UserId":"large@example.com","UserType":0,"Workload":"Exchange","Text":")");
}
constexpr std::string_view kTail = "\"}";

class LargeSource final : public BodySource {
 public:
  explicit LargeSource(const LargeContent& content)
      : content_(content), head_bytes_(Head(content, 0).size()) {
    const uint64_t around = head_bytes_ + kTail.size();
    length_ = std::max<uint64_t>(content.bytes, around + 2);
    records_ = content.bytes == 0 ? UINT64_MAX : std::max<uint64_t>(1, length_ / kRecordBytes);
  }

  uint64_t length() const { return content_.bytes == 0 ? 0 : length_; }

  std::string_view Next() override {
    if (index_ >= records_) return {};
    uint64_t text_bytes = kRecordBytes - head_bytes_ - kTail.size();
    if (content_.bytes != 0) {
      // The brackets and the commas between the records take records + 1 bytes.
      const uint64_t all = length_ - (records_ + 1);
      const uint64_t size = all / records_ + (index_ + 1 == records_ ? all % records_ : 0);
      text_bytes = size - head_bytes_ - kTail.size();
    }
    piece_ = index_ == 0 ? "[" : ",";
    piece_ += Head(content_, index_);
    AppendText(text_bytes);
    piece_ += kTail;
    if (++index_ == records_) piece_ += "]";
    return piece_;
  }

 private:
  void AppendText(uint64_t bytes) {
    const size_t begin = piece_.size();
    piece_.resize(begin + bytes);
    char* out = piece_.data() + begin;
    if (!content_.random) {
      constexpr std::string_view kText = "all work and no play makes a log a dull log. ";
      for (uint64_t at = 0; at < bytes; at += kText.size()) {
        std::memcpy(out + at, kText.data(), std::min<uint64_t>(kText.size(), bytes - at));
      }
      return;
    }
    static constexpr char kDigits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint64_t state = content_.seed * 0x9e3779b97f4a7c15 + index_ * 0xd1342543de82ef95;
    for (uint64_t at = 0; at < bytes;) {
      uint64_t z = (state += 0x9e3779b97f4a7c15);
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      z ^= z >> 31;
      for (int digit = 0; digit < 10 && at < bytes; ++digit, z >>= 6) out[at++] = kDigits[z & 63];
    }
  }

  const LargeContent content_;
  const uint64_t head_bytes_;
  uint64_t length_;
  uint64_t records_;
  uint64_t index_ = 0;
  std::string piece_;
};

class BombSource final : public BodySource {
 public:
  explicit BombSource(uint64_t bytes) : left_(bytes) {
    constexpr int kGzip = 15 + 16;  // window size, and the gzip header
    deflateInit2(&stream_, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY);
    blanks_.fill(' ');
  }
  ~BombSource() override { deflateEnd(&stream_); }

  std::string_view Next() override {
    out_.clear();
    while (out_.empty() && !done_) {
      std::string input;
      if (!begun_) input = "[";
      begun_ = true;
      const uint64_t now = std::min<uint64_t>(left_, blanks_.size());
      left_ -= now;
      input.append(blanks_.data(), now);
      const bool last = left_ == 0;
      if (last) input += "]";
      Deflate(input, last ? Z_FINISH : Z_NO_FLUSH);
      done_ = last;
    }
    return out_;
  }

 private:
  void Deflate(std::string& input, int flush) {
    stream_.next_in = reinterpret_cast<Bytef*>(input.data());
    stream_.avail_in = static_cast<uInt>(input.size());
    do {
      std::array<char, 16384> buffer;
      stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream_.avail_out = buffer.size();
      deflate(&stream_, flush);
      out_.append(buffer.data(), buffer.size() - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

  z_stream stream_ = {};
  std::array<char, 1 << 20> blanks_;
  uint64_t left_;
  bool begun_ = false;
  bool done_ = false;
  std::string out_;
};

}  // namespace

uint64_t LengthOf(const LargeContent& content) { return LargeSource(content).length(); }

std::unique_ptr<BodySource> MakeLargeSource(const LargeContent& content) {
  return std::make_unique<LargeSource>(content);
}

std::unique_ptr<BodySource> MakeBombSource(uint64_t bytes) {
  return std::make_unique<BombSource>(bytes);
}

}  // namespace picket::simulator
