#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "fetcher/content/blob_body.h"
#include "m365/http_transport.h"

namespace picket::fetcher {

enum class RequestKind : uint8_t {
  kToken,
  kListSubscriptions,
  kStartSubscription,
  kListContent,
  kRetrieve,
};

// Returns the name that logs and metrics use for the kind.
constexpr std::string_view RequestKindName(RequestKind kind) {
  switch (kind) {
    case RequestKind::kToken:
      return "token";
    case RequestKind::kListSubscriptions:
      return "list_subscriptions";
    case RequestKind::kStartSubscription:
      return "start_subscription";
    case RequestKind::kListContent:
      return "list_content";
    case RequestKind::kRetrieve:
      return "retrieve";
  }
  return "";
}

// Identifies a request. The ticket is kept with the request and returned with the response.
struct RequestTicket {
  RequestKind kind = RequestKind::kToken;
  // The index of the content type in the session, or nullopt if the request concerns the whole
  // tenant.
  std::optional<size_t> collector;
  std::string content_id;  // set for kRetrieve only
  int token_generation = 0;
  absl::Duration sent_at;          // monotonic time at which the request was sent
  std::shared_ptr<BlobBody> body;  // receives the content of kRetrieve; kept alive by the ticket
};

struct SessionRequest {
  RequestTicket ticket;
  m365::HttpRequest http;
};

}  // namespace picket::fetcher
