// Tests small rules on small records, as an author would try them. Runs `picket rules check`,
// `coverage`, `match`, `explain` and `picket replay` as programs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/cli/command.h"
#include "tests/support/temp_folder.h"

namespace picket {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Returns an audit record with these additional members.
std::string Record(int number, std::string_view operation, std::string_view members) {
  return absl::StrCat(R"({"Id":"a1111111-1111-4111-8111-)", 100000000000 + number,
                      R"(","CreationTime":"2026-03-02T09:00:)", 10 + number % 50,
                      R"(","OrganizationId":"00000000-0000-0000-0000-0000000000aa","Version":1,)",
                      R"("RecordType":1,"Workload":"Exchange","UserType":2,"UserKey":"1003",)",
                      R"("ResultStatus":"True","Operation":")", std::string(operation), "\",",
                      std::string(members), "}\n");
}

std::string Rule(std::string_view detection) {
  return absl::StrCat("title: Base\nname: base\nid: 22222222-2222-4222-8222-222222222222\n",
                      "logsource: {product: m365}\nlevel: low\ndetection: ", std::string(detection),
                      "\n");
}

std::string Correlation(std::string_view body) {
  return absl::StrCat("---\ntitle: Corr\nid: 33333333-3333-4333-8333-333333333333\nlevel: high\n",
                      "correlation:\n  rules: [base]\n  timespan: 10m\n", std::string(body));
}

class SigmaCasesTest : public testing::Test {
 protected:
  // Runs the rules on the records. Returns standard output, which has one line for each alert, and
  // standard error.
  CommandResult Replay(const std::string& rules, const std::string& records) {
    folder_.Write("rules/r.yml", rules);
    folder_.Write("in.ndjson", records);
    return RunPicket({"replay", folder_.Path("in.ndjson"), "--rules", folder_.Path("rules")});
  }
  size_t Alerts(const std::string& rules, const std::string& records) {
    const CommandResult result = Replay(rules, records);
    EXPECT_EQ(result.exit_status, 0) << result.err;
    return static_cast<size_t>(std::count(result.out.begin(), result.out.end(), '\n'));
  }
  CommandResult OnRules(const char* command, const std::string& rules) {
    folder_.Write("checked/r.yml", rules);
    return RunPicket({"rules", command, folder_.Path("checked")});
  }

  TempFolder folder_;
};

TEST_F(SigmaCasesTest, KeywordsSeeOnlyTheValuesOfTheRecord) {
  const std::string records =
      Record(
          1, "New-InboxRule",
          R"("UserId":"adele@x.com","Parameters":[{"Name":"MoveToFolder","Value":"RSS Feeds"}])") +
      Record(2, "MemberAdded", R"("ObjectId":"x","Members":[{"UPN":"u@y.com","Role":1}])") +
      Record(3, "Odd", R"("AdditionalInfo":"{\"leaf\":\"inner\"}")");
  const auto keyword = [&](std::string_view word) {
    return Alerts(Rule(absl::StrCat("{k: ['", std::string(word), "'], condition: k}")), records);
  };
  // None of these words is a value of a record. The normaliser adds most of them to the events.
  for (const char* const word :
       {"ExchangeAdmin", "Microsoft 365", "Success", "xxHash", "picket-mapping", "1.8.0", "Unknown",
        "api_activity", "cloud", "AdditionalInfo.leaf", "MoveToFolderX", "1772"}) {
    EXPECT_EQ(keyword(word), 0u) << word;
  }
  EXPECT_EQ(keyword("adele"), 1u);
  EXPECT_EQ(keyword("rss feeds"), 1u);
  EXPECT_EQ(keyword("MoveToFolder"), 1u) << "a value of the key Name";
  EXPECT_EQ(keyword("New-InboxRule"), 1u);
  EXPECT_EQ(keyword("u@y.com"), 1u);
  EXPECT_EQ(keyword("inner"), 1u);
  EXPECT_EQ(keyword("Exchange"), 3u) << "the workload";
  EXPECT_EQ(keyword("2026-03-02T09"), 3u);
  EXPECT_EQ(Alerts(Rule("{s: {Workload: Exchange}, k: ['Microsoft 365'], condition: s and not k}"),
                   records),
            3u);
}

TEST_F(SigmaCasesTest, AnAddressIsTheSameWithEveryPort) {
  std::string records;
  for (int i = 0; i < 6; ++i) {
    records +=
        Record(i, "UserLoginFailed",
               absl::StrCat(R"("UserId":"a@b.c","ClientIP":"198.51.100.7:)", 50000 + i, "\""));
  }
  records += Record(7, "UserLoginFailed", R"("UserId":"a@b.c","ClientIP":"::ffff:198.51.100.7")");
  const std::string base = Rule("{s: {Operation: UserLoginFailed}, condition: s}");
  for (const char* const field : {"ClientIP", "src_endpoint.ip", "o365.audit.ClientIP"}) {
    const CommandResult result =
        Replay(base + Correlation(absl::StrCat("  type: event_count\n  group-by: [", field,
                                               "]\n  condition: {gte: 7}\n")),
               records);
    EXPECT_THAT(result.out, HasSubstr("Corr")) << field;
  }
  const auto matching = [&](std::string_view item) {
    return Alerts(Rule(absl::StrCat("{s: {", std::string(item), "}, condition: s}")), records);
  };
  EXPECT_EQ(matching("ClientIP: 198.51.100.7"), 7u);
  EXPECT_EQ(matching("ClientIP: ['::ffff:198.51.100.7', 192.0.2.1]"), 7u);
  EXPECT_EQ(matching("ClientIP: '198.51.100.7:50003'"), 1u);
  EXPECT_EQ(matching("ClientIP|endswith: '100.7'"), 7u);
  EXPECT_EQ(matching("ClientIP|re: '^198[.]51[.]100[.]7$'"), 7u);
  EXPECT_EQ(matching("ClientIP|neq: 198.51.100.7"), 0u);
  EXPECT_EQ(matching("ClientIP: 198.51.100.70"), 0u);
}

TEST_F(SigmaCasesTest, EveryMemberOfAnArrayIsCountedAndGrouped) {
  std::string records;
  for (int i = 0; i < 3; ++i) {
    records += Record(i, "TIMailData",
                      absl::StrCat(R"("P2Sender":"m@evil.com","Recipients":["u)", i, "@x\",\"v", i,
                                   "@x\",\"w", i, R"(@x","Common@x","common@X"])"));
  }
  const std::string base = Rule("{s: {Operation: TIMailData}, condition: s}");
  const auto alerts = [&](std::string_view body) {
    return Alerts(base + Correlation(body), records);
  };
  const std::string count =
      "  type: value_count\n  group-by: [P2Sender]\n  condition: {field: "
      "Recipients, gte: ";
  EXPECT_EQ(alerts(count + "10}\n"), 1u) << "3 * 3 values and one that they share";
  EXPECT_EQ(alerts(count + "11}\n"), 0u);
  const std::string group = "  type: event_count\n  group-by: [Recipients]\n  condition: {gte: ";
  EXPECT_EQ(alerts(group + "3}\n"), 1u) << "the shared recipient";
  EXPECT_EQ(alerts(group + "4}\n"), 0u) << "one event counts once";
  EXPECT_EQ(alerts("  type: event_count\n  group-by: [RecordType]\n  condition: {gte: 3}\n"), 1u)
      << "the number of a record type and its name are one value";
}

TEST_F(SigmaCasesTest, FieldsThatNoRecordHasAreNamed) {
  const std::string records = Record(1, "UserLoginFailed", R"("UserId":"a@b.c")") +
                              Record(2, "UserLoginFailed", R"("UserId":"a@b.c")");
  const std::string base = Rule("{s: {Operation: UserLoginFailed}, condition: s}");
  const struct {
    const char *body, *field, *message;
  } cases[] = {
      {"  type: event_count\n  group-by: [NoSuchField]\n  condition: {gte: 2}\n", "NoSuchField",
       "no record has NoSuchField"},
      {"  type: value_count\n  condition: {gte: 2, field: UserIdd}\n", "UserIdd",
       "no record has UserIdd; did you mean UserId?"},
      {"  type: event_count\n  group-by: [who]\n  aliases: {who: {base: UsrId}}\n"
       "  condition: {gte: 2}\n",
       "UsrId", "no record has UsrId; did you mean UserId?"},
  };
  for (const auto& each : cases) {
    const std::string rules = base + Correlation(each.body);
    const CommandResult check = OnRules("check", rules);
    EXPECT_EQ(check.exit_status, 0);
    EXPECT_THAT(check.err, AllOf(HasSubstr("warning: the correlation counts no event"),
                                 HasSubstr(each.message)));
    const CommandResult coverage = OnRules("coverage", rules);
    EXPECT_EQ(coverage.exit_status, 1);
    EXPECT_THAT(coverage.out, HasSubstr(each.message));
    const CommandResult replay = Replay(rules, records);
    EXPECT_EQ(replay.exit_status, 0) << replay.err;
    EXPECT_THAT(replay.err, HasSubstr("2 events left out of 'Corr': no value of "));
  }
  const std::string fine =
      base + Correlation(
                 "  type: value_count\n  group-by: [ClientIP, Parameters.ForwardTo]\n"
                 "  condition: {gte: 2, field: UserId}\n");
  EXPECT_THAT(OnRules("check", fine).err, HasSubstr("0 faults, 0 warnings"));
  EXPECT_EQ(OnRules("coverage", fine).exit_status, 0);
}

TEST_F(SigmaCasesTest, MisspeltFieldsAndParametersAreNamed) {
  for (const auto& [field, meant] :
       {std::pair<const char*, const char*>{"Opration", "Operation"},
        {"Parameters.FowardTo", "Parameters.ForwardTo"},
        {"Parameters.ForwardingSmtpAdress|contains", "Parameters.ForwardingSmtpAddress"},
        {"Parameters.RedirectToRecipient.Value", ""},  // a plural is no mistake
        {"ModifiedProperties.Role.DisplyName.NewValue", "ModifiedProperties.Role.DisplayName"}}) {
    const std::string rule = Rule(absl::StrCat("{s: {'", field, "': x}, condition: s}"));
    const CommandResult check = OnRules("check", rule), coverage = OnRules("coverage", rule);
    if (*meant == '\0') {
      EXPECT_THAT(check.err, HasSubstr("0 warnings")) << field;
      EXPECT_EQ(coverage.exit_status, 0) << field;
      continue;
    }
    EXPECT_THAT(check.err, HasSubstr(absl::StrCat("did you mean ", meant, "?"))) << field;
    EXPECT_EQ(coverage.exit_status, 1) << field;
    EXPECT_THAT(coverage.out, HasSubstr(absl::StrCat("did you mean ", meant, "?"))) << field;
  }
  for (const char* const known :
       {"Parameters.ForwardTo", "Parameters.forwardto", "Parameters.Members", "Parameters.Qqqqq",
        "Parameters.Name", "ModifiedProperties.Included Updated Properties.NewValue"}) {
    const std::string rule = Rule(absl::StrCat("{s: {'", known, "': x}, condition: s}"));
    EXPECT_THAT(OnRules("check", rule).err, HasSubstr("0 warnings")) << known;
  }
}

TEST_F(SigmaCasesTest, ControlCharactersAreEscaped) {
  folder_.Write("rule.yml",
                "title: \"E\\e[2J\"\nid: 1\nlogsource: {product: m365}\nlevel: high\n"
                "detection: {s: {Parameters.Name.Value|contains: inner}, condition: s}\n");
  folder_.Write("record.ndjson",
                Record(1, "New-InboxRule",
                       R"("UserId":"ad\u001b[31mele@c.com","Parameters":[{"Name":"Name",)"
                       R"("Value":"\u001b]0;inner\u0007\u001b[2J\u009b\u007f"}])"));
  const std::string rule = folder_.Path("rule.yml"), record = folder_.Path("record.ndjson");
  const auto is_clean = [](const std::string& text) {
    for (size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) return false;
      if (c == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0) return false;
    }
    return true;
  };
  const CommandResult explain = RunPicket({"rules", "explain", rule, record});
  EXPECT_THAT(explain.out, AllOf(HasSubstr(R"(\x1b]0;inner\x07\x1b[2J\u009b\x7f)"),
                                 HasSubstr(R"(E\x1b[2J matches)")));
  for (const CommandResult& result :
       {explain, RunPicket({"rules", "list", rule}), RunPicket({"rules", "coverage", rule}),
        RunPicket({"rules", "check", rule}), RunPicket({"replay", record, "--rules", rule})}) {
    EXPECT_TRUE(is_clean(result.out)) << result.out;
    EXPECT_TRUE(is_clean(result.err)) << result.err;
  }
}

TEST_F(SigmaCasesTest, OwnNormalisedEventsAreMatchedByTheNamesOfTheRecord) {
  folder_.Write("rule.yml", Rule("{s: {Operation: Set-Mailbox, Parameters.ForwardTo|contains: '@'},"
                                 " condition: s}"));
  folder_.Write("literal.yml",
                "title: L\nid: 2\nlogsource: {product: m365}\n"
                "detection: {s: {metadata.event_code: Set-Mailbox}, condition: s}\n");
  folder_.Write("record.ndjson",
                Record(1, "Set-Mailbox",
                       R"("UserId":"a@b.c","Parameters":[{"Name":"ForwardTo","Value":"x@y.z"}])"));
  const CommandResult events = RunPicket({"normalize", folder_.Path("record.ndjson")});
  ASSERT_EQ(events.exit_status, 0) << events.err;
  folder_.Write(
      "mixed.ndjson",
      events.out + R"({"Operation":"Set-Mailbox","Parameters":{"ForwardTo":"a@b"}})" + "\n");
  const std::string rules = folder_.Path("rule.yml"), mixed = folder_.Path("mixed.ndjson");
  const CommandResult match = RunPicket({"rules", "match", "--rules", rules, "--events", mixed});
  EXPECT_EQ(match.exit_status, 0) << match.err;
  EXPECT_THAT(match.out, AllOf(HasSubstr(R"({"event":0,"rule_id":"2222)"),
                               HasSubstr(R"({"event":1,"rule_id":"2222)")));
  const CommandResult as_is =
      RunPicket({"rules", "match", "--as-is", "--rules", rules, "--events", mixed});
  EXPECT_THAT(as_is.out, Not(HasSubstr(R"("event":0)")));
  const CommandResult literal = RunPicket(
      {"rules", "match", "--as-is", "--rules", folder_.Path("literal.yml"), "--events", mixed});
  EXPECT_THAT(literal.out, HasSubstr(R"({"event":0,"rule_id":"2")"));
}

TEST_F(SigmaCasesTest, ARuleIsNamedByItsIdTitleNameOrFile) {
  folder_.Write("rules/my_rule.yml", Rule("{s: {Operation: Set-Mailbox}, condition: s}"));
  folder_.Write("record.ndjson", Record(1, "Set-Mailbox", R"("UserId":"a@b.c")"));
  for (const char* const name :
       {"22222222-2222-4222-8222-222222222222", "Base", "base", "my_rule", "my_rule.yml"}) {
    const CommandResult explain = RunPicket({"rules", "explain", "--rules", folder_.Path("rules"),
                                             name, folder_.Path("record.ndjson")});
    EXPECT_THAT(explain.out, HasSubstr("Base matches")) << name << explain.err;
  }
  for (const char* const name :
       {"22222222-2222-4222-8222-222222222222", "Base", "base", "my_rule"}) {
    folder_.Write("tenant.yaml", absl::StrCat("tenant_id: 00000000-0000-0000-0000-0000000000aa\n",
                                              "detector:\n  disable: ['", name, "']\n"));
    const CommandResult replay =
        RunPicket({"replay", folder_.Path("record.ndjson"), "--rules", folder_.Path("rules"),
                   "--tenant-config", folder_.Path("tenant.yaml")});
    EXPECT_EQ(replay.out, "") << name << replay.err;
    folder_.Write("counted/my_rule.yml", Rule("{s: {Operation: Set-Mailbox}, condition: s}"));
    folder_.Write("counted/other.yml",
                  absl::StrCat("title: C\nid: 4\ncorrelation:\n  type: event_count\n  rules: ['",
                               name, "']\n  timespan: 1m\n  condition: {gte: 1}\n"));
    EXPECT_EQ(RunPicket({"rules", "check", folder_.Path("counted")}).exit_status, 0) << name;
  }
}

TEST_F(SigmaCasesTest, TheExampleOfACorpusInTheDocumentationRuns) {
  std::ifstream readme("rules/README.md");
  ASSERT_TRUE(readme.is_open()) << "the tests run in the root of the tree";
  std::string corpus, line;
  while (std::getline(readme, line)) {
    if (line.starts_with("{\"rule")) corpus += line + "\n";
  }
  ASSERT_EQ(std::count(corpus.begin(), corpus.end(), '\n'), 3) << corpus;
  folder_.Write("corpus.ndjson", corpus);
  const CommandResult result =
      RunPicket({"rules", "test", "--corpus", folder_.Path("corpus.ndjson")});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("3 tests, 3 passed"));
}

}  // namespace
}  // namespace picket
