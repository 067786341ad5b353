#include "common/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/json_writer.h"
#include "common/mutex.h"
#include "common/strings.h"

namespace picket {
namespace {

constexpr int kLinesPerPeriod = 10;
constexpr absl::Duration kPeriod = absl::Seconds(10);
// The maximum length of a field's value. A value may come from outside Picket, such as from a file
// or another server, and must not fill the log.
constexpr size_t kMaxFieldBytes = 1024;

// Returns the part of a field's value that is logged.
std::string Bounded(std::string_view value) {
  if (value.size() <= kMaxFieldBytes) return std::string(value);
  return absl::StrCat(ToAbsl(TruncateUtf8(value, kMaxFieldBytes)), "\u2026 (", value.size(),
                      " bytes)");
}

// Appends a value with JSON escapes. Invalid bytes become U+FFFD. Control characters outside ASCII
// are escaped as well, because terminals act on these characters.
void AppendEscaped(std::string& line, std::string_view value) {
  size_t clean = 0;  // start of the bytes that AppendJsonEscaped has yet to append
  for (size_t at = 0; at < value.size();) {
    const size_t control = ControlLength(value.substr(at));
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(value[at + i]); };
    if (control == 0 || byte(0) < 0x20) {
      ++at;
      continue;
    }
    AppendJsonEscaped(line, value.substr(clean, at - clean));
    const int code = control == 1 ? byte(0)
                     : control == 2
                         ? byte(1)
                         : (byte(0) & 0xf) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
    absl::StrAppend(&line, "\\u", absl::Hex(code, absl::kZeroPad4));
    at += control;
    clean = at;
  }
  AppendJsonEscaped(line, value.substr(clean));
}

class Logger {
 public:
  void Configure(LogLevel level, LogFormat format) {
    level_ = level;
    format_ = format;
  }

  void SetLevel(LogLevel level) { level_ = level; }

  void Write(LogLevel level, std::string_view event, LogFields fields) {
    if (level < level_) return;
    const absl::Time now = absl::Now();
    // The monotonic clock is used because the time of day can be set. If it were set back by an
    // hour, lines would be suppressed for an hour.
    const int suppressed = CountSuppressed(event, SystemMonotonicNow());
    if (suppressed < 0) return;
    const std::string line = format_ == LogFormat::kJson
                                 ? Json(now, level, event, fields, suppressed)
                                 : Text(now, level, event, fields, suppressed);
    spdlog::details::log_msg message("", spdlog::level::info, line);
    log_->log(message);
    log_->flush();
  }

 private:
  struct Rate {
    MonotonicTime start = MonotonicTime::InfinitePast();
    int lines = 0;
    int suppressed = 0;
  };

  // Returns the number of lines of the event that were suppressed since its last logged line, or -1
  // if the current line is suppressed too.
  int CountSuppressed(std::string_view event, MonotonicTime now) {
    MutexLock lock(mu_);
    Rate& rate = rates_.try_emplace(std::string(event)).first->second;
    if (now - rate.start > kPeriod) {
      rate.start = now;
      rate.lines = 0;
    }
    if (++rate.lines > kLinesPerPeriod) {
      ++rate.suppressed;
      return -1;
    }
    return std::exchange(rate.suppressed, 0);
  }

  static std::string_view Name(LogLevel level) {
    static constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
    return kNames[static_cast<int>(level)];
  }

  static std::string Time(absl::Time now) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", now, absl::UTCTimeZone());
  }

  static std::string Json(absl::Time now, LogLevel level, std::string_view event, LogFields fields,
                          int suppressed) {
    std::string line;
    JsonWriter json(&line);
    json.BeginObject().Key("time").Value(Time(now)).Key("level").Value(Name(level));
    json.Key("event").Value(event);
    for (const LogField& field : fields) {
      json.Key(field.name);
      if (!field.is_text) {
        json.Raw(field.value);
        continue;
      }
      std::string text = "\"";
      AppendEscaped(text, Bounded(field.value));
      text.push_back('"');
      json.Raw(text);
    }
    if (suppressed > 0) json.Key("suppressed").Value(suppressed);
    json.EndObject();
    return line;
  }

  static std::string Text(absl::Time now, LogLevel level, std::string_view event, LogFields fields,
                          int suppressed) {
    std::string line = absl::StrCat(Time(now), " ", ToAbsl(Name(level)), " ", ToAbsl(event));
    for (const LogField& field : fields) {
      absl::StrAppend(&line, " ", ToAbsl(field.name), "=");
      const std::string value = Bounded(field.value);
      std::string escaped;
      AppendEscaped(escaped, value);
      const bool quote = field.is_text && (value.empty() || escaped != value ||
                                           value.find_first_of(" =") != std::string::npos);
      absl::StrAppend(&line, quote ? "\"" : "", escaped, quote ? "\"" : "");
    }
    if (suppressed > 0) absl::StrAppend(&line, " suppressed=", suppressed);
    return line;
  }

  const std::shared_ptr<spdlog::sinks::sink> log_ = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink->set_pattern("%v");
    return sink;
  }();
  std::atomic<LogLevel> level_ = LogLevel::kInfo;
  LogFormat format_ = LogFormat::kText;
  Mutex mu_;
  std::map<std::string, Rate, std::less<>> rates_ ABSL_GUARDED_BY(mu_);
};

Logger& TheLogger() {
  static auto* const logger =
      new Logger;  // never destroyed, because threads may log until the process ends
  return *logger;
}

}  // namespace

void ConfigureLog(LogLevel level, LogFormat format) { TheLogger().Configure(level, format); }

void SetLogLevel(LogLevel level) { TheLogger().SetLevel(level); }

void Log(LogLevel level, std::string_view event, LogFields fields) {
  TheLogger().Write(level, event, fields);
}

}  // namespace picket
