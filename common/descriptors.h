#pragma once

// The limit of file descriptors of this process.

#include <cstdint>
#include <string>

namespace picket {

// Sets the soft limit of file descriptors to the hard limit. Many systems set a soft limit of 1,024
// for old programs that use select(). Picket does not use select(). Logs a warning if the hard
// limit is low as well. Call this function before threads are started.
void RaiseDescriptorLimit();

// Returns the number of file descriptors that this process may have open.
int64_t DescriptorLimit();

// Returns true if this process cannot open another file descriptor now.
bool IsAtDescriptorLimit();

// Describes the limit and how to raise it, such as "this process may have 64 open files and
// sockets; raise the limit with ulimit -n, or LimitNOFILE= in a systemd unit".
std::string DescribeDescriptorLimit();

}  // namespace picket
