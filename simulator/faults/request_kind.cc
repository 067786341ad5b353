#include "simulator/faults/request_kind.h"

namespace picket::simulator {

std::string_view RequestKindName(RequestKind kind) {
  switch (kind) {
    case RequestKind::kToken:
      return "token";
    case RequestKind::kStart:
      return "start";
    case RequestKind::kStop:
      return "stop";
    case RequestKind::kSubscriptions:
      return "subscriptions";
    case RequestKind::kContent:
      return "content";
    case RequestKind::kBlob:
      return "blob";
    case RequestKind::kOther:
      return "other";
  }
  return "other";
}

}  // namespace picket::simulator
