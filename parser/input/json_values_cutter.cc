#include "parser/input/json_values_cutter.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "json/json_skip.h"
#include "json/json_tokens.h"
#include "parser/input/unwrapper.h"

namespace picket::parser {
namespace {

constexpr std::string_view kUnmatchedBrackets = "its brackets do not match";

// Returns true if the text begins with a string and a colon, as a member of an object does.
bool BeginsWithMember(std::string_view text) {
  if (text.front() != '"') return false;
  const size_t end = SkipJsonString(text, 0);
  const size_t next = end == std::string_view::npos ? end : SkipJsonBlanks(text, end);
  return next < text.size() && text[next] == ':';
}

// IsPageStart needs at most this number of bytes.
constexpr size_t kLongestPageStart = 64;

// Returns true if the text begins like an envelope, such as {"value": […]}.
bool IsPageStart(std::string_view text) {
  if (text.substr(0, 1) != "{") return false;
  text.remove_prefix(SkipJsonBlanks(text, 1));
  for (const std::string_view name : {"\"value\"", "\"records\"", "\"@odata.context\""}) {
    if (text.substr(0, name.size()) == name) return true;
  }
  return false;
}

}  // namespace

std::unique_ptr<RecordCutter> JsonValuesCutter::Detect(InputWindow& window) {
  const std::string_view rest = window.Rest();
  bool is_values = rest.empty() || rest.front() == '[';
  if (!is_values && rest.front() == '{') {
    const std::string_view line = TrimBlanks(rest.substr(0, rest.find('\n')));
    const bool spans_lines =
        std::strchr("{[,:", line.back()) != nullptr && !JsonEndFinder().IsOneValue(line);
    is_values = spans_lines || !EnvelopeRecords(rest).empty();
  }
  return is_values ? std::make_unique<JsonValuesCutter>(window) : nullptr;
}

std::optional<CutRecord> JsonValuesCutter::Next() {
  while (true) {
    if (!in_value_) {
      if (!SkipToValue()) return std::nullopt;
      in_value_ = true;
      line_broken_ = false;
      column_ = window_.column();
      end_finder_.Start();
      record_finder_.Start();
    }
    const ValueEnd end = WithoutSwallowedRecords(FindEnd());
    if (end.size > 0) return ConsumeValue(end);
    if (window_.Rest().size() >= kLargestInputRecord) return ConsumePartOfValue();
    window_.Fill();
  }
}

JsonValuesCutter::ValueEnd JsonValuesCutter::FindEnd() {
  ValueEnd end = FindEndOfBareMembers();
  if (end.size == 0 && !line_broken_) end = FindEndByBrackets();
  return line_broken_ ? FindEndByLayout() : end;
}

JsonValuesCutter::ValueEnd JsonValuesCutter::WithoutSwallowedRecords(ValueEnd end) {
  const bool may_have_swallowed = end.size > 0 && end.damage.empty() && in_array_ && !in_parts() &&
                                  window_.Rest().front() == '{';
  if (!may_have_swallowed) return end;
  while (true) {
    const std::optional<bool> may_follow = MayFollowValue(window_.Rest().substr(end.size));
    if (may_follow.has_value() && *may_follow) return end;
    if (may_follow.has_value() || window_.at_end()) break;
    window_.Fill();
  }
  record_finder_.Start();
  const std::optional<size_t> found =
      record_finder_.Find(window_.Rest().substr(0, end.size), /*is_all=*/true);
  return found.has_value() ? ValueEnd{*found, "it is cut off inside"} : end;
}

std::optional<bool> JsonValuesCutter::MayFollowValue(std::string_view behind) const {
  const size_t at = SkipJsonBlanks(behind, 0);
  if (at >= behind.size()) return std::nullopt;
  if (behind[at] != ',' && behind[at] != ']') return false;
  const bool is_end = behind[at] == ']';
  if (is_end ? !in_envelope_ : !in_pages_) return true;
  const std::string_view next = behind.substr(SkipJsonBlanks(behind, at + 1));
  // The array of an envelope is followed by its other members or by its brace.
  const size_t needed = is_end ? 1 : kLongestPageStart;
  if (next.size() < needed && !window_.at_end()) return std::nullopt;
  if (is_end) return !next.empty() && (next.front() == ',' || next.front() == '}');
  // In an array of envelopes, an envelope does not follow a record.
  return !IsPageStart(next);
}

JsonValuesCutter::ValueEnd JsonValuesCutter::FindEndOfBareMembers() {
  const std::string_view rest = window_.Rest();
  if (!in_array_ || !BeginsWithMember(rest)) return {};
  const std::optional<size_t> found = record_finder_.Find(rest, window_.at_end());
  return found.has_value() ? ValueEnd{*found, "it has no opening brace"} : ValueEnd{};
}

JsonValuesCutter::ValueEnd JsonValuesCutter::FindEndByBrackets() {
  const std::string_view rest = window_.Rest();
  const auto next_record = [&](std::string_view text, bool is_all) {
    return record_finder_.Find(text, is_all).value_or(is_all ? text.size() : 0);
  };
  switch (end_finder_.Scan(rest)) {
    case JsonEndFinder::State::kUnfinished:
      if (window_.at_end()) {
        if (end_finder_.is_balanced()) return {rest.size(), {}};
        return {next_record(rest, /*is_all=*/true), "the file ends inside of it"};
      }
      if (rest.size() < kLargestInputRecord) return {};
      return {next_record(rest, /*is_all=*/false), kUnmatchedBrackets};
    case JsonEndFinder::State::kComplete:
      return {end_finder_.end(), {}};
    case JsonEndFinder::State::kMismatch:
      return {next_record(rest.substr(0, end_finder_.end()), /*is_all=*/true), kUnmatchedBrackets};
    case JsonEndFinder::State::kBrokenLine:
      line_broken_ = true;
      layout_from_ = end_finder_.end();
      break;
  }
  return {};
}

JsonValuesCutter::ValueEnd JsonValuesCutter::FindEndByLayout() {
  const std::string_view rest = window_.Rest();
  const std::optional<size_t> size = SizeToNextRecord(rest, layout_from_);
  const std::optional<size_t> found =
      record_finder_.Find(rest.substr(0, size.value_or(rest.size())), size.has_value());
  return {found.has_value() ? *found : size.value_or(0), "a line ends inside a string"};
}

std::optional<size_t> JsonValuesCutter::SizeToNextRecord(std::string_view rest, size_t from) const {
  for (size_t newline = rest.find('\n', from); newline != std::string_view::npos;
       newline = rest.find('\n', newline + 1)) {
    size_t i = newline + 1;
    while (i < rest.size() && (rest[i] == ' ' || rest[i] == '\t' || rest[i] == ',')) ++i;
    if (i == rest.size()) break;
    if ((rest[i] == '{' || rest[i] == ']') && i - newline - 1 <= column_) return newline + 1;
  }
  if (window_.at_end()) return rest.size();
  return std::nullopt;
}

CutRecord JsonValuesCutter::ConsumeValue(const ValueEnd& end) {
  in_value_ = false;
  if (in_parts()) return ConsumeLastPart(end.size);
  const uint64_t begin = window_.offset();
  CutRecord record;
  record.bytes = TrimBlanks(window_.Consume(end.size));
  record.offset = begin;
  record.alone = record.bytes.front() != '{';
  if (!end.damage.empty()) {
    record.damage = damage::kNotJson;
    record.error = absl::StrCat("the record at byte ", begin, " is not JSON: ", ToAbsl(end.damage));
  }
  return record;
}

CutRecord JsonValuesCutter::ConsumePartOfValue() {
  const std::string_view rest = window_.Rest();
  if (!line_broken_) {
    CutRecord part = ConsumePart(std::min(end_finder_.end(), record_finder_.searched()));
    end_finder_.DropFront(part.bytes.size());
    record_finder_.DropFront(part.bytes.size());
    return part;
  }
  layout_from_ = 0;
  const size_t last_line = rest.rfind('\n');
  const bool has_lines = last_line != std::string_view::npos && last_line != 0;
  CutRecord part =
      ConsumePart(std::min(has_lines ? last_line : rest.size(), record_finder_.searched()));
  record_finder_.DropFront(part.bytes.size());
  return part;
}

bool JsonValuesCutter::SkipToValue() {
  while (true) {
    const std::string_view rest = window_.Rest();
    size_t i = 0;
    while (i < rest.size() && (IsJsonBlank(rest[i]) || rest[i] == ',')) {
      has_stray_bytes_ |= rest[i++] == ',';  // matters only if no record follows
    }
    window_.Consume(i);
    if (i == rest.size()) {
      if (window_.at_end()) return false;
      window_.Fill();
      continue;
    }
    const bool may_be_page = in_array_ && !in_envelope_ && IsPageStart(rest.substr(i));
    if ((!in_array_ || may_be_page) && rest[i] == '{') {
      if (EnterEnvelope()) continue;
      return true;
    }
    if (rest[i] == '[' && !in_array_) {
      in_array_ = true;
      window_.Consume(1);
      SkipFluentTime();
      continue;
    } else if (rest[i] == ']' && in_array_) {
      in_array_ = std::exchange(in_pages_, false);
      if (std::exchange(in_envelope_, false)) {
        window_.Consume(1);
        SkipRestOfEnvelope();
        continue;
      }
    } else if (rest[i] != ']' && rest[i] != '}') {
      return true;
    } else {
      has_stray_bytes_ = true;
    }
    window_.Consume(1);
  }
}

void JsonValuesCutter::SkipFluentTime() {
  static constexpr size_t kEnough = 4096;
  while (window_.Rest().size() < kEnough && !window_.at_end()) window_.Fill();
  const std::string_view rest = window_.Rest().substr(0, kEnough);
  size_t number = SkipJsonBlanks(rest, 0);
  if (number < rest.size() && rest[number] == '[') number = SkipJsonBlanks(rest, number + 1);
  if (number >= rest.size() || !IsDigit(rest[number])) return;
  size_t at = SkipJsonValue(rest, SkipJsonBlanks(rest, 0));
  if (at == std::string_view::npos) return;
  at = SkipJsonBlanks(rest, at);
  if (at >= rest.size() || rest[at] != ',') return;
  at = SkipJsonBlanks(rest, at + 1);
  if (at < rest.size() && rest[at] == '{') window_.Consume(at);
}

bool JsonValuesCutter::EnterEnvelope() {
  while (window_.Rest().size() < kDetectionBytes && !window_.at_end()) window_.Fill();
  const std::string_view rest = window_.Rest();
  const std::string_view records = EnvelopeRecords(rest);
  if (records.empty()) return false;
  window_.Consume(records.data() - rest.data() + 1);
  in_pages_ = in_array_;
  in_array_ = in_envelope_ = true;
  return true;
}

void JsonValuesCutter::SkipRestOfEnvelope() {
  end_finder_.Start();
  end_finder_.Scan("{");
  end_finder_.DropFront(1);
  while (end_finder_.Scan(window_.Rest()) == JsonEndFinder::State::kUnfinished) {
    end_finder_.DropFront(window_.Consume(end_finder_.end()).size());
    if (window_.at_end()) return;
    window_.Fill();
  }
  window_.Consume(end_finder_.end());
}

}  // namespace picket::parser
