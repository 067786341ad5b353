#include "cli/plural.h"

namespace picket {

std::string Grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(at, 1, ',');
  return digits;
}

std::string Counted(uint64_t number, std::string_view singular, std::string_view plural) {
  std::string text = Grouped(number);
  text += ' ';
  if (number != 1 && !plural.empty()) {
    text += plural;
    return text;
  }
  text += singular;
  if (number != 1) text += 's';
  return text;
}

}  // namespace picket
