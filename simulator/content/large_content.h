#pragma once

#include <cstdint>
#include <string>

#include "simulator/content/body_source.h"

namespace picket::simulator {

// Describes a blob of any size, whose bytes are generated when they are sent.
struct LargeContent {
  std::string tenant;
  uint64_t seed = 1;
  // The length of the body in bytes, but at least the length of one record with its brackets. 0
  // means endless.
  uint64_t bytes = 0;
  // If set, the text of the records is random. Otherwise it compresses well.
  bool random = false;
};

// Returns the exact length of the body, or 0 if it is endless.
uint64_t LengthOf(const LargeContent& content);
// Returns the body, which is a JSON array of records of about 64 KiB.
std::unique_ptr<BodySource> MakeLargeSource(const LargeContent& content);

// Returns a gzip body that decodes to a JSON array with `bytes` blanks and no element.
std::unique_ptr<BodySource> MakeBombSource(uint64_t bytes);

}  // namespace picket::simulator
