#include "parser/masking.h"

#include <algorithm>

#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/json_writer.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "json/json_members.h"
#include "json/json_tokens.h"
#include "parser/input/renamed_fields.h"
#include "parser/input/unwrapper.h"

namespace picket::parser {
namespace {

constexpr size_t kShortestKey = 16;
// A wrapper is searched only for masked values of at least this length, because nearly any text
// contains shorter values.
constexpr size_t kShortestSearched = 4;
// The maximum number of bytes that are searched in a wrapper. If a field is searched for N masked
// values, the bytes of the field count N times. When the budget is exhausted, the remaining fields
// are masked without a search.
constexpr size_t kSearchBudget = 64 << 20;

std::string_view View(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Returns true if a member with this name contains the value of a {Name, Value} pair.
bool IsValueName(std::string_view name) {
  return EqualsIgnoreCase(name, "Value") || EqualsIgnoreCase(name, "NewValue") ||
         EqualsIgnoreCase(name, "OldValue");
}

bool IsContainer(std::string_view value) { return value.front() == '{' || value.front() == '['; }

}  // namespace

// Writes the masked copy of one record. Values are views into the record.
class RecordMask::Writer {
 public:
  Writer(const RecordMask& mask, std::string_view record, std::string& out)
      : mask_(mask), record_(record), ends_(record), out_(out) {}

  void Record() {
    Active all;
    for (size_t i = 0; i < mask_.rules_.size(); ++i) all.push_back({i, 0});
    out_.push_back('{');
    bool first = true;
    for (JsonMembers members(record_, &ends_); members.Next();) {
      if (members.name() == "wrapper") {
        Key(members.name(), first);
        Wrapper(members.value());
      } else {
        Member(members, all, first);
      }
    }
    out_.push_back('}');
  }

 private:
  // A rule, with the number of names of its path that have been matched so far.
  struct Step {
    size_t rule;
    size_t matched;
  };
  // The rules whose paths lead to the current value or to a value within it.
  using Active = std::vector<Step>;
  enum class Verdict { kNone, kHash, kDrop };

  const std::vector<std::string>& Path(const Step& step) const {
    return mask_.rules_[step.rule].path;
  }

  std::string Lower(std::string_view escaped) const {
    std::string text;
    AppendJsonUnescaped(escaped, text);
    return LowerAscii(text);
  }

  // Follows the active paths to a member with this name. Returns the verdict of the paths that end
  // at the member, and adds the paths that continue below it to `further`.
  Verdict Follow(const Active& active, std::string_view escaped_name, Active& further) const {
    Verdict verdict = Verdict::kNone;
    if (active.empty()) return verdict;
    std::string unescaped;
    std::string_view name = escaped_name;
    if (name.find('\\') != std::string_view::npos) {
      AppendJsonUnescaped(escaped_name, unescaped);
      name = unescaped;
    }
    for (const Step& step : active) {
      if (!EqualsIgnoreCase(name, Path(step)[step.matched])) continue;
      if (step.matched + 1 < Path(step).size()) {
        further.push_back({step.rule, step.matched + 1});
      } else if (mask_.rules_[step.rule].drop) {
        verdict = Verdict::kDrop;
      } else if (verdict == Verdict::kNone) {
        verdict = Verdict::kHash;
      }
    }
    return verdict;
  }

  bool Drops(const Active& active) const {
    return std::any_of(active.begin(), active.end(),
                       [&](const Step& step) { return mask_.rules_[step.rule].drop; });
  }

  void Key(std::string_view name, bool& first) {
    if (!first) out_.push_back(',');
    first = false;
    out_.push_back('"');
    out_.append(name);
    out_.append("\":");
  }

  void Member(const JsonMembers& member, const Active& active, bool& first) {
    Active further;
    const Verdict verdict = Follow(active, member.name(), further);
    if (verdict == Verdict::kDrop) return AddMasked(member.value());
    if (verdict == Verdict::kNone && IsJsonString(member.value()) && Drops(further)) {
      return AddMasked(member.value());
    }
    Key(member.name(), first);
    if (verdict == Verdict::kHash) {
      HashAll(member.value());
    } else {
      Value(member.value(), further);
    }
  }

  // Writes a value. The paths in `active` do not end at the value, but continue within it.
  void Value(std::string_view value, const Active& active) {
    if (active.empty()) {
      out_.append(value);
    } else if (value.front() == '{') {
      out_.push_back('{');
      bool first = true;
      for (JsonMembers members(value, &ends_); members.Next();) Member(members, active, first);
      out_.push_back('}');
    } else if (value.front() == '[') {
      out_.push_back('[');
      bool first = true;
      for (JsonMembers elements(value, &ends_); elements.Next();)
        Element(elements.value(), active, first);
      out_.push_back(']');
    } else if (IsJsonString(value)) {
      HashAll(value);
    } else {
      out_.append(value);
    }
  }

  void Element(std::string_view element, const Active& active, bool& first) {
    if (IsJsonString(element) && Drops(active)) return AddMasked(element);
    Active further;
    Verdict verdict = Verdict::kNone;
    bool is_pair = false;
    std::string_view name;
    if (element.front() == '{') {
      for (JsonMembers members(element, &ends_); members.Next();) {
        is_pair |= IsValueName(members.name());
        if (EqualsIgnoreCase(members.name(), "Name") && IsJsonString(members.value())) {
          name = members.value();
        }
      }
    }
    is_pair = is_pair && !name.empty();
    if (is_pair) verdict = Follow(active, JsonStringContent(name), further);
    if (verdict == Verdict::kDrop) return AddMasked(element);
    if (!first) out_.push_back(',');
    first = false;
    if (verdict == Verdict::kNone && further.empty() && !is_pair) return Value(element, active);
    // The member "Name" identifies the pair, like the key of an object. Keys are not masked.
    // Therefore, "Name" is copied unchanged even if the pair is masked.
    out_.push_back('{');
    bool first_member = true;
    for (JsonMembers members(element, &ends_); members.Next();) {
      const bool is_value = IsValueName(members.name());
      if (is_pair && EqualsIgnoreCase(members.name(), "Name")) {
        Key(members.name(), first_member);
        out_.append(members.value());
      } else if (verdict == Verdict::kHash && is_value) {
        Key(members.name(), first_member);
        HashAll(members.value());
      } else if (!further.empty() && is_value && IsContainer(members.value())) {
        Key(members.name(), first_member);
        Value(members.value(), further);
      } else if (!further.empty()) {
        Member(members, further, first_member);
      } else {
        Member(members, active, first_member);
      }
    }
    out_.push_back('}');
  }

  // Hashes every scalar in a value.
  void HashAll(std::string_view value) {
    if (IsContainer(value)) {
      const bool is_object = value.front() == '{';
      out_.push_back(value.front());
      bool first = true;
      for (JsonMembers members(value, &ends_); members.Next();) {
        if (is_object) {
          Key(members.name(), first);
        } else {
          if (!first) out_.push_back(',');
          first = false;
        }
        HashAll(members.value());
      }
      out_.push_back(is_object ? '}' : ']');
      return;
    }
    if (value == "null" || value == "\"\"") {
      out_.append(value);
      return;
    }
    AddMasked(value);
    std::string text;
    AppendJsonUnescaped(IsJsonString(value) ? JsonStringContent(value) : value, text);
    out_.push_back('"');
    out_.append(mask_.Hash(text));
    out_.push_back('"');
  }

  // Adds the strings of a masked value to `masked_`. The wrapper is later searched for these
  // strings.
  void AddMasked(std::string_view value) {
    if (IsContainer(value)) {
      for (JsonMembers members(value, &ends_); members.Next();) AddMasked(members.value());
    } else if (IsJsonString(value) && value.size() >= kShortestSearched + 2) {
      masked_.push_back(JsonStringContent(value));
    }
  }

  // Writes the wrapper: {"format":…,"fields":[{"name":…,"value":…}]}. The wrapper is the last
  // member of an unwrapped record, so all masked values are known when it is written.
  void Wrapper(std::string_view wrapper) {
    if (wrapper.front() != '{') return Value(wrapper, {});
    out_.push_back('{');
    bool first = true;
    for (JsonMembers members(wrapper, &ends_); members.Next();) {
      Key(members.name(), first);
      if (members.value().front() != '[') {
        out_.append(members.value());
        continue;
      }
      out_.push_back('[');
      bool first_field = true;
      for (JsonMembers fields(members.value(), &ends_); fields.Next();) {
        WrapperField(fields.value(), first_field);
      }
      out_.push_back(']');
    }
    out_.push_back('}');
  }

  void WrapperField(std::string_view field, bool& first) {
    std::string_view name, value;
    for (JsonMembers members(field, &ends_); members.Next();) {
      if (members.name() == "name" && IsJsonString(members.value())) {
        name = JsonStringContent(members.value());
      } else if (members.name() == "value") {
        value = members.value();
      }
    }
    Verdict verdict = VerdictByName(name);
    if (verdict == Verdict::kNone && ContainsMasked(value)) verdict = Verdict::kHash;
    if (verdict == Verdict::kDrop) return;
    if (!first) out_.push_back(',');
    first = false;
    if (verdict == Verdict::kNone) {
      out_.append(field);
      return;
    }
    out_.append("{\"name\":\"");
    out_.append(name);
    out_.push_back('"');
    // A native record can have a member "wrapper" of its own. Only the elements of such a member
    // can lack a value.
    if (!value.empty()) {
      out_.append(",\"value\":");
      HashAll(value);
    }
    out_.push_back('}');
  }

  // Returns true if the text contains a masked value, or if the search budget is exhausted.
  bool ContainsMasked(std::string_view text) {
    for (const std::string_view one : masked_) {
      if (text.size() > search_budget_) return true;
      search_budget_ -= text.size();
      if (text.find(one) != std::string_view::npos) return true;
    }
    return false;
  }

  // Returns the verdict for a field of a wrapper. A rule selects the field by the dotted name that
  // the wrapper uses, or by the name of the same field in a native record.
  Verdict VerdictByName(std::string_view escaped) const {
    const std::string name = Lower(escaped);
    const std::string native = LowerAscii(NativeName(escaped));
    Verdict verdict = Verdict::kNone;
    for (const Rule& rule : mask_.rules_) {
      std::string path = "." + rule.path.front();
      for (size_t i = 1; i < rule.path.size(); ++i) path += "." + rule.path[i];
      const bool is_selected = ("." + name).ends_with(path) || "." + native == path;
      if (!is_selected) continue;
      if (rule.drop) return Verdict::kDrop;
      verdict = Verdict::kHash;
    }
    return verdict;
  }

  const RecordMask& mask_;
  const std::string_view record_;
  const JsonContainerEnds ends_;
  std::string& out_;
  std::vector<std::string_view> masked_;
  size_t search_budget_ = kSearchBudget;
};

RecordMask::RecordMask(const std::vector<MaskedField>& fields, std::string_view key,
                       std::string_view tenant)
    : key_(View(HmacSha256(key, absl::StrCat("picket mask ", ToAbsl(tenant))))) {
  for (const MaskedField& field : fields) {
    const std::string path = LowerAscii(field.field);
    rules_.push_back({absl::StrSplit(path, '.'), field.how == "drop"});
  }
}

void RecordMask::Apply(std::string_view record, std::string& out) const {
  out.clear();
  Writer(*this, record, out).Record();
}

std::string RecordMask::Hash(std::string_view value) const {
  return absl::StrCat(ToAbsl(kPrefix), HexPrefix(HmacSha256(key_, LowerAscii(value)), kHashDigits));
}

absl::StatusOr<std::shared_ptr<const TenantMasks>> MakeTenantMasks(
    const std::vector<TenantSettings>& tenants, const std::string& key_file) {
  std::string key;
  if (!key_file.empty()) {
    ASSIGN_OR_RETURN(key, ReadFile(key_file));
    key = std::string(TrimBlanks(key));
    if (key.size() < kShortestKey) {
      return absl::InvalidArgumentError(
          absl::StrCat("parser.mask_key_file: the key in ", key_file, " is shorter than ",
                       kShortestKey, " bytes; make one with: openssl rand -hex 32"));
    }
  }
  auto masks = std::make_shared<TenantMasks>();
  for (const TenantSettings& tenant : tenants) {
    if (tenant.parser.mask.empty()) continue;
    for (const MaskedField& field : tenant.parser.mask) {
      if (field.how == "hash" && key.empty()) {
        return absl::InvalidArgumentError(absl::StrCat(
            tenant.file, ": parser.mask: ", field.field,
            " is hashed, which needs parser.mask_key_file in picket.yaml: a file with a secret "
            "that does not change; make one with: openssl rand -hex 32"));
      }
    }
    masks->emplace(tenant.tenant_id, RecordMask(tenant.parser.mask, key, tenant.tenant_id));
  }
  return masks;
}

}  // namespace picket::parser
