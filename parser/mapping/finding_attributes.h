#pragma once

// Writes the attributes of the Findings classes: alerts, investigations, threats, and matched rules
// of data loss prevention.

#include "parser/mapping/class_writer.h"

namespace picket::parser {

struct FindingAttributes : ClassWriter {
  void Finding();
  void Evidences();
  void DataSecurity();
};

}  // namespace picket::parser
