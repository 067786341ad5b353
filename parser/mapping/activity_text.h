#pragma once

// The JSON that all events of one class and activity have in common, made once.

#include <cstdint>
#include <string>

#include "model/mapping.h"

namespace picket::parser {

struct ActivityText {
  const OcsfClass* ocsf_class = nullptr;
  std::string ocsf_kind;  // {"class_uid":3002,…,"activity_id":1,"time":
  // ,"activity_name":"Logon","class_name":"Authentication","message": without the first member where the record has
  // a word of its own
  std::string ocsf_names;
  std::string ecs_kind;  // "kind":"event","category":["iam"],"type":["user","creation"]
  std::string
      ecs_kind_of_service;  // the same with "web" and "info", as Elastic's rules ask of all but the directory
};

// `class_uid`: of a row of the mapping, or 2006. `activity_id`: below 18, or 99. Lifetime: for ever. Complexity: constant.
const ActivityText& ActivityTextOf(int32_t class_uid, uint8_t activity_id);

}  // namespace picket::parser
