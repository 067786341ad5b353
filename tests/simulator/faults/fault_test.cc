#include "simulator/faults/fault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "simulator/faults/error_answers.h"
#include "simulator/faults/fault_file.h"

namespace picket::simulator {
namespace {

using testing::HasSubstr;

std::string ErrorOf(std::string_view text) {
  return std::string(ParseFault(text).status().message());
}

TEST(FaultTest, ReadsEachKey) {
  const absl::StatusOr<Fault> fault = ParseFault(
      "html=404:tenant=Ferry.example,type=audit.exchange,on=blob+content,from=10s,for=1m,"
      "every=1h,share=5%,count=7,per=blob,seed=9");
  ASSERT_TRUE(fault.ok()) << fault.status();
  EXPECT_EQ(fault->kind, FaultKind::kHtml);
  EXPECT_EQ(fault->number, 404);
  EXPECT_EQ(fault->tenant, "ferry.example");
  EXPECT_EQ(fault->content_type, "Audit.Exchange");
  EXPECT_EQ(fault->on, KindBit(RequestKind::kBlob) | KindBit(RequestKind::kContent));
  EXPECT_EQ(fault->from, absl::Seconds(10));
  EXPECT_EQ(fault->lasting, absl::Minutes(1));
  EXPECT_EQ(fault->every, absl::Hours(1));
  EXPECT_DOUBLE_EQ(fault->share, 0.05);
  EXPECT_EQ(fault->count, 7);
  EXPECT_TRUE(fault->per_blob);
  EXPECT_EQ(fault->seed, 9u);
}

TEST(FaultTest, TheGrammarReadsBackWhatItPrints) {
  std::vector<std::string> texts;
  for (const FaultKindRow& row : FaultKinds()) {
    std::vector<std::string> values = {""};
    if (row.form != FaultValue::kNone && row.default_value.empty()) values.clear();
    for (const absl::string_view word : absl::StrSplit(ToAbsl(row.words), ' ', absl::SkipEmpty())) {
      values.emplace_back(word);
    }
    switch (row.form) {
      case FaultValue::kDuration:
      case FaultValue::kExpiration:
        values.insert(values.end(), {"1500ms", "90s", "20d", "36h", "1.5h"});
        break;
      case FaultValue::kSkew:
        values.insert(values.end(), {"-10m", "2h"});
        break;
      case FaultValue::kBytes:
        values.insert(values.end(), {"1", "1500", "200MB", "512MiB", "3GB"});
        break;
      case FaultValue::kCount:
        values.insert(values.end(), {"1", "300"});
        break;
      case FaultValue::kDate:
        values.emplace_back("2038-01-19T03:14:07Z");
        break;
      case FaultValue::kUrl:
        values.emplace_back("https://manage.office365.us:8443/x");
        break;
      case FaultValue::kAf:
        for (const ErrorAnswer& answer : AfAnswers()) values.emplace_back(answer.code);
        break;
      case FaultValue::kAadsts:
        for (const ErrorAnswer& answer : AadstsAnswers()) values.emplace_back(answer.code);
        break;
      default:
        break;
    }
    for (const std::string& value : values) {
      const std::string head = absl::StrCat(ToAbsl(row.name), value.empty() ? "" : "=", value);
      texts.push_back(head);
      texts.push_back(head +
                      ":tenant=a.example,type=DLP.All,from=1ms,for=100ms,every=7d,"
                      "share=0.1,count=3,seed=18446744073709551615");
      texts.push_back(head + ":share=0.333333333333,per=blob");
      if (row.moment == FaultMoment::kRequest) {
        texts.push_back(head + ":on=all");
        texts.push_back(head + ":on=token+stop");
      }
    }
  }
  ASSERT_GT(texts.size(), 300u);
  for (const std::string& text : texts) {
    const absl::StatusOr<Fault> fault = ParseFault(text);
    ASSERT_TRUE(fault.ok()) << fault.status();
    const std::string printed = FaultText(*fault);
    const absl::StatusOr<Fault> again = ParseFault(printed);
    ASSERT_TRUE(again.ok()) << text << " -> " << printed << ": " << again.status();
    EXPECT_TRUE(*again == *fault) << text << " -> " << printed;
    EXPECT_EQ(FaultText(*again), printed);
  }
}

TEST(FaultTest, AnErrorNamesTheWordAndWhatIsAllowed) {
  EXPECT_THAT(ErrorOf("htlm=404"), AllOf(HasSubstr("\"htlm\""), HasSubstr("html, empty"),
                                         HasSubstr("did you mean html")));
  EXPECT_THAT(ErrorOf("html=405"), AllOf(HasSubstr("\"405\""), HasSubstr("200, 400")));
  EXPECT_THAT(ErrorOf("html=404:far=1m"),
              AllOf(HasSubstr("\"far\""), HasSubstr("tenant, type, on")));
  EXPECT_THAT(ErrorOf("html=404:for=1x"), AllOf(HasSubstr("\"1x\""), HasSubstr("60s")));
  EXPECT_THAT(ErrorOf("html=404:for"), AllOf(HasSubstr("\"for\""), HasSubstr("KEY=VALUE")));
  EXPECT_THAT(ErrorOf("html:share=101%"), AllOf(HasSubstr("\"101%\""), HasSubstr("0% to 100%")));
  EXPECT_THAT(ErrorOf("html:share=nan"), HasSubstr("\"nan\""));
  EXPECT_THAT(ErrorOf("html:on=blobs"), AllOf(HasSubstr("\"blobs\""), HasSubstr("subscriptions")));
  EXPECT_THAT(ErrorOf("html:type=Audit.None"),
              AllOf(HasSubstr("\"Audit.None\""), HasSubstr("DLP.All")));
  EXPECT_THAT(ErrorOf("html:per=day"), AllOf(HasSubstr("\"day\""), HasSubstr("request, blob")));
  EXPECT_THAT(ErrorOf("html:count=0"), HasSubstr("a positive number"));
  EXPECT_THAT(ErrorOf("html:seed=-1"), HasSubstr("\"-1\""));
  EXPECT_THAT(ErrorOf("af"), AllOf(HasSubstr("AF10001"), HasSubstr("AF50006")));
  EXPECT_THAT(ErrorOf("af=AF1"), AllOf(HasSubstr("\"AF1\""), HasSubstr("AF20055")));
  EXPECT_THAT(ErrorOf("aadsts=1"), AllOf(HasSubstr("\"1\""), HasSubstr("7000215")));
  EXPECT_THAT(ErrorOf("null=3"), HasSubstr("no value"));
  EXPECT_THAT(ErrorOf("date=someday"), AllOf(HasSubstr("2038"), HasSubstr("0001")));
  EXPECT_THAT(ErrorOf("big-blob=65GiB"), HasSubstr("64GiB"));
  EXPECT_THAT(ErrorOf("disable:on=blob"), HasSubstr("\"on\" cannot be used"));
  EXPECT_THAT(ErrorOf("html:kind=null"), HasSubstr("before the colon"));
}

TEST(FaultTest, AValueMayContainColons) {
  const absl::StatusOr<Fault> fault = ParseFault("wrong-audience=https://api.example:8443:for=5m");
  ASSERT_TRUE(fault.ok()) << fault.status();
  EXPECT_EQ(fault->value, "https://api.example:8443");
  EXPECT_EQ(fault->lasting, absl::Minutes(5));
}

TEST(FaultTest, AFaultIsTheSameInEachFormOfAFile) {
  const Fault expected = *ParseFault("html=404:on=blob,for=1m,share=5%");
  const std::vector<std::string> files = {
      "# two comments\n\nhtml=404:on=blob,for=1m,share=5%\n",
      R"({"kind":"html","value":404,"on":"blob","for":"1m","share":"5%"})",
      R"({"share":0.05,"for":"60s","on":"blob","value":"404","kind":"html"})",
      "- kind: html\n  value: 404\n  on: blob\n  for: 60s\n  share: 5%\n",
      "faults:\n  - {kind: html, value: 404, on: blob, for: 1m, share: 0.05}\n",
      "- html=404:on=blob,for=1m,share=5%\n",
      R"([{"kind":"html","value":404,"on":"blob","for":"1m","share":"5%"}])",
  };
  for (const std::string& file : files) {
    const absl::StatusOr<std::vector<Fault>> faults = ReadFaults(file, "faults.yaml");
    ASSERT_TRUE(faults.ok()) << file << ": " << faults.status();
    ASSERT_EQ(faults->size(), 1u) << file;
    EXPECT_TRUE(faults->front() == expected) << file << " -> " << FaultText(faults->front());
  }
}

TEST(FaultTest, AnErrorOfAFileNamesTheLine) {
  const auto error = [](const char* text) {
    return std::string(ReadFaults(text, "f").status().message());
  };
  EXPECT_THAT(error("null\nhtlm\n"), AllOf(HasSubstr("f:2:"), HasSubstr("\"htlm\"")));
  EXPECT_THAT(error("{\"kind\":\"null\"}\n{\"kind\":\"html\",\"four\":1}\n"),
              AllOf(HasSubstr("f:2:"), HasSubstr("\"four\"")));
  EXPECT_THAT(error("{\"value\":1}"), HasSubstr("the key kind is missing"));
  EXPECT_THAT(error("{\"kind\""), HasSubstr("f:1:"));
  EXPECT_THAT(error("- kind: null-ish\n"), AllOf(HasSubstr("f:1:"), HasSubstr("\"null-ish\"")));
  EXPECT_THAT(error("- kind: [a]\n"), HasSubstr("the key kind is missing"));
  EXPECT_THAT(error("faults: 3\n"), HasSubstr("not a list of faults"));
  EXPECT_THAT(error("- [1]\n"), HasSubstr("a fault is an object"));
}

TEST(FaultTest, TheListHasALineForEachKindAndEachCode) {
  const std::string list = FaultKindList();
  const auto lines = static_cast<size_t>(std::count(list.begin(), list.end(), '\n'));
  EXPECT_EQ(lines, FaultKinds().size() + AfAnswers().size() + AadstsAnswers().size());
  EXPECT_THAT(list, HasSubstr("\naf=AF20055"));
  EXPECT_THAT(list, HasSubstr("\naadsts=7000215"));
  for (int i = 0; i < kFaultKindCount; ++i) {
    EXPECT_EQ(static_cast<int>(FaultKinds()[i].kind), i);
  }
}

// The codes come from the documentation of the services, and not from the tables of the simulator.
TEST(ErrorAnswersTest, EachCodeHasAnAnswerThatContainsIt) {
  for (const char* code :
       {"AF10001", "AF20001", "AF20002", "AF20003", "AF20010", "AF20011", "AF20012",
        "AF20013", "AF20020", "AF20021", "AF20022", "AF20023", "AF20024", "AF20030",
        "AF20031", "AF20050", "AF20051", "AF20052", "AF20053", "AF20054", "AF20055",
        "AF429",   "AF50000", "AF50005", "AF50006"}) {
    const ErrorAnswer* const answer = FindAfAnswer(code);
    ASSERT_NE(answer, nullptr) << code;
    EXPECT_THAT(std::string(answer->body),
                HasSubstr(absl::StrCat("{\"error\":{\"code\":\"", code, "\",\"message\":\"")));
  }
  for (const char* code :
       {"90002",  "90038",   "900382",  "900432",  "700016", "700011", "7000112",
        "70001",  "7000215", "7000222", "7000218", "900144", "700027", "50012",
        "700030", "500133",  "50013",   "70011",   "28002",  "500011", "650052",
        "650057", "901002",  "53003",   "50196",   "90055",  "90006",  "90033"}) {
    const ErrorAnswer* const answer = FindAadstsAnswer(absl::StrCat("AADSTS", code));
    ASSERT_NE(answer, nullptr) << code;
    EXPECT_THAT(std::string(answer->body),
                AllOf(HasSubstr(absl::StrCat("\"error_description\":\"AADSTS", code, ": ")),
                      HasSubstr(absl::StrCat("\"error_codes\":[", code, "]"))));
  }
}

TEST(ErrorAnswersTest, APlaceholderIsReplacedSafely) {
  EXPECT_EQ(FillAnswer("a @id@ b @tenant@ @other@ c@", {.id = "x\"\n\\y"}),
            "a xy b unknown @other@ c@");
}

}  // namespace
}  // namespace picket::simulator
