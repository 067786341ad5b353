#include "simulator/server/http.h"

#include <zlib.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "common/strings.h"

namespace picket::simulator {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

HttpResponse JsonAnswer(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

std::string WholeBody(const HttpResponse& response) {
  if (response.source == nullptr) return response.body == nullptr ? "" : *response.body;
  std::string all;
  const std::unique_ptr<BodySource> source = response.source();
  for (std::string_view piece = source->Next(); !piece.empty(); piece = source->Next()) {
    all.append(piece);
  }
  return all;
}

std::string_view FindHeader(const HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (EqualsIgnoreCase(key, name)) return value;
  }
  return {};
}

void SetHeader(HttpResponse& response, std::string_view name, std::string value) {
  RemoveHeader(response, name);
  response.headers.emplace_back(std::string(name), std::move(value));
}

void RemoveHeader(HttpResponse& response, std::string_view name) {
  response.headers.erase(
      std::remove_if(response.headers.begin(), response.headers.end(),
                     [name](const auto& header) { return EqualsIgnoreCase(header.first, name); }),
      response.headers.end());
}

std::string Gzip(std::string_view bytes) {
  constexpr int kGzip = 15 + 16;  // window size, and the gzip header
  z_stream stream = {};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Base64UrlEncode(std::string_view bytes) {
  std::string out;
  absl::WebSafeBase64Escape(ToAbsl(bytes), &out);
  while (!out.empty() && out.back() == '=') out.pop_back();
  return out;
}

std::optional<std::string> Base64UrlDecode(std::string_view text) {
  std::string out;
  if (!absl::WebSafeBase64Unescape(ToAbsl(text), &out)) return std::nullopt;
  return out;
}

std::optional<std::string> Base64Decode(std::string_view text) {
  std::string out;
  if (!absl::Base64Unescape(ToAbsl(text), &out)) return std::nullopt;
  return out;
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
        HexDigit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

Parameters ParseParameters(std::string_view query) {
  Parameters parameters;
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    parameters.emplace_back(PercentDecode(pair.substr(0, equals)),
                            PercentDecode(pair.substr(std::min(equals + 1, pair.size()))));
  }
  return parameters;
}

const std::string* FindParameter(const Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (EqualsIgnoreCase(key, name)) return &value;
  }
  return nullptr;
}

}  // namespace picket::simulator
