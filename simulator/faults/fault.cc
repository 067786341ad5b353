#include "simulator/faults/fault.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/check.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "simulator/faults/error_answers.h"

namespace picket::simulator {
namespace {

constexpr std::array<std::string_view, 10> kKeys = {"tenant", "type",  "on",    "from", "for",
                                                    "every",  "share", "count", "per",  "seed"};
constexpr std::array<std::string_view, 5> kContentTypes = {
    "Audit.AzureActiveDirectory", "Audit.Exchange", "Audit.SharePoint", "Audit.General", "DLP.All"};
constexpr std::array<RequestKind, 6> kSelectableKinds = {
    RequestKind::kToken,         RequestKind::kStart,   RequestKind::kStop,
    RequestKind::kSubscriptions, RequestKind::kContent, RequestKind::kBlob};

struct Unit {
  std::string_view name;
  int64_t nanoseconds;
};
// Ordered from the largest unit, because SpanText uses the first unit that divides the duration.
constexpr std::array<Unit, 7> kTimeUnits = {{{"d", 86'400'000'000'000},
                                             {"h", 3'600'000'000'000},
                                             {"m", 60'000'000'000},
                                             {"s", 1'000'000'000},
                                             {"ms", 1'000'000},
                                             {"us", 1'000},
                                             {"ns", 1}}};

struct ByteUnit {
  std::string_view name;
  int64_t bytes;
};
constexpr std::array<ByteUnit, 6> kByteUnits = {{{"GiB", 1 << 30},
                                                 {"GB", 1'000'000'000},
                                                 {"MiB", 1 << 20},
                                                 {"MB", 1'000'000},
                                                 {"KiB", 1 << 10},
                                                 {"KB", 1'000}}};
constexpr int64_t kMostBytes = int64_t{64} << 30;

std::string BytesText(int64_t bytes) {
  for (const ByteUnit& unit : kByteUnits) {
    if (bytes > 0 && bytes % unit.bytes == 0) {
      return absl::StrCat(bytes / unit.bytes, ToAbsl(unit.name));
    }
  }
  return absl::StrCat(bytes);
}

absl::Status WrongWord(std::string_view what, std::string_view word, std::string_view allowed) {
  return absl::InvalidArgumentError(absl::StrCat("invalid ", ToAbsl(what), " \"", ToAbsl(word),
                                                 "\"; allowed: ", ToAbsl(allowed)));
}

// Returns the words separated by commas.
std::string Listed(std::string_view words) {
  return absl::StrJoin(absl::StrSplit(ToAbsl(words), ' ', absl::SkipEmpty()), ", ");
}

bool Contains(std::string_view words, std::string_view word) {
  for (const absl::string_view known : absl::StrSplit(ToAbsl(words), ' ', absl::SkipEmpty())) {
    if (known == ToAbsl(word)) return true;
  }
  return false;
}

bool IsTime(std::string_view text) {
  absl::Time time;
  std::string error;
  return absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, &error);
}

constexpr std::string_view kSpans = "a time such as 100ms, 60s, 5m, 2h or 5d";

absl::Status SetValue(Fault& fault, std::string_view text) {
  const FaultKindRow& row = RowOf(fault.kind);
  const std::string what = absl::StrCat("value of ", ToAbsl(row.name));
  fault.number = 0;
  fault.duration = absl::ZeroDuration();
  fault.value = std::string(text);
  switch (row.form) {
    case FaultValue::kNone:
      return WrongWord(what, text, absl::StrCat("no value: ", ToAbsl(row.name), " has none"));
    case FaultValue::kStatus:
      if (!Contains(row.words, text) || !absl::SimpleAtoi(ToAbsl(text), &fault.number)) {
        return WrongWord(what, text, Listed(row.words));
      }
      return absl::OkStatus();
    case FaultValue::kWord:
      return Contains(row.words, text) ? absl::OkStatus()
                                       : WrongWord(what, text, Listed(row.words));
    case FaultValue::kDuration:
    case FaultValue::kSkew: {
      const bool negative = row.form == FaultValue::kSkew && text.starts_with("-");
      const std::optional<absl::Duration> span = ParseSpan(text.substr(negative ? 1 : 0));
      if (!span.has_value()) {
        return WrongWord(what, text,
                         row.form == FaultValue::kSkew
                             ? absl::StrCat(ToAbsl(kSpans), ", or a negative one such as -10m")
                             : std::string(kSpans));
      }
      fault.duration = negative ? -*span : *span;
      fault.value = absl::StrCat(negative ? "-" : "", SpanText(*span));
      return absl::OkStatus();
    }
    case FaultValue::kBytes: {
      const std::optional<int64_t> bytes = ParseBytes(text);
      if (!bytes.has_value()) {
        return WrongWord(what, text,
                         "a number of bytes from 1 to 64GiB, such as 500, 64KiB, 200MB");
      }
      fault.number = *bytes;
      fault.value = BytesText(*bytes);
      return absl::OkStatus();
    }
    case FaultValue::kCount:
      if (!absl::SimpleAtoi(ToAbsl(text), &fault.number) || fault.number <= 0) {
        return WrongWord(what, text, "a positive number");
      }
      fault.value = absl::StrCat(fault.number);
      return absl::OkStatus();
    case FaultValue::kAf:
    case FaultValue::kAadsts: {
      const bool is_af = row.form == FaultValue::kAf;
      const ErrorAnswer* const answer = is_af ? FindAfAnswer(text) : FindAadstsAnswer(text);
      if (answer == nullptr) {
        return WrongWord(what, text,
                         absl::StrJoin(is_af ? AfAnswers() : AadstsAnswers(), ", ",
                                       [](std::string* out, const ErrorAnswer& known) {
                                         out->append(known.code);
                                       }));
      }
      fault.value = std::string(answer->code);
      if (fault.on == 0) fault.on = answer->on;
      return absl::OkStatus();
    }
    case FaultValue::kDate:
      if (Contains(row.words, text) || IsTime(text)) return absl::OkStatus();
      return WrongWord(what, text,
                       absl::StrCat(Listed(row.words), ", or a time such as 2030-01-01T00:00:00Z"));
    case FaultValue::kExpiration: {
      if (Contains(row.words, text) || IsTime(text)) return absl::OkStatus();
      const std::optional<absl::Duration> span = ParseSpan(text);
      if (!span.has_value()) {
        return WrongWord(what, text,
                         absl::StrCat(Listed(row.words),
                                      ", a time such as 2030-01-01T00:00:00Z, or a time after the "
                                      "creation such as 20d"));
      }
      fault.duration = *span;
      fault.value = SpanText(*span);
      return absl::OkStatus();
    }
    case FaultValue::kUrl:
      if (text.starts_with("https://") || text.starts_with("http://")) return absl::OkStatus();
      return WrongWord(what, text, "a URL such as https://manage.office365.us");
  }
  return absl::OkStatus();
}

const FaultKindRow* FindKind(std::string_view name) {
  for (const FaultKindRow& row : FaultKinds()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

absl::Status SetKind(Fault& fault, std::string_view name) {
  if (const FaultKindRow* const row = FindKind(name)) {
    fault = Fault();
    fault.kind = row->kind;
    fault.on = row->on;
    return row->default_value.empty() ? absl::OkStatus() : SetValue(fault, row->default_value);
  }
  std::vector<std::string_view> names;
  for (const FaultKindRow& row : FaultKinds()) names.push_back(row.name);
  const std::string_view near = NearestWord(name, names);
  return WrongWord(
      "kind of fault", name,
      absl::StrCat(
          absl::StrJoin(names, ", ",
                        [](std::string* out, std::string_view known) { out->append(known); }),
          near.empty() ? "" : "; did you mean ", ToAbsl(near), near.empty() ? "" : "?"));
}

absl::Status SetOn(Fault& fault, std::string_view text) {
  if (RowOf(fault.kind).moment != FaultMoment::kRequest) {
    return absl::InvalidArgumentError(absl::StrCat("\"on\" cannot be used with ",
                                                   ToAbsl(RowOf(fault.kind).name),
                                                   ", which does not concern requests"));
  }
  RequestKinds on = 0;
  for (const absl::string_view word : absl::StrSplit(ToAbsl(text), '+')) {
    RequestKinds found = 0;
    if (word == "api") found = kAllApiKinds;
    if (word == "all") found = kAllKinds;
    for (const RequestKind kind : kSelectableKinds) {
      if (ToStd(word) == RequestKindName(kind)) found = KindBit(kind);
    }
    if (found == 0) {
      return WrongWord("word in \"on\"", ToStd(word),
                       "token, start, stop, subscriptions, content, blob, api (all but token), "
                       "all, or several joined with '+'");
    }
    on |= found;
  }
  fault.on = on;
  return absl::OkStatus();
}

std::string OnText(RequestKinds on) {
  if (on == kAllKinds) return "all";
  if (on == kAllApiKinds) return "api";
  std::vector<std::string> words;
  for (const RequestKind kind : kSelectableKinds) {
    if ((on & KindBit(kind)) != 0) words.emplace_back(RequestKindName(kind));
  }
  return absl::StrJoin(words, "+");
}

absl::Status SetSpan(absl::Duration& span, std::string_view key, std::string_view text,
                     bool positive) {
  const std::optional<absl::Duration> parsed = ParseSpan(text);
  if (!parsed.has_value() || (positive && *parsed <= absl::ZeroDuration())) {
    return WrongWord(absl::StrCat("value of \"", ToAbsl(key), "\""), text, kSpans);
  }
  span = *parsed;
  return absl::OkStatus();
}

absl::Status SetShare(Fault& fault, std::string_view text) {
  std::string_view number = text;
  const bool percent = number.ends_with("%");
  if (percent) number.remove_suffix(1);
  double value = 0;
  if (!absl::SimpleAtod(ToAbsl(number), &value) || !std::isfinite(value) || value < 0 ||
      value > (percent ? 100 : 1)) {
    return WrongWord("value of \"share\"", text, "a share from 0 to 1, or from 0% to 100%");
  }
  fault.share = percent ? value / 100 : value;
  return absl::OkStatus();
}

std::string ShortestNumber(double value) {
  char digits[32];
  const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value);
  return std::string(digits, end);
}

}  // namespace

std::optional<absl::Duration> ParseSpan(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && (IsDigit(text[digits]) || text[digits] == '.')) ++digits;
  double number = 0;
  if (digits == 0 || digits > 15 || !absl::SimpleAtod(ToAbsl(text.substr(0, digits)), &number)) {
    return std::nullopt;
  }
  for (const Unit& unit : kTimeUnits) {
    if (text.substr(digits) != unit.name) continue;
    const double nanoseconds = number * static_cast<double>(unit.nanoseconds);
    if (nanoseconds > 9e18) return std::nullopt;
    return absl::Nanoseconds(std::llround(nanoseconds));
  }
  if (text == "0") return absl::ZeroDuration();
  return std::nullopt;
}

std::string SpanText(absl::Duration span) {
  const int64_t nanoseconds = absl::ToInt64Nanoseconds(span);
  if (nanoseconds == 0) return "0s";
  for (const Unit& unit : kTimeUnits) {
    if (nanoseconds % unit.nanoseconds == 0) {
      return absl::StrCat(nanoseconds / unit.nanoseconds, ToAbsl(unit.name));
    }
  }
  return "0s";
}

std::optional<int64_t> ParseBytes(std::string_view text) {
  int64_t factor = 1;
  for (const ByteUnit& unit : kByteUnits) {
    if (!text.ends_with(unit.name)) continue;
    factor = unit.bytes;
    text.remove_suffix(unit.name.size());
    break;
  }
  int64_t number = 0;
  if (text.empty() || !IsDigit(text.front()) || !absl::SimpleAtoi(ToAbsl(text), &number) ||
      number <= 0 || number > kMostBytes / factor) {
    return std::nullopt;
  }
  return number * factor;
}

absl::Status SetFaultProperty(Fault& fault, std::string_view key, std::string_view value) {
  if (key == "kind") return SetKind(fault, value);
  if (key == "value") return SetValue(fault, value);
  if (key == "tenant") {
    if (value.empty()) return WrongWord("tenant", value, "the id or the domain of a tenant");
    fault.tenant = LowerAscii(value);
    return absl::OkStatus();
  }
  if (key == "type") {
    for (const std::string_view type : kContentTypes) {
      if (!EqualsIgnoreCase(type, value)) continue;
      fault.content_type = std::string(type);
      return absl::OkStatus();
    }
    return WrongWord("content type", value,
                     "Audit.AzureActiveDirectory, Audit.Exchange, Audit.SharePoint, "
                     "Audit.General, DLP.All");
  }
  if (key == "on") return SetOn(fault, value);
  if (key == "from") return SetSpan(fault.from, key, value, /*positive=*/false);
  if (key == "for") return SetSpan(fault.lasting, key, value, /*positive=*/true);
  if (key == "every") return SetSpan(fault.every, key, value, /*positive=*/true);
  if (key == "share") return SetShare(fault, value);
  if (key == "count") {
    if (!absl::SimpleAtoi(ToAbsl(value), &fault.count) || fault.count <= 0) {
      return WrongWord("value of \"count\"", value, "a positive number");
    }
    return absl::OkStatus();
  }
  if (key == "per") {
    if (value != "request" && value != "blob") {
      return WrongWord("value of \"per\"", value, "request, blob");
    }
    fault.per_blob = value == "blob";
    return absl::OkStatus();
  }
  if (key == "seed") {
    if (!absl::SimpleAtoi(ToAbsl(value), &fault.seed)) {
      return WrongWord("value of \"seed\"", value, "a number from 0 to 18446744073709551615");
    }
    return absl::OkStatus();
  }
  return WrongWord("key", key, absl::StrJoin(kKeys, ", ", [](std::string* out, auto known) {
                     out->append(known);
                   }));
}

Fault MakeFault(FaultKind kind, std::string_view value) {
  Fault fault;
  PICKET_CHECK(SetKind(fault, RowOf(kind).name).ok());
  if (!value.empty()) PICKET_CHECK(SetValue(fault, value).ok());
  return fault;
}

absl::StatusOr<Fault> ParseFault(std::string_view text) {
  const std::string_view all = TrimBlanks(text);
  const auto annotate = [all](const absl::Status& status) {
    return absl::InvalidArgumentError(
        absl::StrCat("fault \"", ToAbsl(all), "\": ", status.message()));
  };
  const size_t name_end = std::min(all.find_first_of("=:"), all.size());
  const FaultKindRow* const row = FindKind(all.substr(0, name_end));
  // Times and URLs contain colons. Therefore, they end only where a key follows a colon.
  const bool may_have_colons =
      row != nullptr && (row->form == FaultValue::kDate || row->form == FaultValue::kExpiration ||
                         row->form == FaultValue::kUrl);
  size_t end = std::min(all.find(':'), all.size());
  while (may_have_colons && end < all.size() && all[name_end] == '=') {
    const std::string_view rest = all.substr(end + 1);
    size_t letters = 0;
    while (letters < rest.size() && rest[letters] >= 'a' && rest[letters] <= 'z') ++letters;
    if (letters > 0 && letters < rest.size() && rest[letters] == '=') break;
    end = std::min(all.find(':', end + 1), all.size());
  }
  const std::string_view head = all.substr(0, end);
  const size_t equals = std::min(head.find('='), head.size());
  Fault fault;
  if (const absl::Status status = SetKind(fault, head.substr(0, equals)); !status.ok()) {
    return annotate(status);
  }
  if (equals < head.size()) {
    if (const absl::Status status = SetValue(fault, head.substr(equals + 1)); !status.ok()) {
      return annotate(status);
    }
  }
  if (end < all.size()) {
    for (const absl::string_view pair : absl::StrSplit(ToAbsl(all.substr(end + 1)), ',')) {
      const size_t at = pair.find('=');
      if (at == absl::string_view::npos) {
        return annotate(absl::InvalidArgumentError(absl::StrCat(
            "\"", pair, "\" is not KEY=VALUE; allowed keys: ",
            absl::StrJoin(kKeys, ", ", [](std::string* out, auto known) { out->append(known); }))));
      }
      const std::string_view key = ToStd(pair.substr(0, at));
      absl::Status status = key == "kind" || key == "value"
                                ? WrongWord("key", key, "kind and value are before the colon")
                                : SetFaultProperty(fault, key, ToStd(pair.substr(at + 1)));
      if (!status.ok()) return annotate(status);
    }
  }
  if (RowOf(fault.kind).form != FaultValue::kNone && fault.value.empty()) {
    // SetValue fails and reports which values are allowed.
    return annotate(SetValue(fault, ""));
  }
  return fault;
}

std::string FaultText(const Fault& fault) {
  const FaultKindRow& row = RowOf(fault.kind);
  const Fault defaults = MakeFault(fault.kind, fault.value);
  std::string out(row.name);
  if (!fault.value.empty() && fault.value != MakeFault(fault.kind).value) {
    absl::StrAppend(&out, "=", fault.value);
  }
  std::vector<std::string> pairs;
  const auto add = [&pairs](const char* key, const std::string& value) {
    pairs.push_back(absl::StrCat(key, "=", value));
  };
  if (!fault.tenant.empty()) add("tenant", fault.tenant);
  if (!fault.content_type.empty()) add("type", fault.content_type);
  if (fault.on != defaults.on) add("on", OnText(fault.on));
  if (fault.from != defaults.from) add("from", SpanText(fault.from));
  if (fault.lasting != defaults.lasting) add("for", SpanText(fault.lasting));
  if (fault.every != defaults.every) add("every", SpanText(fault.every));
  if (fault.share != defaults.share) add("share", ShortestNumber(fault.share));
  if (fault.count != defaults.count) add("count", absl::StrCat(fault.count));
  if (fault.per_blob) add("per", "blob");
  if (fault.seed != defaults.seed) add("seed", absl::StrCat(fault.seed));
  if (!pairs.empty()) absl::StrAppend(&out, ":", absl::StrJoin(pairs, ","));
  return out;
}

}  // namespace picket::simulator
