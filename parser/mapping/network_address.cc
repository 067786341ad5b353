#include "parser/mapping/network_address.h"

#include "common/strings.h"

namespace picket::parser {

bool IsIpV4(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at == end || *at++ != '.')) return false;
    if (at == end || !IsDigit(*at)) return false;
    int value = *at++ - '0';
    // No digit may follow a leading zero: 15.20.41.032 is a build number.
    if (value == 0) continue;
    for (int digits = 1; digits < 3 && at != end && IsDigit(*at); ++digits) {
      value = value * 10 + (*at++ - '0');
    }
    if (value > 255) return false;
  }
  return at == end;
}

bool IsIpV6(std::string_view text) {
  if (text.size() < 2 || text.size() > 39) return false;
  int groups = 0;
  bool compressed = false;
  size_t at = 0;
  if (text[0] == ':') {
    if (text[1] != ':') return false;
    compressed = true;
    at = 2;
    if (at == text.size()) return true;
  }
  while (true) {
    const size_t start = at;
    while (at < text.size() && at - start < 5) {
      const char c = text[at];
      if (!IsDigit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) break;
      ++at;
    }
    if (at < text.size() && text[at] == '.') {  // the last part is an IPv4 address
      if (!IsIpV4(text.substr(start))) return false;
      groups += 2;
      break;
    }
    if (at == start || at - start > 4) return false;
    ++groups;
    if (at == text.size()) break;
    if (text[at] != ':') return false;
    if (++at == text.size()) return false;
    if (text[at] == ':') {
      if (compressed) return false;
      compressed = true;
      if (++at == text.size()) break;
    }
  }
  return compressed ? groups < 8 : groups == 8;
}

namespace {

// Removes the prefix of an IPv4 address: ::ffff:192.0.2.10 or, in records of Copilot,
// ffff:192.0.2.10.
std::string_view WithoutMappedPrefix(std::string_view ip) {
  for (const std::string_view prefix : {"::ffff:", "ffff:"}) {
    if (ip.size() > prefix.size() && EqualsIgnoreCase(ip.substr(0, prefix.size()), prefix) &&
        IsIpV4(ip.substr(prefix.size()))) {
      return ip.substr(prefix.size());
    }
  }
  return ip;
}

std::string_view AsIp(std::string_view text) {
  if (IsIpV4(text)) return text;  // the most frequent case
  const size_t zone = text.find('%');
  if (zone != std::string_view::npos && IsIpV6(text.substr(0, zone))) text = text.substr(0, zone);
  text = WithoutMappedPrefix(text);
  return IsIpV4(text) || IsIpV6(text) ? text : std::string_view();
}

int AsPort(std::string_view text) {
  if (text.empty() || text.size() > 5) return 0;
  int port = 0;
  for (const char c : text) {
    if (!IsDigit(c)) return 0;
    port = port * 10 + (c - '0');
  }
  return port > 65535 ? 0 : port;
}

// Returns true if the text has only letters, digits, dots, dashes and underscores, and at least one
// letter.
bool IsHostname(std::string_view text) {
  bool letter = false;
  if (text.empty() || text.size() > 253) return false;
  for (const char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      letter = true;
    } else if (!IsDigit(c) && c != '.' && c != '-' && c != '_') {
      return false;
    }
  }
  return letter && !EqualsIgnoreCase(text, "null");
}

}  // namespace

void ParseAddress(std::string_view text, NetworkAddress& address) {
  text = TrimBlanks(text);
  if (const size_t comma = text.find(','); comma != std::string_view::npos) {
    address.more = TrimBlanks(text.substr(comma + 1));
    text = TrimBlanks(text.substr(0, comma));
  }
  if (text.empty()) return;
  address.ip = AsIp(text);  // the most frequent case
  if (!address.ip.empty()) return;
  // Brackets can enclose an address or "NAME (address)". A port can follow the brackets.
  if (text.front() == '[') {
    const size_t close = text.rfind(']');
    if (close == std::string_view::npos) return;
    const std::string_view after = text.substr(close + 1);
    if (!after.empty() && after.front() == ':') address.port = AsPort(after.substr(1));
    text = text.substr(1, close - 1);
    address.ip = AsIp(text);
    if (!address.ip.empty()) return;
  }
  if (const size_t open = text.find(" ("); open != std::string_view::npos && text.back() == ')') {
    const std::string_view place = text.substr(open + 2, text.size() - open - 3);
    address.ip = AsIp(place);
    if (address.ip.empty()) {  // the address in brackets may have a port
      NetworkAddress with_port;
      if (place.find(" (") == std::string_view::npos) ParseAddress(place, with_port);
      address.ip = with_port.ip;
      if (!address.ip.empty()) address.port = with_port.port;
    }
    const std::string_view name = text.substr(0, open);
    if (IsHostname(name)) address.hostname = name;
    return;
  }
  if (const size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    const int port = AsPort(text.substr(colon + 1));
    const std::string_view host = text.substr(0, colon);
    if (port != 0 && IsIpV4(host)) {
      address.ip = host;
      address.port = port;
      return;
    }
    if (port != 0 && IsHostname(host)) {
      address.hostname = host;
      address.port = port;
      return;
    }
  }
  if (IsHostname(text)) address.hostname = text;
}

NetworkAddress ParseAddress(std::string_view text) {
  NetworkAddress address;
  ParseAddress(text, address);
  return address;
}

}  // namespace picket::parser
