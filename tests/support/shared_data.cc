#include "tests/support/shared_data.h"

#include <cstdlib>
#include <filesystem>

namespace picket {

std::optional<std::string> SharedData(const std::string& name) {
  const char* const folder = std::getenv("PICKET_SHARED_DATA");
  const std::filesystem::path path =
      std::filesystem::path(folder != nullptr ? folder : "../shared/data") / name;
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path.string();
}

}  // namespace picket
