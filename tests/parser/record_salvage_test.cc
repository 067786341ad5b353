#include "parser/record_salvage.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace picket::parser {
namespace {

// In these tests, a question mark stands for damage: a text without one counts as JSON.
bool IsJson(std::string_view text) { return text.find('?') == std::string_view::npos; }
bool IsRecord(std::string_view text) {
  return IsJson(text) && text.find("\"Id\"") != std::string_view::npos;
}

// Returns the pieces into which RecordSalvage splits a blob. A prefix marks a damaged piece:
// "all: " if the piece is the whole blob, and otherwise "damaged: ".
std::vector<std::string> Pieces(std::string_view blob) {
  RecordSalvage salvage(IsRecord);
  salvage.Start(blob);
  std::vector<std::string> pieces;
  while (const auto piece = salvage.Next()) {
    const std::string bytes(piece->bytes);
    if (piece->error.empty() && !IsJson(bytes)) {
      salvage.MarkDamaged();
    } else {
      pieces.push_back((piece->error.empty()   ? ""
                        : piece->is_whole_blob ? "all: "
                                               : "damaged: ") +
                       bytes);
    }
  }
  return pieces;
}

using Expected = std::vector<std::string>;

TEST(RecordSalvageTest, SplitsArraysAndSequencesAndOpensNestedOnes) {
  EXPECT_EQ(Pieces(R"([{"a":1},null,[{"b":2},[3]]])"),
            (Expected{R"({"a":1})", "null", R"({"b":2})", "3"}));
  EXPECT_EQ(Pieces("{\"a\":1}\n{\"b\":2}"), (Expected{R"({"a":1})", R"({"b":2})"}));
  EXPECT_EQ(Pieces("[]"), Expected{});
}

TEST(RecordSalvageTest, ReturnsTheRecordsOfAnEnvelopeEvenIfItIsCutOff) {
  EXPECT_EQ(Pieces(R"({"value":[{"a":1},{"b":2}],"@odata.count":2})"),
            (Expected{R"({"a":1})", R"({"b":2})"}));
  EXPECT_EQ(Pieces(R"({"value":[{"a":1},{"b":)"), (Expected{R"({"a":1})", R"(damaged: {"b":)"}));
}

TEST(RecordSalvageTest, ADamagedElementCostsOnlyItself) {
  EXPECT_EQ(Pieces(R"([{"a":1},{"b":?},{"c":3}])"),
            (Expected{R"({"a":1})", R"(damaged: {"b":?})", R"({"c":3})"}));
}

TEST(RecordSalvageTest, FindsTheRecordAfterAQuoteThatIsNotClosed) {
  EXPECT_EQ(Pieces(R"([{"a":"x},{"Id":"2"},{"Id":"3"}])"),
            (Expected{R"(damaged: {"a":"x})", R"({"Id":"2"})", R"({"Id":"3"})"}));
}

TEST(RecordSalvageTest, ReportsABlobWithoutAnyRecordAsAWhole) {
  EXPECT_EQ(Pieces("<html>"), Expected{"all: <html>"});
  EXPECT_EQ(Pieces(R"([{"a":1},{"b")"), (Expected{R"({"a":1})", R"(damaged: {"b")"}));
}

TEST(RecordSalvageTest, AfterAnUnclosedQuoteNamesSeemToBeOutsideOfStrings) {
  EXPECT_FALSE(HasInvalidBytesOutsideStrings(R"({"name":"x \" y","n":-1.5e3,"t":[true,null]})"));
  EXPECT_TRUE(HasInvalidBytesOutsideStrings(R"({"a":"x},{"name":"y"})"));
}

}  // namespace
}  // namespace picket::parser
