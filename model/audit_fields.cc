#include "model/audit_fields.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "common/check.h"
#include "common/strings.h"
#include "model/documented_fields.h"
#include "model/field_paths.h"

namespace picket {
namespace {

struct FieldId {
  std::string_view name;
  Field field;
};
constexpr FieldId kFieldIds[] = {
#define X(name) {#name, Field::k##name},
    PICKET_AUDIT_FIELDS(X)
#undef X
};

uint64_t HashName(std::string_view name) {
  uint64_t a = 0;
  uint64_t b = 0;
  const size_t n = name.size();
  if (n >= 8) {
    std::memcpy(&a, name.data(), 8);
    std::memcpy(&b, name.data() + n - 8, 8);
  } else if (n >= 4) {
    uint32_t low;
    uint32_t high;
    std::memcpy(&low, name.data(), 4);
    std::memcpy(&high, name.data() + n - 4, 4);
    a = low;
    b = high;
  } else {
    for (size_t i = 0; i < n; ++i) a = a << 8 | static_cast<uint8_t>(name[i]);
  }
  const uint64_t hash = (a ^ (b << 23 | b >> 41) ^ n) * 0x9e3779b97f4a7c15ull;
  return hash ^ hash >> 29;
}

class FieldTable {
 public:
  FieldTable() : exact_(kSlots, 0), lower_(kSlots, 0) {
    fields_.reserve(kMostAuditFields);
    fields_.emplace_back();  // index 0 is not a field, because 0 marks an empty slot
    for (const FieldId& id : kFieldIds) {
      Add(0, id.name).field = id.field;
    }
    for (const DocumentedFields& documented : AllDocumentedFields()) AddAll(documented);
    for (const FieldPath& path : FieldPaths()) {
      const bool own_text = path.kept == Kept::kText || path.kept == Kept::kTextOrUnmapped;
      if (own_text) Mutable(0, path.sources).mapped = true;
    }
    // Several names can differ only in case (Id, ID). The lookup that ignores case finds the name
    // that was inserted first. Therefore, the names that the mapping reads are inserted first.
    for (const bool read : {true, false}) {
      for (size_t i = 1; i < fields_.size(); ++i) {
        const AuditField& field = fields_[i];
        if (field.owner != 0 || (field.field != Field::kOther) != read) continue;
        Insert(lower_, HashName(LowerAscii(field.name())) & (kSlots - 1), i);
      }
    }
  }

  const AuditField* fields() const { return fields_.data(); }

  const AuditField* Find(uint8_t owner, std::string_view name) const {
    for (size_t at = Slot(owner, name); exact_[at] != 0; at = (at + 1) & (kSlots - 1)) {
      const AuditField& field = fields_[exact_[at]];
      if (field.owner == owner && field.name() == name) return &field;
    }
    return nullptr;
  }

  const AuditField* FindAnyCase(std::string_view name) const {
    char buffer[64];
    if (name.size() > sizeof(buffer)) return nullptr;
    for (size_t i = 0; i < name.size(); ++i) {
      const char c = name[i];
      buffer[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    const std::string_view key(buffer, name.size());
    for (size_t at = HashName(key) & (kSlots - 1); lower_[at] != 0; at = (at + 1) & (kSlots - 1)) {
      const AuditField& field = fields_[lower_[at]];
      if (EqualsIgnoreCase(field.name(), key)) return &field;
    }
    return nullptr;
  }

 private:
  static constexpr size_t kSlots = 4096;

  static size_t Slot(uint8_t owner, std::string_view name) {
    return (HashName(name) + owner * size_t{0x9e37}) & (kSlots - 1);
  }
  static std::string_view TakeName(std::string_view& rest) {
    const size_t blank = rest.find(' ');
    const std::string_view name = rest.substr(0, blank);
    rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank + 1);
    return name;
  }

  AuditField& Add(uint8_t owner, std::string_view name) {
    const std::string key = "\"" + std::string(name) + "\":";
    PICKET_CHECK(key.size() <= AuditField::kLongestKey && fields_.size() < kMostAuditFields);
    AuditField& field = fields_.emplace_back();
    std::memcpy(field.key, key.data(), key.size());
    field.key_size = static_cast<uint8_t>(key.size());
    if (key.size() <= AuditField::kLongestPlainKey) field.plain_key_size = field.key_size;
    field.number = static_cast<uint16_t>(fields_.size() - 1);
    field.owner = owner;
    if (owner != 0) {
      PICKET_CHECK(members_of_[owner] < 64);
      field.place = members_of_[owner]++;
    }
    Insert(exact_, Slot(owner, name), field.number);
    return field;
  }

  void AddAll(const DocumentedFields& documented) {
    const uint8_t owner = TypeNumber(documented.owner);
    std::string_view type = documented.type;
    const bool is_list = absl::EndsWith(ToAbsl(type), "[]");
    if (is_list) type.remove_suffix(2);
    std::string_view names = documented.names;
    while (!names.empty()) {
      const std::string_view name = TakeName(names);
      AuditField& field = Find(owner, name) == nullptr ? Add(owner, name) : Mutable(owner, name);
      const std::optional<FieldType> simple = SimpleType(type);
      if (!simple.has_value()) field.members = TypeNumber(type);
      const FieldType whole = simple.value_or(FieldType::kObject);
      field.type = is_list ? FieldType::kList : whole;
      field.element = is_list ? whole : FieldType::kAny;
    }
  }

  static std::optional<FieldType> SimpleType(std::string_view type) {
    static constexpr struct {
      std::string_view name;
      FieldType type;
    } kTypes[] = {{"text", FieldType::kText},
                  {"integer", FieldType::kInteger},
                  {"boolean", FieldType::kBoolean},
                  {"pairs", FieldType::kPairs},
                  {"object", FieldType::kObject}};
    for (const auto& one : kTypes) {
      if (one.name == type) return one.type;
    }
    return std::nullopt;
  }

  // Returns the number that identifies a complex type. An empty name denotes the record itself,
  // whose number is 0.
  uint8_t TypeNumber(std::string_view name) {
    const auto found = std::find(complex_types_.begin(), complex_types_.end(), name);
    const auto number = static_cast<size_t>(found - complex_types_.begin());
    if (found == complex_types_.end()) complex_types_.push_back(name);
    PICKET_CHECK(number < kMostComplexTypes);
    return static_cast<uint8_t>(number);
  }

  static void Insert(std::vector<uint16_t>& slots, size_t at, size_t number) {
    while (slots[at] != 0) at = (at + 1) & (kSlots - 1);
    slots[at] = static_cast<uint16_t>(number);
  }

  AuditField& Mutable(uint8_t owner, std::string_view name) {
    return *const_cast<AuditField*>(Find(owner, name));
  }

  std::vector<std::string_view> complex_types_ = {""};
  std::array<uint8_t, kMostComplexTypes> members_of_{};
  std::vector<AuditField> fields_;
  std::vector<uint16_t> exact_;  // indices of fields, hashed by exact name
  std::vector<uint16_t> lower_;
};

const FieldTable& Table() {
  static const FieldTable* const table = new FieldTable();
  return *table;
}

}  // namespace

const AuditField* FindAuditField(std::string_view name) {
  const FieldTable& table = Table();
  if (const AuditField* const field = table.Find(0, name)) return field;
  return table.FindAnyCase(name);
}

const AuditField* FindAuditMember(uint8_t complex_type, std::string_view name) {
  return complex_type == 0 ? nullptr : Table().Find(complex_type, name);
}

bool IsTextMemberName(uint8_t complex_type, std::string_view name) {
  static constexpr std::string_view kSuffix = "_text";
  return name.size() > kSuffix.size() && absl::EndsWith(ToAbsl(name), ToAbsl(kSuffix)) &&
         Table().Find(complex_type, name.substr(0, name.size() - kSuffix.size())) != nullptr;
}

const AuditField* AuditFieldTable() { return Table().fields(); }

}  // namespace picket
