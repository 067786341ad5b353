#pragma once

#include <string>

#include "sigma/rule_file.h"

namespace picket::sigma {

// A fault or a warning inside a document, whose file only the caller knows.
struct ItemFault {
  int line = 0;
  int column = 0;
  std::string message;
  RuleFault::Severity severity = RuleFault::Severity::kError;
};

}  // namespace picket::sigma
