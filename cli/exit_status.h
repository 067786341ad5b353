#pragma once

// The exit statuses of every command.

namespace picket {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFaultInData =
    1;  // records, rules, topics or alerts are not as they should be
inline constexpr int kExitWrongUsage =
    2;  // wrong usage or configuration, or a file or cluster failed

}  // namespace picket
