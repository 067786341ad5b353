#include "tests/parser/record_mutator.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "model/audit_fields.h"
#include "model/operation_rows.h"
#include "tests/parser/record_testing.h"

namespace picket::parser {

RecordMutator::RecordMutator() : random_(20260511) {
  for (const char* path : {"tests/data/records/samples.ndjson", "tests/data/records/rows.ndjson"}) {
    for (const std::string& record : ReadRecords(path)) records_.push_back(Json::parse(record));
  }
  for (const MappingRow& row : MappingRows()) {
    for (const auto& operation : absl::StrSplit(ToAbsl(row.operations), '|')) {
      operations_.emplace_back(operation);
    }
  }
}

std::string RecordMutator::Next() {
  Json record = records_[Below(records_.size())];
  for (size_t changes = Below(8) + 1; changes > 0; --changes) Change(record);
  return record.dump();
}

std::string RecordMutator::NextWithMemberTwice() {
  const std::string record = Next();
  const Json& other = Below(2) == 0 ? records_[Below(records_.size())] : Json::parse(record);
  const auto member = Pick(other);
  return absl::StrCat("{", Json(member.key()).dump(), ":", member.value().dump(), ",",
                      record.substr(1));
}

RecordMutator::Json::const_iterator RecordMutator::Pick(const Json& container) {
  return std::next(container.begin(), static_cast<std::ptrdiff_t>(Below(container.size())));
}

RecordMutator::Json& RecordMutator::Node(Json& record) {
  Json* node = &record;
  while (node->is_structured() && !node->empty() && (node == &record || Below(3) != 0)) {
    node = &*std::next(node->begin(), static_cast<std::ptrdiff_t>(Below(node->size())));
  }
  return *node;
}

RecordMutator::Json RecordMutator::Value() {
  static const auto* const values = new std::vector<Json>{
      nullptr,
      true,
      false,
      0,
      1,
      2,
      5,
      -1,
      15,
      40,
      6.0,
      1.5,
      4294967296,
      "",
      " ",
      "0",
      "1",
      "5",
      "15",
      "1.0",
      "007",
      "1e3",
      "True",
      "FALSE",
      "Success",
      "Failed",
      "PartiallySucceeded",
      "Web",
      "Folder",
      "High",
      "medium",
      "Resolved",
      "Started",
      "SharePointFileOperation",
      "2026-03-04T05:06:07.1239+02:00",
      "3/4/2026 12:06:07 AM",
      "0001-01-01T00:00:00",
      "192.0.2.7:443, 198.51.100.9,HOST1 (203.0.113.4)",
      "[2001:db8::7]:50",
      "fe80::1%4",
      "::ffff:192.0.2.3",
      "ffff:192.0.2.3",
      "<null>",
      "host.example:25",
      "192.0.2.300",
      "192.0.02.3",
      ",",
      "maria@fabrikam.example",
      "a \"b\" \\ c",
      "C:\\dir\\file.txt",
      "mailbox\\rule",
      "tab\there\r\n",
      "\u00e4\u4e16\U0001f600",
      "[\"x\"]",
      "[\r\n  \"x y\"\r\n]",
      "[]",
      "[\"a\",\"b\"]",
      "{\"k\":[1,{\"l\":null}],\"m\":\"n\"}",
      "[{\"MethodType\":6}]",
      "[{\"Name\":\"ForwardTo\",\"Value\":\"x@evil.example\"}]",
      "[{\"Name\":\"DisplayName\",\"NewValue\":\"[\\\"d\\\"]\",\"OldValue\":null}]",
      "{broken",
      "[Scope: a b, Scope: c]",
      "<Group>Owners</Group>",
      "</Group><Group>",
      "<Permissions granted>Edit</Permissions granted>",
      "https://x.example/a/b.docx",
      "http://x.example/",
      "11111111-1111-4111-8111-111111111111",
      "User_22222222-2222-4222-8222-222222222222",
      "KeyIdentifier=33333333-3333-4333-8333-333333333333]",
      "SAS:BeginAuth",
      "50140",
      50140,
      "Completed",
      "Closed",
      "BlockAccess",
      "owner",
      "android",
      "5",
      5,
      "OAuth2:Token",
      Json::array(),
      Json::object(),
      Json::array({"x"}),
      Json::array({1, nullptr, "y", Json::array(), Json::object()}),
      Json{{"a", 1}},
      Json{{"Name", "n"}, {"Value", 5}},
      Json::array({Json{{"Name", "n"}, {"Value", "v"}}}),
      Json::array({Json{{"Value", true}, {"Name", nullptr}, {"Other", Json::array()}}}),
      Json::array({Json{{"ID", "x@y.example"}, {"Type", 5}}, Json{{"ID", "n"}, {"Type", 1}}}),
      Json::array({Json{{"Role", 1}, {"UPN", "u@v.example"}}})};
  if (Below(4) == 0) {  // many small numbers have a meaning in the mapping
    const size_t number = Below(12);
    return Below(2) == 0 ? Json(number) : Json(std::to_string(number));
  }
  return (*values)[Below(values->size())];
}

void RecordMutator::Change(Json& record) {
  const Json& other = records_[Below(records_.size())];
  switch (Below(9)) {
    case 0:
      if (record.size() > 1) record.erase(Pick(record).key());
      break;
    case 1:
    case 2:
      Node(record) = Value();
      if (!record.is_object()) record = other;
      break;
    case 3: {  // copies a member of another record
      const auto member = Pick(other);
      record[member.key()] = member.value();
      break;
    }
    case 4:  // changes the operation
      record["Operation"] = operations_[Below(operations_.size())];
      break;
    case 5:
      record["Workload"] = records_[Below(records_.size())].value("Workload", "");
      break;
    case 6: {  // sets fields that the mapping reads
      static constexpr std::string_view kNames[] = {
#define X(name) #name,
          PICKET_AUDIT_FIELDS(X)
#undef X
      };
      for (size_t fields = Below(4) + 1; fields > 0; --fields) {
        record[std::string(kNames[Below(std::size(kNames))])] = Value();
      }
      break;
    }
    case 7: {  // adds an element to a list, or changes a member of an object
      Json& node = Node(record);
      if (node.is_array()) {
        node.push_back(node.empty() || Below(2) == 0 ? Value() : Json(*Pick(node)));
      } else if (node.is_object() && !node.empty()) {
        node[Pick(node).key()] = Value();
      }
      break;
    }
    default: {  // changes a name to lower case or to an unknown name
      const auto member = Pick(record);
      const std::string name =
          Below(2) == 0 ? LowerAscii(member.key()) : member.key() + std::to_string(Below(3));
      Json value = member.value();
      record.erase(member.key());
      record[name] = std::move(value);
    }
  }
}

}  // namespace picket::parser
