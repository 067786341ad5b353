// Compares the kernels for folding and literal search with simple loops. There is a kernel for each
// instruction set, and each kernel that this CPU supports is tested.

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "detector/text/anchored_literals.h"
#include "detector/text/fold.h"
#include "detector/text/literal_scanner.h"
#include "json/json_tokens.h"

namespace picket::detector {
namespace {

std::vector<Kernel> Kernels() {
  std::vector<Kernel> kernels;
  for (const Kernel kernel : {Kernel::kPortable, Kernel::kAvx2, Kernel::kAvx512}) {
    if (HasKernel(kernel)) kernels.push_back(kernel);
  }
  return kernels;
}

class Texts {
 public:
  explicit Texts(uint32_t seed) : random_(seed) {}

  size_t Below(size_t bound) { return random_() % bound; }
  std::string Of(const std::vector<std::string>& pieces, size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += pieces[Below(pieces.size())];
    return text;
  }

 private:
  std::mt19937 random_;
};

// Copies the text to an allocation of exactly its size, so that ASan detects a read beyond the
// text.
std::vector<char> Exactly(std::string_view text) { return {text.begin(), text.end()}; }
std::string_view View(const std::vector<char>& bytes) { return {bytes.data(), bytes.size()}; }

TEST(FoldTest, EveryKernelFoldsLikeThePortableOneAndAsciiLikeTolower) {
  Texts texts(1);
  const std::vector<std::string> ascii = {"A",  "z",    "@", "[",  "Z", "`",
                                          "a{", "\x7f", "0", "\\", "M"};
  const std::vector<std::string> all = {"A", "Z", "É", "ß", "Ж", "\xff", "K", "ſ", "q", "😀"};
  for (int i = 0; i < 3000; ++i) {
    const bool is_ascii = i % 2 == 0;
    const auto bytes = Exactly(texts.Of(is_ascii ? ascii : all, texts.Below(150)));
    std::string expected;
    for (const Kernel kernel : Kernels()) {
      std::string out(bytes.size() + kFoldSlack, '?');
      out.resize(Fold(View(bytes), out.data(), kernel));
      if (kernel == Kernel::kPortable) expected = out;
      ASSERT_EQ(out, expected) << static_cast<int>(kernel);
    }
    if (!is_ascii) continue;
    std::string lower(View(bytes));
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    ASSERT_EQ(expected, lower);
  }
}

TEST(FoldTest, EveryKernelRemovesEscapesLikeTheSlowLoop) {
  Texts texts(2);
  const std::vector<std::string> pieces = {"A",
                                           "bC",
                                           R"(\\)",
                                           R"(\")",
                                           R"(\/)",
                                           R"(\n)",
                                           R"(\t)",
                                           R"(\r)",
                                           R"(\b)",
                                           R"(\f)",
                                           R"(\u0041)",
                                           R"(\u00c9)",
                                           "É",
                                           "path",
                                           "Users",
                                           R"(\\\\)",
                                           "x",
                                           R"(\\n)",
                                           R"(\\\")",
                                           R"(\ud83d\ude00)",
                                           "0123456789abcdefghij"};
  for (int i = 0; i < 4000; ++i) {
    // Two of three texts have no \u escapes, because texts without \u take a faster path.
    std::vector<std::string> some = pieces;
    if (i % 3 != 0) some.erase(some.begin() + 10, some.begin() + 13), some.erase(some.end() - 2);
    const auto inner = Exactly(texts.Of(some, texts.Below(90)));
    std::string expected;
    AppendJsonUnescaped(View(inner), expected);
    for (const Kernel kernel : Kernels()) {
      std::string out(inner.size() + kFoldSlack, '?');
      size_t size = 0;
      ASSERT_TRUE(UnescapeJson(View(inner), out.data(), size, kernel));
      ASSERT_EQ(out.substr(0, size), expected) << View(inner) << static_cast<int>(kernel);
      ASSERT_TRUE(FoldJson(View(inner), out.data(), size, kernel));
      ASSERT_EQ(out.substr(0, size), Folded(expected)) << View(inner) << static_cast<int>(kernel);
    }
  }
}

TEST(FoldTest, AnInvalidEscapeIsRejectedAtAnyPosition) {
  for (const Kernel kernel : Kernels()) {
    for (const std::string bad : {R"(\q)", R"(\)", R"(\u12)", R"(\u12g4)", R"(\ud800)", R"(\udc00)",
                                  R"(\ud800\u0041)", R"(\\\)", R"(\N)"}) {
      for (size_t before = 0; before < 130; ++before) {
        const auto inner = Exactly(std::string(before, 'a') + bad);
        std::string out(inner.size() + kFoldSlack, '?');
        size_t size = 0;
        ASSERT_FALSE(FoldJson(View(inner), out.data(), size, kernel)) << before << bad;
        ASSERT_FALSE(UnescapeJson(View(inner), out.data(), size, kernel)) << before << bad;
      }
    }
  }
}

// Returns all occurrences of the literals: the index of the literal and the position in the text.
std::set<std::pair<uint32_t, size_t>> NaivelyFound(const std::vector<std::string>& literals,
                                                   std::string_view text) {
  std::set<std::pair<uint32_t, size_t>> found;
  for (uint32_t i = 0; i < literals.size(); ++i) {
    for (size_t at = text.find(literals[i]); at != std::string_view::npos;
         at = text.find(literals[i], at + 1)) {
      found.emplace(i, at);
    }
  }
  return found;
}

TEST(LiteralScannerTest, EveryKernelFindsTheSameAsStringFind) {
  Texts texts(3);
  const std::vector<std::string> pieces = {"a", "b",   "ab",   "\\",  " -",
                                           "é", "xyz", "\x80", "exe", "."};
  for (int round = 0; round < 60; ++round) {
    std::vector<std::string> literals;
    // The scanner divides more literals into more groups. To test all numbers of groups, the rounds
    // use from 1 to 1,500 literals.
    const size_t count = round % 20 == 0   ? 1500
                         : round % 10 == 0 ? 400
                         : round % 5 == 0  ? 120
                                           : 1 + texts.Below(40);
    for (size_t i = 0; i < count; ++i) literals.push_back(texts.Of(pieces, 1 + texts.Below(9)));
    for (const Kernel kernel : Kernels()) {
      const LiteralScanner scanner(literals, LiteralScanner::Case::kAsIs, kernel);
      ASSERT_FALSE(scanner.Scan(std::string_view(), [](uint32_t, size_t) { return true; }));
      for (int i = 0; i < 40; ++i) {
        const auto text = Exactly(texts.Of(pieces, i % 9 == 0 ? 500 : texts.Below(60)));
        std::set<std::pair<uint32_t, size_t>> found;
        ASSERT_FALSE(scanner.Scan(View(text), [&](uint32_t literal, size_t at) {
          EXPECT_TRUE(found.emplace(literal, at).second);
          return false;
        }));
        const auto expected = NaivelyFound(literals, View(text));
        ASSERT_EQ(found, expected) << static_cast<int>(kernel);
        ASSERT_EQ(scanner.Scan(View(text), [](uint32_t, size_t) { return true; }),
                  !expected.empty());
      }
    }
  }
}

TEST(LiteralScannerTest, CaseIsIgnoredInTextThatIsNotFolded) {
  Texts texts(4);
  const std::vector<std::string> pieces = {"a", "B", "aB", "\\", "Z", "z",
                                           "@", "[", "`",  "{",  "k1"};
  for (int round = 0; round < 60; ++round) {
    std::vector<std::string> literals;
    for (int i = 0; i < 24; ++i) literals.push_back(Folded(texts.Of(pieces, 1 + texts.Below(9))));
    for (const Kernel kernel : Kernels()) {
      const LiteralScanner scanner(literals, LiteralScanner::Case::kIgnoreAscii, kernel);
      for (int i = 0; i < 40; ++i) {
        const auto text = Exactly(texts.Of(pieces, texts.Below(90)));
        std::set<std::pair<uint32_t, size_t>> found;
        scanner.Scan(View(text), [&](uint32_t literal, size_t at) {
          found.emplace(literal, at);
          return false;
        });
        ASSERT_EQ(found, NaivelyFound(literals, Folded(View(text)))) << static_cast<int>(kernel);
      }
    }
  }
}

TEST(AnchoredLiteralsTest, TheyFindTheSameAsAComparison) {
  Texts texts(5);
  const std::vector<std::string> pieces = {"a", "b", "ab", "\\", "xyz", "exe", "c:"};
  using At = AnchoredLiterals::At;
  for (const At at : {At::kWhole, At::kBegin, At::kEnd}) {
    for (int round = 0; round < 60; ++round) {
      std::vector<std::string> literals;
      const size_t count = round % 10 == 0 ? 300 : texts.Below(20);
      for (size_t i = 0; i < count; ++i) literals.push_back(texts.Of(pieces, 1 + texts.Below(8)));
      if (at == At::kWhole) literals.emplace_back();
      const AnchoredLiterals table(at, {literals.begin(), literals.end()});
      EXPECT_EQ(table.empty(), literals.empty());
      for (int i = 0; i < 60; ++i) {
        const std::string text = texts.Of(pieces, texts.Below(9));
        std::set<uint32_t> found, expected;
        table.Find(text, [&](uint32_t literal) { found.insert(literal); });
        for (uint32_t k = 0; k < literals.size(); ++k) {
          const bool is_there = at == At::kWhole   ? text == literals[k]
                                : at == At::kBegin ? text.starts_with(literals[k])
                                                   : text.ends_with(literals[k]);
          if (is_there) expected.insert(k);
        }
        ASSERT_EQ(found, expected) << text;
      }
    }
  }
}

TEST(ContainsTextTest, EveryKernelAgreesWithStringFind) {
  Texts texts(6);
  const std::vector<std::string> pieces = {"a", "b", "ab", "ba", "c"};
  for (int i = 0; i < 20000; ++i) {
    const auto text = Exactly(texts.Of(pieces, texts.Below(110)));
    const std::string literal = texts.Of(pieces, texts.Below(7));
    const bool expected = View(text).find(literal) != std::string_view::npos;
    for (const Kernel kernel : Kernels()) {
      ASSERT_EQ(ContainsText(View(text), literal, kernel), expected)
          << View(text) << " " << literal << static_cast<int>(kernel);
    }
  }
}

TEST(PlainAsciiJsonTest, OnlyAsciiTextWithoutUnicodeEscapesIsPlain) {
  for (const Kernel kernel : Kernels()) {
    for (size_t before = 0; before < 140; ++before) {
      for (const size_t after : {size_t{0}, size_t{1}, size_t{70}}) {
        const auto is_plain = [&](const std::string& text) {
          const auto json = Exactly(std::string(before, 'a') + text + std::string(after, 'b'));
          return IsPlainAsciiJson(View(json), kernel);
        };
        ASSERT_TRUE(is_plain(R"(\\users \" / http:\/ u)"));
        ASSERT_FALSE(is_plain(R"(\u00e9)"));
        ASSERT_FALSE(is_plain("\xc3\xa9"));
      }
    }
  }
}

}  // namespace
}  // namespace picket::detector
