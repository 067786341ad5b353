#include "kafka/process_id.h"

#include <charconv>
#include <random>

#include "absl/strings/str_cat.h"

namespace picket::kafka {
namespace {

constexpr size_t kDigits = 16;

std::optional<uint64_t> ParseHex(std::string_view digits) {
  uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, value, 16);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return value;
}

}  // namespace

ProcessId MakeProcessId(absl::Time now) {
  std::random_device random;
  return {absl::ToUnixMicros(now), uint64_t{random()} << 32 | random()};
}

std::string FormatProcessId(const ProcessId& id) {
  return absl::StrCat(absl::Hex(static_cast<uint64_t>(id.started_micros), absl::kZeroPad16), "-",
                      absl::Hex(id.nonce, absl::kZeroPad16));
}

std::optional<ProcessId> ProcessIdOf(std::string_view client_id) {
  constexpr size_t kSize = 2 * kDigits + 1;
  if (client_id.size() < kSize) return std::nullopt;
  const std::string_view text = client_id.substr(client_id.size() - kSize);
  if (text[kDigits] != '-') return std::nullopt;
  const std::optional<uint64_t> started = ParseHex(text.substr(0, kDigits));
  const std::optional<uint64_t> nonce = ParseHex(text.substr(kDigits + 1));
  if (!started.has_value() || !nonce.has_value()) return std::nullopt;
  return ProcessId{static_cast<int64_t>(*started), *nonce};
}

}  // namespace picket::kafka
