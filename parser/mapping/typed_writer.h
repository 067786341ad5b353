#pragma once

// Writes the value of a field so that each path has one JSON type, whatever the record contains.

#include <string>
#include <string_view>

#include "json/json_tokens.h"
#include "model/audit_fields.h"
#include "parser/mapping/byte_buffer.h"

namespace picket::parser {

// The buffers of a TypedWriter, which keep their memory from record to record.
struct WriterBuffers {
  ByteBuffer scratch;
  // `,{"name":…,"value":…}` for each member that is repeated in its object, or whose name is
  // reserved for members that the writer adds.
  ByteBuffer duplicates;
  std::string key;
};

// Writes values in their documented types.
// Lifetime: The arguments of the constructor must outlive an instance.
// Complexity: Linear in the size of the value.
class TypedWriter {
 public:
  TypedWriter(ByteBuffer& out, WriterBuffers& buffers, const JsonTokens& tokens)
      : out_(out), buffers_(buffers), tokens_(tokens) {}

  // Writes `,"name":value` if the value has the documented type or can be converted to that type.
  // If the value has another type, also writes the value as a string: `,"name_text":"…"`. Members
  // that are repeated inside the value are added to the duplicates, with their paths as names.
  void PutField(const AuditField& field, const JsonValue& value) {
    PutMember(nullptr, field, value);
  }
  // Adds a member to the duplicates. `name` must still be escaped.
  void AddDuplicate(std::string_view name, const JsonValue& value) {
    AddDuplicate(nullptr, name, value);
  }
  // Adds a member of `field` to the duplicates.
  void AddDuplicate(const AuditField& field, std::string_view name, const JsonValue& value) {
    const Path path{nullptr, &field};
    AddDuplicate(&path, name, value);
  }
  // Writes the value without the blanks between its tokens.
  void PutMinified(const JsonValue& value);
  // Writes a string unchanged, and any other value as a string that contains its JSON.
  void PutAsString(const JsonValue& value);

 private:
  // A linked list of the fields that contain a value, starting with the innermost field.
  struct Path {
    const Path* outer;
    const AuditField* field;
  };
  void PutMember(const Path* outer, const AuditField& field, const JsonValue& value);
  void AddDuplicate(const Path* outer, std::string_view name, const JsonValue& value);
  void PutKey(std::string_view key, std::string_view suffix = {});
  void PutObject(const Path& path, const JsonValue& object);
  bool PutList(const Path& path, const JsonValue& list);
  static void PutPath(ByteBuffer& out, const Path* path);

  ByteBuffer& out_;
  WriterBuffers& buffers_;
  const JsonTokens& tokens_;
};

}  // namespace picket::parser
