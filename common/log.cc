#include "common/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
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

class Logger {
 public:
  void Configure(LogLevel level, LogFormat format) {
    level_ = level;
    format_ = format;
  }

  void Write(LogLevel level, std::string_view event, LogFields fields) {
    if (level < level_) return;
    const absl::Time now = absl::Now();
    // A step of the time of day must neither suppress lines for its whole length nor let all of
    // them through.
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

  // Returns the number of lines suppressed since the last logged line, or -1 if this line is
  // suppressed too.
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
      field.is_text ? json.Value(field.value) : json.Raw(field.value);
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
      const bool quote =
          field.is_text &&
          (field.value.empty() || field.value.find_first_of(" \"\n\r\t=") != std::string::npos);
      if (quote) line.push_back('"');
      AppendJsonEscaped(line, field.value);
      if (quote) line.push_back('"');
    }
    if (suppressed > 0) absl::StrAppend(&line, " suppressed=", suppressed);
    return line;
  }

  const std::shared_ptr<spdlog::sinks::sink> log_ = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    sink->set_pattern("%v");
    return sink;
  }();
  LogLevel level_ = LogLevel::kInfo;
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

void Log(LogLevel level, std::string_view event, LogFields fields) {
  TheLogger().Write(level, event, fields);
}

}  // namespace picket
