#pragma once

#include <string>

#include "sigma/rule_file.h"

namespace picket::sigma {

// An error or a warning at a position in a document. The name of the file is not included, because
// only the caller knows the file.
struct ItemFault {
  int line = 0;
  int column = 0;
  std::string message;
  RuleFault::Severity severity = RuleFault::Severity::kError;
};

}  // namespace picket::sigma
