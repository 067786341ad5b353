#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <memory>
#include <utility>

#include "bench/twins/dom_normalizer.h"

namespace picket::twins {
namespace {

// A memory pool. Its first block of `size` bytes is kept when the pool is cleared.
struct Pool {
  explicit Pool(size_t size)
      : memory(new char[size]), allocator(memory.get(), size, /*chunkSize=*/size) {}
  std::unique_ptr<char[]> memory;
  rapidjson::MemoryPoolAllocator<> allocator;
};

class RapidJsonDom {
 public:
  using Value = rapidjson::Value;

  static bool IsText(const Value& value) { return value.IsString(); }
  static bool IsObject(const Value& value) { return value.IsObject(); }
  static bool IsArray(const Value& value) { return value.IsArray(); }
  static bool IsNull(const Value& value) { return value.IsNull(); }
  static bool IsBool(const Value& value) { return value.IsBool(); }
  static bool IsNumber(const Value& value) { return value.IsNumber(); }
  static bool IsInteger(const Value& value) { return value.IsInt64() || value.IsUint64(); }
  static std::string_view GetText(const Value& value) {
    return {value.GetString(), value.GetStringLength()};
  }
  static bool GetBool(const Value& value) { return value.GetBool(); }
  static double GetDouble(const Value& value) { return value.GetDouble(); }
  static std::optional<int64_t> GetInteger(const Value& value) {
    return value.IsInt64() ? std::optional<int64_t>(value.GetInt64()) : std::nullopt;
  }
  static size_t Size(const Value& value) {
    return value.IsObject() ? value.MemberCount() : value.Size();
  }
  static const Value* Find(const Value& object, std::string_view name) {
    const auto found = object.FindMember(Value(Ref(name)));
    return found == object.MemberEnd() ? nullptr : &found->value;
  }
  static auto Elements(Value& array) { return array.GetArray(); }
  template <typename Function>
  static void ForEach(const Value& array, Function function) {
    for (const Value& element : array.GetArray()) function(element);
  }
  template <typename ValueOrConst, typename Function>
  static void ForEachMember(ValueOrConst& object, Function function) {
    for (auto& member : object.GetObject()) function(GetText(member.name), member.value);
  }
  static std::string Dump(const Value& value) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    value.Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
  }

  static Value Object() { return Value(rapidjson::kObjectType); }
  static Value Array() { return Value(rapidjson::kArrayType); }
  static Value Null() { return Value(); }
  // The value refers to `text`. Therefore, `text` must exist until the event has been written.
  static Value Text(std::string_view text) { return Value(Ref(text)); }
  static Value Number(int64_t number) { return Value(number); }
  static Value Bool(bool value) { return Value(value); }
  Value Copy(const Value& value) { return Value(value, event_.allocator); }
  void Set(Value& object, std::string_view key, Value value) {
    object.AddMember(Ref(key), value, event_.allocator);
  }
  void Push(Value& array, Value value) { array.PushBack(value, event_.allocator); }

  Value* ParseBlob(std::string_view text) {
    document_.SetNull();
    blob_.allocator.Clear();
    blob_text_.assign(text);
    document_.ParseInsitu(blob_text_.data());
    return document_.HasParseError() ? nullptr : &document_;
  }
  const Value* ParseInner(std::string_view text) {
    inner_document_.SetNull();
    inner_.allocator.Clear();
    inner_text_.assign(text);
    inner_document_.ParseInsitu(inner_text_.data());
    return inner_document_.HasParseError() ? nullptr : &inner_document_;
  }
  void StartEvent() { event_.allocator.Clear(); }
  void Write(const Value& value, std::string& out) {
    buffer_.Clear();
    writer_.Reset(buffer_);
    value.Accept(writer_);
    out.append(buffer_.GetString(), buffer_.GetSize());
  }

 private:
  static rapidjson::Value::StringRefType Ref(std::string_view text) {
    return {text.data() == nullptr ? "" : text.data(),
            static_cast<rapidjson::SizeType>(text.size())};
  }

  Pool blob_{8 << 20};
  Pool event_{256 << 10};
  Pool inner_{256 << 10};
  rapidjson::Document document_{&blob_.allocator};
  rapidjson::Document inner_document_{&inner_.allocator};
  std::string blob_text_;
  std::string inner_text_;
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace

std::unique_ptr<Twin> MakeRapidJsonTwin() {
  return std::make_unique<DomNormalizer<RapidJsonDom>>();
}

}  // namespace picket::twins
