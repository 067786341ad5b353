#pragma once

#include <string>

#include "sigma/rule_file.h"

namespace picket::sigma {

// An error or a warning inside a document. Only the caller knows the file of the document.
struct ItemFault {
  int line = 0;
  int column = 0;
  std::string message;
  RuleFault::Severity severity = RuleFault::Severity::kError;
};

}  // namespace picket::sigma
