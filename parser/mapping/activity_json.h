#pragma once

// The JSON that all events of one class and activity share, built once.

#include <cstdint>
#include <string>

#include "model/ocsf_class.h"

namespace picket::parser {

struct ActivityJson {
  const OcsfClass* ocsf_class = nullptr;
  std::string ocsf_kind;  // {"class_uid":3002,…,"activity_id":1,"time":
  // ,"activity_name":"Logon","class_name":"Authentication","message": For activity 99 without the
  // first member, which depends on the record.
  std::string ocsf_names;
  std::string ecs_kind;  // "kind":"event","category":["iam"],"type":["user","creation"]
  // The same with "web" and "info": Elastic's rules expect them of all workloads but the directory.
  std::string ecs_kind_of_service;
};

// `class_uid`: the class of a row of the mapping, or Data Security Finding. `activity_id`: below
// 18, or 99. Lifetime: for ever. Complexity: constant.
const ActivityJson& ActivityJsonOf(int32_t class_uid, uint8_t activity_id);

}  // namespace picket::parser
