#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "bench/twins/dom_normalizer.h"

namespace picket::twins {
namespace {

class NlohmannDom {
 public:
  using Value = nlohmann::ordered_json;

  static bool IsText(const Value& value) { return value.is_string(); }
  static bool IsObject(const Value& value) { return value.is_object(); }
  static bool IsArray(const Value& value) { return value.is_array(); }
  static bool IsNull(const Value& value) { return value.is_null(); }
  static bool IsBool(const Value& value) { return value.is_boolean(); }
  static bool IsNumber(const Value& value) { return value.is_number(); }
  static bool IsInteger(const Value& value) { return value.is_number_integer(); }
  static std::string_view GetText(const Value& value) {
    return value.get_ref<const std::string&>();
  }
  static bool GetBool(const Value& value) { return value.get<bool>(); }
  static double GetDouble(const Value& value) { return value.get<double>(); }
  static std::optional<int64_t> GetInteger(const Value& value) {
    if (!value.is_number_integer()) return std::nullopt;
    if (value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX) return std::nullopt;
    return value.get<int64_t>();
  }
  static size_t Size(const Value& value) { return value.size(); }
  static const Value* Find(const Value& object, std::string_view name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
  }
  static Value& Elements(Value& array) { return array; }
  template <typename Function>
  static void ForEach(const Value& array, Function function) {
    for (const Value& element : array) function(element);
  }
  template <typename ValueOrConst, typename Function>
  static void ForEachMember(ValueOrConst& object, Function function) {
    for (auto member = object.begin(); member != object.end(); ++member) {
      function(std::string_view(member.key()), member.value());
    }
  }
  static std::string Dump(const Value& value) { return value.dump(); }

  static Value Object() { return Value::object(); }
  static Value Array() { return Value::array(); }
  static Value Null() { return nullptr; }
  static Value Text(std::string_view text) { return std::string(text); }
  static Value Number(int64_t number) { return number; }
  static Value Bool(bool value) { return value; }
  static Value Copy(const Value& value) { return value; }
  static void Set(Value& object, std::string_view key, Value value) {
    object.emplace(std::string(key), std::move(value));
  }
  static void Push(Value& array, Value value) { array.push_back(std::move(value)); }

  Value* ParseBlob(std::string_view text) { return Parse(text, blob_); }
  const Value* ParseInner(std::string_view text) { return Parse(text, inner_); }
  void StartEvent() {}
  static void Write(const Value& value, std::string& out) { out += value.dump(); }

 private:
  static Value* Parse(std::string_view text, Value& value) {
    value = Value::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
    return value.is_discarded() ? nullptr : &value;
  }

  Value blob_;
  Value inner_;
};

}  // namespace

std::unique_ptr<Twin> MakeNlohmannTwin() { return std::make_unique<DomNormalizer<NlohmannDom>>(); }

}  // namespace picket::twins
