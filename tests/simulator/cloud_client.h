#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "simulator/cloud.h"
#include "tests/support/fake_clock.h"

namespace picket::simulator {

inline constexpr char kOrigin[] = "https://cloud.example";
inline constexpr char kPublisher[] = "PublisherIdentifier=11111111-1111-4111-8111-111111111111";

// A client that calls a simulated cloud for one tenant, without a network.
class CloudClient {
 public:
  CloudClient(Cloud& cloud, int tenant = 0) : cloud_(cloud), tenant_(cloud.tenants()[tenant]) {}

  HttpResponse Token(const std::string& form, const std::string& path = "/oauth2/v2.0/token") {
    HttpRequest request;
    request.method = "POST";
    request.target = absl::StrCat("/", tenant_.id, path);
    request.origin = kOrigin;
    request.body = form;
    return cloud_.Handle(request);
  }
  static std::string Encode(const std::string& text) {
    std::string out;
    for (const unsigned char c : text) {
      out += isalnum(c) != 0 ? std::string(1, static_cast<char>(c))
                             : absl::StrCat("%", absl::Hex(c, absl::kZeroPad2));
    }
    return out;
  }
  std::string GoodForm() const {
    return absl::StrCat("grant_type=client_credentials&client_id=", tenant_.client_id,
                        "&client_secret=", Encode(tenant_.client_secret),
                        "&scope=", Encode(absl::StrCat(kOrigin, "/.default")));
  }
  void SignIn() { bearer_ = Between(*Token(GoodForm()).body, "\"access_token\":\"", "\""); }
  void set_bearer(std::string bearer) { bearer_ = std::move(bearer); }
  const std::string& bearer() const { return bearer_; }

  // Calls the Management Activity API for the tenant. `path` is the part of the URL after
  // …/activity/feed.
  HttpResponse Call(const std::string& method, const std::string& path) {
    return Send(method, absl::StrCat("/api/v1.0/", tenant_.id, "/activity/feed", path));
  }
  HttpResponse Send(const std::string& method, const std::string& target) {
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.origin = kOrigin;
    if (!bearer_.empty()) request.authorization = "Bearer " + bearer_;
    return cloud_.Handle(request);
  }
  HttpResponse StartSubscription(const std::string& type = "Audit.Exchange") {
    return Call("POST", absl::StrCat("/subscriptions/start?contentType=", type, "&", kPublisher));
  }
  HttpResponse List(const std::string& window, const std::string& type = "Audit.Exchange") {
    return Call("GET",
                absl::StrCat("/subscriptions/content?contentType=", type, window, "&", kPublisher));
  }

  static std::string Between(const std::string& text, const std::string& before,
                             const std::string& after) {
    const size_t from = text.find(before);
    if (from == std::string::npos) return "";
    const size_t start = from + before.size();
    return text.substr(start, text.find(after, start) - start);
  }
  static std::string Header(const HttpResponse& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

 private:
  Cloud& cloud_;
  const Tenant& tenant_;
  std::string bearer_;
};

// Returns the HTTP status and the API's error code, for example "400 AF20030". Returns only the
// status if the response has no error code.
inline std::string Answer(const HttpResponse& response) {
  const std::string code = CloudClient::Between(*response.body, "\"code\":\"", "\"");
  return absl::StrCat(response.status, code.empty() ? "" : " ", code);
}

// Returns the HTTP status, the OAuth error and Entra's error number, for example
// "401 invalid_client 7000215". Returns only the status if the response has no error.
inline std::string TokenAnswer(const HttpResponse& response) {
  const std::string error = CloudClient::Between(*response.body, "\"error\":\"", "\"");
  if (error.empty()) return absl::StrCat(response.status);
  return absl::StrCat(response.status, " ", error, " ",
                      CloudClient::Between(*response.body, "\"error_codes\":[", "]"));
}

inline int CountOf(const std::string& text, const std::string& word) {
  int count = 0;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

}  // namespace picket::simulator
