#pragma once

// Reads an audit record from a DOM tree: the documented fields (model/audit_fields.h), the lists of
// Name/Value pairs, and the members for which OCSF has no attribute.
//
// The template parameter `Dom` adapts a DOM library. nlohmann_twin.cc and rapidjson_twin.cc contain
// the two adapters.

#include <array>
#include <bitset>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "bench/twins/plain_texts.h"
#include "common/strings.h"
#include "model/audit_fields.h"
#include "model/field_paths.h"

namespace picket::twins {

struct Pair {
  std::string_view name;
  std::string_view value;  // from the member Value or NewValue
  std::string_view old_value;
  bool is_text = true;
};

template <typename Dom>
class DomRecord {
 public:
  using Value = typename Dom::Value;

  explicit DomRecord(Dom& dom) : dom_(dom) {}

  // Reads a record, which must be an object. The other functions refer to `record`, so it must
  // exist as long as they are used.
  void Read(Value& record) {
    fields_.fill(nullptr);
    for (std::vector<Pair>& pairs : pairs_) pairs.clear();
    for (TextList& list : text_lists_) list.clear();
    members_.clear();
    unknown_.clear();
    seen_.reset();
    kept_.clear();
    has_duplicates_ = false;
    Dom::ForEachMember(record, [&](std::string_view name, Value& value) {
      const AuditField* const field = FindAuditField(name);
      bool first = true;
      if (field == nullptr) {
        first = !IsNormalisersName(name) && unknown_.insert(ToAbsl(name)).second;
      } else {
        first = !seen_[field->number];
        seen_.set(field->number);
      }
      has_duplicates_ |= !first;
      members_.push_back({name, &value, field, first});
      if (field == nullptr || !first) return;
      has_duplicates_ |= HasDuplicatesWithin(*field, value);
      fields_[static_cast<size_t>(field->field)] = &value;
      if (const int list = PairListOf(field->field); list >= 0) {
        ReadPairs(value, pairs_[list]);
        if (Dom::IsText(value)) ReadPairsInText(Dom::GetText(value), list);
      }
    });
  }

  bool Has(Field field) const { return Get(field) != nullptr; }
  const Value* Get(Field field) const { return fields_[static_cast<size_t>(field)]; }
  bool IsText(Field field) const { return Has(field) && Dom::IsText(*Get(field)); }
  // Returns a string field. Returns an empty view if the field is absent or not a string.
  std::string_view Text(Field field) const { return TextOf(Get(field)); }
  std::optional<int64_t> Integer(Field field) const {
    return Has(field) ? IntegerOf(*Get(field)) : std::nullopt;
  }
  const std::vector<Pair>& Pairs(Field field) const {
    static const std::vector<Pair>* const none = new std::vector<Pair>();
    const int list = PairListOf(field);
    return list < 0 ? *none : pairs_[list];
  }
  const Pair* FindPair(Field field, std::string_view name) const {
    for (const Pair& pair : Pairs(field)) {
      if (pair.name == name) return &pair;
    }
    return nullptr;
  }
  std::string_view PairValue(Field field, std::string_view name) const {
    const Pair* const pair = FindPair(field, name);
    return pair == nullptr ? std::string_view() : pair->value;
  }
  bool has_duplicates() const { return has_duplicates_; }

  // Returns a member of an object. Returns nullptr if `object` is not an object or has no such
  // member.
  static const Value* Member(const Value* object, std::string_view name) {
    return object != nullptr && Dom::IsObject(*object) ? Dom::Find(*object, name) : nullptr;
  }
  static std::string_view TextOf(const Value* value) {
    return value != nullptr && Dom::IsText(*value) ? Dom::GetText(*value) : std::string_view();
  }
  static std::string_view MemberText(const Value* object, std::string_view name) {
    return TextOf(Member(object, name));
  }
  template <typename Function>
  static void ForEach(const Value* array, Function function) {
    if (array != nullptr && Dom::IsArray(*array)) Dom::ForEach(*array, function);
  }
  template <typename Function>
  static void ForEachText(const Value* array, Function function) {
    ForEach(array, [&](const Value& one) {
      if (Dom::IsText(one)) function(Dom::GetText(one));
    });
  }
  // Returns the content of a string, or the JSON of any other value.
  std::string_view AsText(const Value& value) {
    return Dom::IsText(value) ? Dom::GetText(value) : Keep(Dom::Dump(value));
  }
  std::string_view Keep(std::string text) { return kept_.emplace_back(std::move(text)); }

  // Returns the field Parameters as a list of {"name":…,"value":…}. Returns nullopt if the record
  // has no such list.
  std::optional<Value> Parameters() {
    const Value* const value = Get(Field::kParameters);
    const TextList& in_text = text_lists_[PairListOf(Field::kParameters)];
    if (!in_text.empty()) return MakePairList(in_text, "name", "value");
    if (value == nullptr || !(Dom::IsArray(*value) || Dom::IsObject(*value))) return std::nullopt;
    return MakePairList(*value, "name", "value");
  }

  // Moves the members for which OCSF has no attribute from the record to `unmapped`. They keep
  // their names.
  void TakeUnmapped(Value& unmapped) {
    Value duplicates = dom_.Array();
    duplicates_ = &duplicates;
    for (const SourceField& member : members_) {
      if (member.first) {
        TakeMember(member, unmapped);
      } else {
        AddDuplicate(member.name, *member.value);
      }
    }
    if (has_duplicates_) dom_.Set(unmapped, "duplicate_keys", std::move(duplicates));
  }

 private:
  // A member of a Name/Value pair in a list that was written as a string. `key` and `text` are
  // copies, because the library parses the next string into the same tree.
  struct TextMember {
    std::string_view key;
    std::string_view text;
    bool is_null;
  };
  using TextList = std::vector<std::vector<TextMember>>;

  struct SourceField {
    std::string_view name;
    Value* value;
    const AuditField* field;  // nullptr if the field is not in the table
    bool first;               // false if an earlier member of the record has the same field
  };

  // Returns true if the name is reserved for members that the normaliser adds.
  static bool IsNormalisersName(std::string_view name) {
    if (IsTextMemberName(0, name)) return true;
    if (name.ends_with("_kv")) {
      const std::string_view documented = name.substr(0, name.rfind('_'));
      const AuditField* const field = FindAuditField(documented);
      if (field != nullptr && field->name() == documented) return true;
    }
    return name == "decoded" || name == "duplicate_keys" || name == "undocumented";
  }

  static int PairListOf(Field field) {
    int number = 0;
    for (const PairListPath& list : PairListPaths()) {
      if (list.field == field) return number;
      ++number;
    }
    return -1;
  }

  static std::optional<int64_t> IntegerOf(const Value& value) {
    if (Dom::IsText(value)) return ReadInteger(Dom::GetText(value));
    if (!Dom::IsNumber(value)) return std::nullopt;
    if (const std::optional<int64_t> integer = Dom::GetInteger(value)) return integer;
    return WholeNumber(Dom::GetDouble(value));
  }

  std::string_view PairText(const Value& value) {
    return Dom::IsObject(value) || Dom::IsArray(value) ? std::string_view() : AsText(value);
  }

  void ReadPairs(Value& value, std::vector<Pair>& pairs) {
    if (Dom::IsObject(value)) {
      Dom::ForEachMember(value, [&](std::string_view name, Value& member) {
        pairs.push_back({name, PairText(member), {}, Dom::IsText(member)});
      });
    }
    ForEach(&value, [&](const Value& element) {
      Pair pair;
      if (Dom::IsObject(element)) {
        std::set<std::string_view> seen;
        Dom::ForEachMember(element, [&](std::string_view name, const Value& member) {
          if (IsPairMember(name) && !seen.insert(name).second) {
            has_duplicates_ = true;
          } else if (name == "Name") {
            if (Dom::IsText(member)) pair.name = Dom::GetText(member);
          } else if (name == "Value" || name == "NewValue") {
            pair.value = PairText(member);
            pair.is_text = Dom::IsText(member);
          } else if (name == "OldValue") {
            pair.old_value = PairText(member);
          }
        });
      } else if (Dom::IsText(element)) {
        pair.name = Dom::GetText(element);
      } else {
        pair.value = PairText(element);
        pair.is_text = false;
      }
      pairs.push_back(pair);
    });
  }

  static bool IsPairMember(std::string_view name) {
    return name == "Name" || name == "Value" || name == "NewValue" || name == "OldValue";
  }

  // Reads a list of Name/Value pairs that was written as a string. Each element must be an object
  // with a Name. It may also have Value, NewValue and OldValue, but no other member and no member
  // twice. Ignores any other string.
  void ReadPairsInText(std::string_view text, int list) {
    if (!StartsLikeJson(text)) return;
    const Value* const inner = dom_.ParseInner(text);
    if (inner == nullptr || !Dom::IsArray(*inner)) return;
    std::vector<Pair> pairs;
    TextList elements;
    bool good = true;
    ForEach(inner, [&](const Value& element) {
      std::set<std::string_view> keys;
      std::vector<TextMember>& members = elements.emplace_back();
      Pair pair;
      good = good && Dom::IsObject(element) && Dom::Find(element, "Name") != nullptr;
      if (!good) return;
      Dom::ForEachMember(element, [&](std::string_view name, const Value& member) {
        const std::string_view key = Keep(std::string(name));
        const std::string_view value = Keep(std::string(AsText(member)));
        const bool is_scalar = !Dom::IsObject(member) && !Dom::IsArray(member);
        good = good && keys.insert(key).second;
        members.push_back({key, value, Dom::IsNull(member)});
        if (key == "Name") {
          good = good && Dom::IsText(member);
          pair.name = value;
        } else if (key == "Value" || key == "NewValue") {
          pair.value = is_scalar ? value : std::string_view();
          pair.is_text = Dom::IsText(member);
        } else if (key == "OldValue") {
          pair.old_value = is_scalar ? value : std::string_view();
        } else {
          good = false;
        }
      });
      pairs.push_back(pair);
    });
    if (!good) return;
    pairs_[list] = std::move(pairs);
    text_lists_[list] = std::move(elements);
  }

  Value MakePairList(const TextList& elements, std::string_view name_key,
                     std::string_view value_key) {
    Value list = dom_.Array();
    for (const std::vector<TextMember>& members : elements) {
      Value pair = dom_.Object();
      for (const TextMember& member : members) {
        const std::string_view key = member.key == "Name"    ? name_key
                                     : member.key == "Value" ? value_key
                                                             : member.key;
        dom_.Set(pair, key, member.is_null ? dom_.Null() : dom_.Text(member.text));
      }
      dom_.Push(list, std::move(pair));
    }
    return list;
  }

  // Returns a Name/Value list as an array of pairs. The list may be an array of pairs, or an object
  // with a member for each pair. All values become strings.
  Value MakePairList(const Value& value, std::string_view name_key, std::string_view value_key) {
    Value list = dom_.Array();
    const auto add = [&](Value element) { dom_.Push(list, std::move(element)); };
    if (Dom::IsObject(value)) {
      Dom::ForEachMember(value, [&](std::string_view name, const Value& member) {
        Value pair = dom_.Object();
        dom_.Set(pair, name_key, dom_.Text(name));
        dom_.Set(pair, value_key, dom_.Text(AsText(member)));
        add(std::move(pair));
      });
    }
    ForEach(&value, [&](const Value& element) {
      Value pair = dom_.Object();
      if (Dom::IsObject(element)) {
        std::set<std::string_view> seen;
        Dom::ForEachMember(element, [&](std::string_view name, const Value& member) {
          if (IsPairMember(name) && !seen.insert(name).second) return;
          const std::string_view key = name == "Name"    ? name_key
                                       : name == "Value" ? value_key
                                                         : name;
          dom_.Set(pair, key, Dom::IsNull(member) ? dom_.Null() : dom_.Text(AsText(member)));
        });
      } else {
        dom_.Set(pair, Dom::IsText(element) ? name_key : value_key, dom_.Text(AsText(element)));
      }
      add(std::move(pair));
    });
    return list;
  }

  static bool HasType(FieldType type, const Value& value) {
    switch (type) {
      case FieldType::kAny:
        return true;
      case FieldType::kText:
        return Dom::IsText(value);
      case FieldType::kInteger:
        return Dom::IsInteger(value) && IntegerOf(value).has_value();
      case FieldType::kBoolean:
        return Dom::IsBool(value);
      case FieldType::kList:
        return Dom::IsArray(value);
      case FieldType::kObject:
        return Dom::IsObject(value);
      case FieldType::kPairs:
        break;
    }
    return false;
  }

  // Returns true if the value and everything inside it have the documented types.
  static bool IsTyped(const AuditField& field, const Value& value) {
    if (Dom::IsNull(value)) return true;
    if (!HasType(field.type, value)) return false;
    if (field.type == FieldType::kObject) return HasTypedMembers(field.members, value);
    bool typed = true;
    if (field.type == FieldType::kList && field.has_typed_content()) {
      Dom::ForEach(value, [&](const Value& element) {
        typed = typed && (Dom::IsNull(element) || HasType(field.element, element)) &&
                (!Dom::IsObject(element) || HasTypedMembers(field.members, element));
      });
    }
    return typed;
  }
  static bool HasTypedMembers(uint8_t complex_type, const Value& object) {
    if (complex_type == 0) return true;
    bool typed = true;
    std::bitset<64> seen;
    Dom::ForEachMember(object, [&](std::string_view name, const Value& member) {
      if (!typed) return;
      const AuditField* const field = FindAuditMember(complex_type, name);
      if (field == nullptr) {
        typed = !IsTextMemberName(complex_type, name);
      } else {
        typed = !seen[field->place] && IsTyped(*field, member);
        seen.set(field->place);
      }
    });
    return typed;
  }

  // Returns true if SetTyped would add members of the value to the list of duplicates, because an
  // object in the value has members with the same name.
  static bool HasDuplicatesWithin(const AuditField& field, const Value& value) {
    bool found = false;
    if (field.members == 0) return found;
    if (field.type == FieldType::kList && Dom::IsArray(value)) {
      Dom::ForEach(value, [&](const Value& element) {
        found |= Dom::IsObject(element) && HasDuplicateMembers(field.members, element);
      });
    }
    if (field.type == FieldType::kObject && Dom::IsObject(value)) {
      found = HasDuplicateMembers(field.members, value);
    }
    return found;
  }
  static bool HasDuplicateMembers(uint8_t complex_type, const Value& object) {
    bool found = false;
    std::bitset<64> seen;
    Dom::ForEachMember(object, [&](std::string_view name, const Value& member) {
      const AuditField* const field = FindAuditMember(complex_type, name);
      if (field == nullptr) {
        found |= IsTextMemberName(complex_type, name);
      } else {
        found |= seen[field->place] || HasDuplicatesWithin(*field, member);
        seen.set(field->place);
      }
    });
    return found;
  }

  // Sets the field in `target` if `value` has the documented JSON type or can be converted to it.
  // If `value` has another type, also sets <name>_text to the value as a string.
  void SetTyped(Value& target, const std::string& path, const AuditField& field,
                const Value& value) {
    const auto set = [&](Value value_in_type) {
      dom_.Set(target, field.name(), std::move(value_in_type));
    };
    if (IsTyped(field, value)) return set(dom_.Copy(value));
    if (Dom::IsArray(value) && field.element != FieldType::kAny) {
      bool is_whole = true;
      Value list = dom_.Array();
      Dom::ForEach(value, [&](const Value& element) {
        if (!Dom::IsNull(element) && !HasType(field.element, element)) {
          is_whole = false;
        } else if (Dom::IsObject(element) && field.members != 0) {
          dom_.Push(list, TypedObject(path, field.members, element));
        } else {
          dom_.Push(list, dom_.Copy(element));
        }
      });
      set(std::move(list));
      if (is_whole) return;
    } else if (Dom::IsObject(value) && HasType(field.type, value)) {
      return set(TypedObject(path, field.members, value));
    } else if (field.type == FieldType::kText) {
      set(dom_.Text(AsText(value)));
    } else if (field.type == FieldType::kInteger) {
      if (const std::optional<int64_t> number = IntegerOf(value)) set(dom_.Number(*number));
    } else if (field.type == FieldType::kBoolean) {
      const std::string_view text = TextOf(&value);
      const bool is_true = EqualsIgnoreCase(text, "true");
      if (is_true || EqualsIgnoreCase(text, "false")) set(dom_.Bool(is_true));
    }
    dom_.Set(target, Keep(std::string(field.name()) + "_text"), dom_.Text(AsText(value)));
  }
  Value TypedObject(const std::string& path, uint8_t complex_type, const Value& object) {
    Value typed = dom_.Object();
    std::bitset<64> seen;
    Dom::ForEachMember(object, [&](std::string_view name, const Value& member) {
      const AuditField* const field = FindAuditMember(complex_type, name);
      const std::string member_path = path + "." + std::string(name);
      if (field == nullptr ? IsTextMemberName(complex_type, name) : seen[field->place]) {
        AddDuplicate(Keep(member_path), member);
      } else if (field == nullptr) {
        dom_.Set(typed, name, dom_.Copy(member));
      } else {
        seen.set(field->place);
        SetTyped(typed, member_path, *field, member);
      }
    });
    return typed;
  }
  void AddDuplicate(std::string_view name, const Value& value) {
    Value duplicate = dom_.Object();
    dom_.Set(duplicate, "name", dom_.Text(name));
    dom_.Set(duplicate, "value", dom_.Text(AsText(value)));
    dom_.Push(*duplicates_, std::move(duplicate));
  }

  void AddPairDuplicates(const AuditField& field, const Value& list) {
    ForEach(&list, [&](const Value& element) {
      if (!Dom::IsObject(element)) return;
      std::set<std::string_view> seen;
      Dom::ForEachMember(element, [&](std::string_view name, const Value& member) {
        if (!IsPairMember(name) || seen.insert(name).second) return;
        AddDuplicate(Keep(std::string(field.name()) + "." + std::string(name)), member);
      });
    });
  }

  void TakeMember(const SourceField& member, Value& unmapped) {
    Value& value = *member.value;
    if (member.field == nullptr) return dom_.Set(unmapped, member.name, std::move(value));
    const AuditField& field = *member.field;
    const auto as_text = [&] {
      dom_.Set(unmapped, Keep(std::string(field.name()) + "_text"), dom_.Text(AsText(value)));
    };
    if (Dom::IsNull(value)) return dom_.Set(unmapped, field.name(), std::move(value));
    if (field.type != FieldType::kPairs) {
      if (field.mapped) {
        if (!Dom::IsText(value)) as_text();
      } else if (IsTyped(field, value)) {
        dom_.Set(unmapped, field.name(), std::move(value));
      } else {
        SetTyped(unmapped, std::string(field.name()), field, value);
      }
      return;
    }
    if (!Dom::IsArray(value) && !Dom::IsObject(value)) {
      as_text();
      const TextList& in_text = text_lists_[PairListOf(field.field)];
      if (in_text.empty() || field.field == Field::kParameters) return;
      return dom_.Set(unmapped, field.name(), MakePairList(in_text, "Name", "Value"));
    }
    AddPairDuplicates(field, value);
    if (field.field == Field::kParameters) return;
    dom_.Set(unmapped, field.name(), MakePairList(value, "Name", "Value"));
  }

  Dom& dom_;
  std::array<const Value*, kFieldCount> fields_;
  std::array<std::vector<Pair>, 5> pairs_;
  std::array<TextList, 5> text_lists_;
  std::vector<SourceField> members_;
  absl::flat_hash_set<absl::string_view> unknown_;
  std::bitset<kMostAuditFields> seen_;
  std::deque<std::string> kept_;  // owns strings to which results refer
  // The list of members whose name occurs more than once. Set by TakeUnmapped.
  Value* duplicates_ = nullptr;
  bool has_duplicates_ = false;
};

}  // namespace picket::twins
