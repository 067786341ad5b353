#pragma once

// Attributes of the Findings classes: alerts, investigations, threats, and matched rules for data
// loss prevention.

#include "parser/mapping/class_writer.h"

namespace picket::parser {

struct FindingAttributes : ClassWriter {
  void Finding();
  void Evidences();
  void DataSecurity();
};

}  // namespace picket::parser
