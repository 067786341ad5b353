#pragma once

// Writes structured logs to standard error. Each line has a constant event name and fields.
//   LogWarning("content_retrieve_failed", {{"tenant", tenant}, {"attempt", 3}, {"error", status}});
// Never log every record, and never log a secret or the body of a record. A value may come from
// outside. So that a value cannot fill the log, it is cut after 1 KiB. So that a value cannot add a
// line or a field, its control characters and invalid bytes are escaped.
// Each event name is logged at most ten times in ten seconds. Further lines are suppressed, and the
// next logged line of the event contains `suppressed=N`.
// Threads: any thread may log.

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace picket {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kText, kJson };

struct LogField {
  LogField(std::string_view name, std::string_view value) : name(name), value(value) {}
  LogField(std::string_view name, const char* value) : name(name), value(value) {}
  LogField(std::string_view name, const std::string& value) : name(name), value(value) {}
  LogField(std::string_view name, const absl::Status& status)
      : name(name), value(status.ToString(absl::StatusToStringMode::kWithNoExtraData)) {}
  LogField(std::string_view name, bool value)
      : name(name), value(value ? "true" : "false"), is_text(false) {}
  template <typename Number>
  requires(std::integral<Number> || std::floating_point<Number>)
      LogField(std::string_view name, Number value)
      : name(name), value(std::to_string(value)), is_text(false) {}

  std::string_view name;
  std::string value;
  bool is_text = true;
};
using LogFields = std::initializer_list<LogField>;

// Sets the level (by default info) and the format (by default text). Call this function before the
// first thread is started.
void ConfigureLog(LogLevel level, LogFormat format);
// Changes the level while the process runs. Any thread may call this function.
void SetLogLevel(LogLevel level);

void Log(LogLevel level, std::string_view event, LogFields fields);
inline void LogDebug(std::string_view event, LogFields fields = {}) {
  Log(LogLevel::kDebug, event, fields);
}
inline void LogInfo(std::string_view event, LogFields fields = {}) {
  Log(LogLevel::kInfo, event, fields);
}
inline void LogWarning(std::string_view event, LogFields fields = {}) {
  Log(LogLevel::kWarning, event, fields);
}
inline void LogError(std::string_view event, LogFields fields = {}) {
  Log(LogLevel::kError, event, fields);
}

}  // namespace picket
