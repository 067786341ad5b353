#pragma once

// The JSON that all events of one class and activity share. It is built only once.

#include <cstdint>
#include <string>

#include "model/ocsf_class.h"

namespace picket::parser {

struct ActivityJson {
  const OcsfClass* ocsf_class = nullptr;
  std::string ocsf_kind;  // {"class_uid":3002,…,"activity_id":1,"time":
  // The members `,"activity_name":"Logon","class_name":"Authentication","message":`. For activity
  // 99, `activity_name` is missing, because the name of the activity depends on the record.
  std::string ocsf_names;
  std::string ecs_kind;  // "kind":"event","category":["iam"],"type":["user","creation"]
  // Used instead of ecs_kind for all workloads except AzureActiveDirectory. If the category is
  // configuration, iam, package or threat, this text also has the category "web" and the type
  // "info", because Elastic's rules expect them. Otherwise, this text equals ecs_kind.
  std::string ecs_kind_of_service;
};

// Returns the JSON of a class and activity. `class_uid` must be the class of a row of the mapping,
// or Data Security Finding. `activity_id` must be below 18, or 99.
// Lifetime: The result is valid until the process ends.
// Complexity: Constant.
const ActivityJson& ActivityJsonOf(int32_t class_uid, uint8_t activity_id);

}  // namespace picket::parser
