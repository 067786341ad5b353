#pragma once

// Writes the value of a field so that each path has one JSON type, whatever the record contains.

#include <string>
#include <string_view>

#include "json/json_tokens.h"
#include "model/audit_fields.h"
#include "parser/mapping/byte_buffer.h"

namespace picket::parser {

// The buffers of a TypedWriter, kept from record to record.
struct WriterBuffers {
  ByteBuffer scratch;
  // `,{"name":…,"value":…}` for each member that is repeated in its object, or whose name is
  // reserved for members that we write.
  ByteBuffer duplicates;
  std::string key;
};

// Lifetime: that of its arguments. Complexity: linear in the size of the value.
class TypedWriter {
 public:
  TypedWriter(ByteBuffer& out, WriterBuffers& buffers, const JsonTokens& tokens)
      : out_(out), buffers_(buffers), tokens_(tokens) {}

  // Writes `,"name":value` with the documented type. A value of another type is also written as
  // `,"name_text":"…"`, with its own JSON. Members that are repeated inside the value are added to
  // the duplicates, under their path.
  void PutField(const AuditField& field, const JsonValue& value) {
    PutMember(nullptr, field, value);
  }
  // Adds a member to the duplicates. `name` is still escaped.
  void AddDuplicate(std::string_view name, const JsonValue& value) {
    AddDuplicate(nullptr, name, value);
  }
  // The same for a member of `field`.
  void AddDuplicate(const AuditField& field, std::string_view name, const JsonValue& value) {
    const Path path{nullptr, &field};
    AddDuplicate(&path, name, value);
  }
  // Writes the value without blanks between its tokens.
  void PutMinified(const JsonValue& value);
  // Writes a string unchanged, anything else as a string that contains its JSON.
  void PutAsString(const JsonValue& value);

 private:
  // The fields that contain a value, from the innermost.
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
