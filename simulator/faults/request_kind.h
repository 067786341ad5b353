#pragma once

#include <cstdint>
#include <string_view>

namespace picket::simulator {

// The kinds of requests that the simulated cloud distinguishes.
enum class RequestKind : uint8_t {
  kToken,
  kStart,
  kStop,
  kSubscriptions,
  kContent,
  kBlob,
  kOther,
};

// Returns the name of the kind in statistics and in the text of faults, such as "blob".
std::string_view RequestKindName(RequestKind kind);

// A set of kinds, with one bit for each kind.
using RequestKinds = uint8_t;
constexpr RequestKinds KindBit(RequestKind kind) {
  return static_cast<RequestKinds>(1u << static_cast<unsigned>(kind));
}
inline constexpr RequestKinds kAllApiKinds =
    KindBit(RequestKind::kStart) | KindBit(RequestKind::kStop) |
    KindBit(RequestKind::kSubscriptions) | KindBit(RequestKind::kContent) |
    KindBit(RequestKind::kBlob);
inline constexpr RequestKinds kAllKinds = kAllApiKinds | KindBit(RequestKind::kToken);

}  // namespace picket::simulator
