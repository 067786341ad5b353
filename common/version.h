#pragma once

namespace picket {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace picket
