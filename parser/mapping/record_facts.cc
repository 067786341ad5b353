#include "parser/mapping/record_facts.h"

#include "json/json_tokens.h"

namespace picket::parser {
namespace {

// An escaped quote inside a string. .NET writes it as \u0022.
struct EscapedQuote {
  size_t at = std::string_view::npos;
  size_t end = std::string_view::npos;
};
EscapedQuote FindQuote(std::string_view escaped, size_t from) {
  for (size_t at = escaped.find('\\', from); at != std::string_view::npos;
       at = escaped.find('\\', at + 2)) {
    if (escaped[at + 1] == '"') return {at, at + 2};
    if (escaped[at + 1] == 'u' && JsonHex4(escaped, at + 2) == '"') return {at, at + 6};
  }
  return {};
}

}  // namespace

bool LooksLikeAddress(std::string_view text) {
  const size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && text.find('.', at) != std::string_view::npos &&
         text.find(' ') == std::string_view::npos;
}

std::string_view UnwrapList(std::string_view escaped) {
  if (escaped.empty() || escaped[0] != '[') return escaped;
  const EscapedQuote open = FindQuote(escaped, 0);
  const EscapedQuote close = FindQuote(escaped, open.end);
  if (close.at == std::string_view::npos ||
      FindQuote(escaped, close.end).at != std::string_view::npos) {
    return escaped;
  }
  const std::string_view text = escaped.substr(open.end, close.at - open.end);
  return HasNeededEscapes(text) ? escaped : text;
}

bool HasNeededEscapes(std::string_view escaped) {
  for (size_t at = escaped.find('\\'); at != std::string_view::npos;
       at = escaped.find('\\', at + 2)) {
    if (escaped[at + 1] == '/') continue;
    if (escaped[at + 1] != 'u') return true;
    const int code = JsonHex4(escaped, at + 2);
    if (code < 0x20 || code == '"' || code == '\\') return true;
  }
  return false;
}

}  // namespace picket::parser
