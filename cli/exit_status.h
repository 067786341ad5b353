#pragma once

// The exit statuses of every command.

namespace picket {

inline constexpr int kExitOk = 0;
// Something is wrong with the records, rules, topics or alerts.
inline constexpr int kExitFaultInData = 1;
// The usage or the configuration is wrong, or a file or the cluster cannot be used.
inline constexpr int kExitWrongUsage = 2;

}  // namespace picket
