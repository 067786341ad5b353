#pragma once

// The OCSF 1.8.0 classes that events and alerts use, by class_uid (https://schema.ocsf.io).

#include <cstdint>

namespace picket::ocsf {

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

}  // namespace picket::ocsf
