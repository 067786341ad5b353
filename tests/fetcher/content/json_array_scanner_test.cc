#include "fetcher/content/json_array_scanner.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "absl/strings/str_cat.h"

namespace picket::fetcher {
namespace {

bool IsContent(std::string_view body) {
  JsonArrayScanner scanner;
  scanner.Scan(body);
  return scanner.is_complete();
}

// The slow twin: a recursive descent on the whole text.
class NaiveArrayCheck {
 public:
  explicit NaiveArrayCheck(std::string_view text) : text_(text) {}
  bool IsContent() {
    SkipBlanks();
    if (!Accept('[')) return false;
    SkipBlanks();
    if (!Accept(']')) {
      do {
        SkipBlanks();
        if (!Element()) return false;
        SkipBlanks();
      } while (Accept(','));
      if (!Accept(']')) return false;
    }
    SkipBlanks();
    return at_ == text_.size();
  }

 private:
  bool Accept(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void SkipBlanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != text_.npos) ++at_;
  }
  bool String() {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (c == '\\') ++at_;
    }
    at_ = text_.size();
    return false;
  }
  bool Container(char closing) {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == closing) return true;
      if (c == '}' || c == ']') return false;
      if (c == '"' && !String()) return false;
      if (c == '{' && !Container('}')) return false;
      if (c == '[' && !Container(']')) return false;
    }
    return false;
  }
  bool Element() {
    if (Accept('"')) return String();
    if (Accept('{')) return Container('}');
    if (Accept('[')) return Container(']');
    const size_t begin = at_;
    constexpr std::string_view kScalar = "0123456789abcdefghijklmnopqrstuvwxyz-+.E";
    while (at_ < text_.size() && kScalar.find(text_[at_]) != kScalar.npos) ++at_;
    return at_ > begin;
  }

  std::string_view text_;
  size_t at_ = 0;
};

TEST(JsonArrayScannerTest, AcceptsOneCompleteArray) {
  for (const char* body :
       {"[]", " [\n] \r\n", R"([{"Id":"1"}])", R"([{"a":[1,{"b":"]}\""}]},{"c":"\\"}])",
        R"(["x","[",{}])", "[1, -2.5E+3, true,null]", "[[[]]]"}) {
    EXPECT_TRUE(IsContent(body)) << body;
  }
}

TEST(JsonArrayScannerTest, RejectsEverythingElse) {
  for (const char* body : {"",
                           " ",
                           "null",
                           "{}",
                           R"({"Id":"1"})",
                           R"({"error":{"code":"AF50000"}})",
                           "<html>maintenance</html>",
                           "[<html>]",
                           "[",
                           "[{}",
                           "[{}]]",
                           "[{}] x",
                           "[][]",
                           "[] []",
                           "[{}{}]",
                           "[,]",
                           "[{},]",
                           "[{} {}]",
                           "[1 2]",
                           R"(["a)",
                           R"(["a\"])",
                           R"([{"a":"]"})",
                           "[{]}]",
                           "[{\"a\":[}]",
                           "[}",
                           "]",
                           "\xEF\xBB\xBF[]",
                           R"([{"Id":"1"}] <!-- proxy -->)"}) {
    EXPECT_FALSE(IsContent(body)) << body;
  }
  EXPECT_FALSE(IsContent(std::string_view("[]\0", 3)));
}

TEST(JsonArrayScannerTest, RejectsArraysThatAreNestedTooDeeply) {
  const auto nested = [](size_t depth) {
    return absl::StrCat("[", std::string(depth, '['), std::string(depth, ']'), "]");
  };
  EXPECT_TRUE(IsContent(nested(JsonArrayScanner::kDeepest)));
  EXPECT_FALSE(IsContent(nested(JsonArrayScanner::kDeepest + 1)));
  EXPECT_FALSE(IsContent(std::string(1 << 20, '[')));
}

TEST(JsonArrayScannerTest, NoPrefixOfAnArrayIsComplete) {
  const std::string body = R"( [ {"a":"]}","b":[1,{"c":"\\\""}]} , [] , "x]" , 12 ] )";
  const size_t end = body.rfind(']');
  for (size_t size = 0; size <= body.size(); ++size) {
    EXPECT_EQ(IsContent(body.substr(0, size)), size > end) << size;
  }
}

TEST(JsonArrayScannerTest, EqualsTheNaiveCheckOnRandomTextInRandomPieces) {
  std::mt19937_64 random(17);
  const std::string valid[] = {R"({"a":1})", R"("x\"]")", "[{}]", "-1.5", "null", R"({"b":"}"})"};
  const std::string_view bytes = "[]{}\",\\ x1<\n";
  size_t complete = 0;
  for (int round = 0; round < 40'000; ++round) {
    std::string body = "[";
    for (size_t count = random() % 5, i = 0; i < count; ++i) {
      absl::StrAppend(&body, i == 0 ? "" : random() % 8 == 0 ? " ,\t" : ",", valid[random() % 6]);
    }
    body += "]";
    for (size_t changes = random() % 3; changes > 0; --changes) {
      const size_t at = random() % (body.size() + 1);
      const char byte = bytes[random() % bytes.size()];
      switch (random() % 3) {
        case 0:
          body.insert(at, 1, byte);
          break;
        case 1:
          if (at < body.size()) body[at] = byte;
          break;
        default:
          body.erase(at, 1);
      }
    }
    JsonArrayScanner scanner;
    for (size_t at = 0; at < body.size();) {
      const size_t size = random() % 7;
      scanner.Scan(std::string_view(body).substr(at, size));
      at += size;
    }
    ASSERT_EQ(scanner.is_complete(), NaiveArrayCheck(body).IsContent()) << body;
    complete += scanner.is_complete() ? 1 : 0;
  }
  EXPECT_GT(complete, 5'000u);
  EXPECT_LT(complete, 35'000u);
}

}  // namespace
}  // namespace picket::fetcher
