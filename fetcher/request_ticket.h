#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "fetcher/blob_body.h"
#include "m365/http_transport.h"

namespace picket::fetcher {

enum class RequestKind : uint8_t {
  kToken,
  kListSubscriptions,
  kStartSubscription,
  kListContent,
  kRetrieve,
};

// The kind as it appears in logs and metrics.
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

// Identifies a request; travels with it and comes back with the response.
struct RequestTicket {
  RequestKind kind = RequestKind::kToken;
  // Index of the content type in the session. Empty if the request concerns the whole tenant.
  std::optional<size_t> feed;
  std::string content_id;  // kRetrieve
  int token_generation = 0;
  absl::Duration sent_at;          // monotonic
  std::shared_ptr<BlobBody> body;  // kRetrieve: receives the content; the ticket keeps it alive
};

struct SessionRequest {
  RequestTicket ticket;
  m365::HttpRequest http;
};

}  // namespace picket::fetcher
