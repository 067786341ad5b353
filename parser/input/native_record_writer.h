#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/audit_fields.h"
#include "model/written_date.h"

namespace picket::parser {

// Writes a native record, which is a record as the Management Activity API returns it, from the
// parts that another tool has exported. The functions take names and JSON values as they appear in
// the text, with their escapes.
// Threads: One thread uses an instance. Lifetime: names that are given to Put must outlive the
// record.
class NativeRecordWriter {
 public:
  // Starts a record. `out` must outlive it.
  void Start(std::string& out, DateOrder order);
  // Ends the record with its member `wrapper`, which contains the name of the format and the fields
  // that the wrapper adds.
  void Finish(std::string_view format);

  // These functions write members of the native record. PutTyped writes a quoted number or boolean
  // without quotes if the field is documented as such. PutEnum writes a record type or user type as
  // a number and returns true if `value` contains the name of such a type. `name` is the wrapper's
  // name of the field. PutTime writes a local time in the format of the API, and returns false if
  // `value` is in that format or is no time.
  void Put(std::string_view name, std::string_view value);
  void PutTyped(std::string_view name, std::string_view value);
  bool PutEnum(std::string_view name, std::string_view native, std::string_view value);
  bool PutTime(std::string_view native, std::string_view value);
  // Writes a list or object that `value`, a string, contains as JSON or as a Python literal.
  // Returns false if the field is not documented as a list or object, or if the string is not JSON.
  bool PutListInString(std::string_view native, std::string_view value);
  // Writes a nested object with the documented types of its scalars.
  void PutNested(std::string_view name, std::string_view object);

  // Returns the value of a member that has been written, or an empty view if there is none.
  std::string_view Written(std::string_view native) const;

  // These functions write fields that the wrapper adds. Every value becomes a string. AddFlattened
  // makes a field of each scalar inside `value`, and leaves out strings that repeat the record.
  void AddField(std::string_view name, std::string_view value);
  void AddFlattened(std::string_view name, std::string_view value) {
    AddFlattened(name, value, /*depth=*/0);
  }
  // Adds the field unless the record has the same value in its member `native`.
  void AddFieldIfOther(std::string_view name, std::string_view native, std::string_view value);
  // Sets the Id by which AddFlattened recognises a copy of the record. Must be called after the
  // record's Id was written.
  void NoteId();

 private:
  struct Member {
    std::string_view name;
    size_t begin, size;  // the value in `out_`
  };

  void AddFlattened(std::string_view name, std::string_view value, int depth);
  void AppendNested(std::string_view object, uint8_t complex_type, std::string& out) const;

  std::string* out_ = nullptr;
  DateOrder order_ = DateOrder::kMonthFirst;
  std::vector<Member> written_;
  std::string fields_;  // fields that the wrapper adds, as ,{"name":…,"value":…}
  std::string id_;      // the record's Id, escaped
  std::string decoded_;
};

// Returns true if the text is a JSON value that is not nested too deeply for a record.
bool IsJsonDocument(const std::string& text);

}  // namespace picket::parser
