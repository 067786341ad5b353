#include "tests/twins/naive_values.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <optional>

#include "tests/twins/case_folding_table.h"

namespace picket::detector {
namespace {

bool IsContinuation(std::string_view text, size_t at) {
  return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

// Returns the number of bytes of the UTF-8 sequence that begins at `at`, or 1 if no valid sequence
// begins there.
size_t SequenceSize(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const size_t size = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
  for (size_t i = 1; i < size; ++i) {
    if (!IsContinuation(text, at + i)) return 1;
  }
  return size;
}

// Returns the code point of a UTF-8 sequence, which must have two or three bytes.
uint32_t Decoded(std::string_view sequence) {
  uint32_t code = static_cast<unsigned char>(sequence[0]) & (sequence.size() == 2 ? 0x1F : 0x0F);
  for (const char c : sequence.substr(1)) code = code << 6 | (static_cast<unsigned char>(c) & 0x3F);
  return code;
}

void AppendUtf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// Returns the bits of an IP address as a string of 32 or 128 characters '0' and '1'. Returns
// nullopt if the string is not an address.
std::optional<std::string> BitsOf(const std::string& address) {
  if (address.find('\0') != std::string::npos) return std::nullopt;
  unsigned char bytes[16];
  const bool is_v6 = address.find(':') != std::string::npos;
  if (inet_pton(is_v6 ? AF_INET6 : AF_INET, address.c_str(), bytes) != 1) return std::nullopt;
  std::string bits;
  for (int i = 0; i < (is_v6 ? 16 : 4); ++i) {
    for (int bit = 7; bit >= 0; --bit) bits += (bytes[i] >> bit & 1) != 0 ? '1' : '0';
  }
  return bits;
}

// Removes brackets, the port and the zone from an address.
std::string BareAddress(std::string address) {
  if (!address.empty() && address[0] == '[') {
    address = address.substr(1, address.find(']') - 1);
  } else if (address.find(':') != std::string::npos && address.find(':') == address.rfind(':')) {
    address = address.substr(0, address.find(':'));
  }
  return address.substr(0, address.find('%'));
}

bool AreDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Returns whether the string is a decimal number, such as -12, 1.5, .5, 5. or 1e-3.
bool IsDecimal(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  size_t at = 0, digits = 0;
  const auto skip_digits = [&] {
    const size_t begin = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - begin;
  };
  digits += skip_digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    digits += skip_digits();
  }
  if (digits == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (skip_digits() == 0) return false;
  }
  return at == text.size();
}

std::string Formatted(const char* format, int precision, double number) {
  char buffer[400];
  const int size = std::snprintf(buffer, sizeof(buffer), format, precision, number);
  return {buffer, static_cast<size_t>(size)};
}

// Returns the shortest string that parses to the same number, for example "0.5" or "1e+300".
std::string Shortest(double number) {
  int precision = 0;
  std::string scientific = Formatted("%.*e", precision, number);
  while (std::strtod(scientific.c_str(), nullptr) != number) {
    scientific = Formatted("%.*e", ++precision, number);
  }
  const int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
  const std::string fixed = Formatted("%.*f", std::max(precision - exponent, 0), number);
  return fixed.size() <= scientific.size() ? fixed : scientific;
}

}  // namespace

uint32_t NaivelyFolded(uint32_t code_point) {
  const auto* const found = std::lower_bound(
      std::begin(kCaseFoldings), std::end(kCaseFoldings), code_point,
      [](const CaseFolding& folding, uint32_t code) { return folding.from < code; });
  return found != std::end(kCaseFoldings) && found->from == code_point ? found->to : code_point;
}

std::string NaivelyFolded(std::string_view text) {
  std::string folded;
  for (size_t at = 0, size = 0; at < text.size(); at += size) {
    size = SequenceSize(text, at);
    const std::string_view sequence = text.substr(at, size);
    const uint32_t code = size == 1 ? static_cast<unsigned char>(text[at]) : Decoded(sequence);
    // These bytes stay unchanged: characters of four bytes, which the table does not contain, and
    // single bytes of 0x80 or above, which are not valid UTF-8.
    if (size == 4 || (size == 1 && code >= 0x80) || NaivelyFolded(code) == code) {
      folded += sequence;
    } else {
      AppendUtf8(NaivelyFolded(code), folded);
    }
  }
  return folded;
}

bool IsNaivelyInNetwork(std::string_view address, std::string_view network) {
  const size_t slash = network.find('/');
  const std::optional<std::string> net = BitsOf(std::string(network.substr(0, slash)));
  std::optional<std::string> host = BitsOf(BareAddress(std::string(address)));
  if (!net.has_value() || !host.has_value()) return false;
  // An IPv4 address in IPv6 notation, such as ::ffff:1.2.3.4, is treated as an IPv4 address.
  if (host->size() == 128 && host->substr(0, 96) == std::string(80, '0') + std::string(16, '1')) {
    host = host->substr(96);
  }
  size_t prefix = net->size();
  if (slash != std::string_view::npos) {
    const std::string digits(network.substr(slash + 1));
    if (!AreDigits(digits)) return false;
    prefix = std::strtoul(digits.c_str(), nullptr, 10);
    if (prefix > net->size()) return false;
  }
  return net->size() == host->size() && net->substr(0, prefix) == host->substr(0, prefix);
}

std::string NaivelyCanonical(std::string_view number) {
  std::string text(number);
  if (text.starts_with("0x") || text.starts_with("0o")) {
    const bool is_hex = text[1] == 'x';
    const std::string digits = text.substr(2);
    const char* const allowed = is_hex ? "0123456789abcdefABCDEF" : "01234567";
    if (digits.empty() || digits.find_first_not_of(allowed) != std::string::npos) return text;
    errno = 0;
    const unsigned long long value = std::strtoull(digits.c_str(), nullptr, is_hex ? 16 : 8);
    return errno == 0 ? std::to_string(value) : text;
  }
  if (text.starts_with('+')) text.erase(0, 1);
  // Integers of more than 15 digits stay unchanged. As doubles, two different integers of this size
  // could be equal.
  if (text.size() > 15 && text.find_first_not_of("-0123456789") == std::string::npos) return text;
  if (!IsDecimal(text)) return std::string(number);
  const double value = std::strtod(text.c_str(), nullptr);
  const bool is_nonzero =
      text.substr(0, text.find_first_of("eE")).find_first_of("123456789") != std::string::npos;
  if (!std::isfinite(value) || (value == 0 && is_nonzero)) return std::string(number);
  if (value == 0) return "0";
  if (std::floor(value) == value && std::fabs(value) < 9007199254740992.0) {
    return Formatted("%.*f", 0, value);
  }
  return Shortest(value);
}

std::string NaiveBareAddress(std::string_view value) {
  const std::optional<std::string> bits = BitsOf(std::string(value));
  if (!bits.has_value()) return "";
  const std::string mapped = std::string(80, '0') + std::string(16, '1');
  const std::string kept =
      bits->size() == 128 && bits->starts_with(mapped) ? bits->substr(96) : *bits;
  unsigned char bytes[16] = {};
  for (size_t i = 0; i < kept.size(); ++i) {
    if (kept[i] == '1') bytes[i / 8] |= static_cast<unsigned char>(0x80 >> i % 8);
  }
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(kept.size() == 128 ? AF_INET6 : AF_INET, bytes, text, sizeof(text));
}

std::string NaiveAddress(std::string_view value) {
  return NaiveBareAddress(BareAddress(std::string(value)));
}

std::string NaiveDecimal(double number) { return number == 0 ? "0" : Shortest(number); }

int NaivelyCompared(std::string_view a, std::string_view b) {
  // Writes a number with a sign, 1,000 digits before the point and 1,000 digits after it. The
  // numbers of the tests are shorter.
  const auto expanded = [](std::string_view text, bool& is_negative) {
    is_negative = text.starts_with('-');
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    const size_t e = text.find_first_of("eE");
    const int exponent =
        e == std::string_view::npos ? 0 : std::atoi(std::string(text.substr(e + 1)).c_str());
    const std::string_view mantissa = text.substr(0, e);
    const size_t point = std::min(mantissa.find('.'), mantissa.size());
    std::string digits(2000, '0');
    for (size_t i = 0, place = 0; i < mantissa.size(); ++i) {
      if (mantissa[i] == '.') continue;
      const long at = 1000 - static_cast<long>(point) + static_cast<long>(place++) + exponent;
      if (at >= 0 && at < 2000) digits[static_cast<size_t>(at)] = mantissa[i];
    }
    if (digits == std::string(2000, '0')) is_negative = false;
    return digits;
  };
  bool is_a_negative, is_b_negative;
  const std::string left = expanded(a, is_a_negative), right = expanded(b, is_b_negative);
  if (is_a_negative != is_b_negative) return is_a_negative ? -1 : 1;
  return is_a_negative ? right.compare(left) : left.compare(right);
}

}  // namespace picket::detector
