#pragma once

// The OCSF 1.8.0 classes that events and alerts use (https://schema.ocsf.io): their numbers, their
// names, and the names of their activities in OCSF and in the Elastic Common Schema.

#include <cstdint>
#include <string_view>

namespace picket {

inline constexpr std::string_view kOcsfVersion = "1.8.0";

namespace ocsf {

// Values of class_uid.
inline constexpr int32_t kDetectionFinding = 2004;
inline constexpr int32_t kDataSecurityFinding = 2006;
inline constexpr int32_t kAccountChange = 3001;
inline constexpr int32_t kAuthentication = 3002;
inline constexpr int32_t kEntityManagement = 3004;
inline constexpr int32_t kUserAccessManagement = 3005;
inline constexpr int32_t kGroupManagement = 3006;
inline constexpr int32_t kEmailActivity = 4009;
inline constexpr int32_t kWebResourcesActivity = 6001;
inline constexpr int32_t kApplicationLifecycle = 6002;
inline constexpr int32_t kApiActivity = 6003;
inline constexpr int32_t kFileHostingActivity = 6006;

// Values of category_uid.
inline constexpr int32_t kFindingsCategory = 2;
inline constexpr int32_t kIdentityAndAccessCategory = 3;
inline constexpr int32_t kNetworkCategory = 4;
inline constexpr int32_t kApplicationCategory = 6;

// The values of activity_id that code refers to by name. The table in ocsf_class.cc contains all
// values.
inline constexpr uint8_t kOtherActivity = 99;  // exists in every class
inline constexpr uint8_t kFindingCreate = 1;   // exists in both Findings classes
inline constexpr uint8_t kFindingUpdate = 2;
inline constexpr uint8_t kFindingClose = 3;
inline constexpr uint8_t kAccountEnable = 2;
inline constexpr uint8_t kAccountDisable = 5;
inline constexpr uint8_t kAccountDelete = 6;
inline constexpr uint8_t kAccountMfaEnable = 10;
inline constexpr uint8_t kAccountMfaDisable = 11;
inline constexpr uint8_t kEntityUpdate = 3;
inline constexpr uint8_t kEntityEnroll = 6;
inline constexpr uint8_t kGroupAssignPrivileges = 1;
inline constexpr uint8_t kGroupAddUser = 3;
inline constexpr uint8_t kGroupRemoveUser = 4;
inline constexpr uint8_t kApiRead = 2;
inline constexpr uint8_t kWebUpdate = 3;
inline constexpr uint8_t kWebShare = 8;
inline constexpr uint8_t kFileShare = 12;

}  // namespace ocsf

struct OcsfClass {
  int32_t uid;
  int32_t category_uid;
  std::string_view name;
  std::string_view category_name;
  bool has_src_endpoint;
  bool has_http_request;
  // All activities in the form "1 Create=iam/user,creation|…": activity_id, the name in OCSF, and
  // event.category and event.type in ECS. Activity 99 has no name.
  std::string_view activities;
};
// Finds a class by its class_uid. Returns nullptr if no event has this class.
const OcsfClass* FindOcsfClass(int32_t class_uid);
// Returns the name of an activity, such as "Create". Returns an empty string if the class has no
// such activity.
std::string_view ActivityName(const OcsfClass& ocsf_class, int activity_id);

// The categorisation of an activity in the Elastic Common Schema.
struct EcsKind {
  std::string_view kind;      // "event", "alert"
  std::string_view category;  // "iam"
  std::string_view types;     // "user,creation"
};
EcsKind EcsKindOf(const OcsfClass& ocsf_class, int activity_id);

}  // namespace picket
