#pragma once

// The exit statuses of every command.

namespace picket {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFaultInData =
    1;  // something is wrong with the records, rules, topics or alerts
inline constexpr int kExitWrongUsage =
    2;  // wrong usage or configuration, or failure of a file or the cluster

}  // namespace picket
