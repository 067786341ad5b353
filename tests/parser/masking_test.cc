#include "parser/masking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <random>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "json/json_members.h"
#include "tests/parser/record_testing.h"
#include "tests/support/ocsf_schema.h"

namespace picket::parser {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;

constexpr std::string_view kKey = "a key of the test, which is no secret";
constexpr std::string_view kOtherTenant = "22222222-2222-4222-8222-222222222222";

RecordMask Mask(const std::vector<MaskedField>& fields, std::string_view tenant = kTestTenant) {
  return RecordMask(fields, kKey, tenant);
}

std::string Masked(const RecordMask& mask, std::string_view record) {
  std::string out;
  mask.Apply(record, out);
  return out;
}

TEST(MaskingTest, AHashDependsOnTheKeyAndTheTenantAndIsStable) {
  const RecordMask mask = Mask({{"UserId", "hash"}});
  const std::string once = mask.Hash("adele@contoso.example");
  EXPECT_THAT(once, MatchesRegex("masked:[0-9a-f]{32}"));
  EXPECT_EQ(once, mask.Hash("adele@contoso.example"));
  EXPECT_EQ(once, mask.Hash("Adele@Contoso.example"));
  EXPECT_NE(once, mask.Hash("bob@contoso.example"));
  EXPECT_NE(once, Mask({{"UserId", "hash"}}, kOtherTenant).Hash("adele@contoso.example"));
  EXPECT_NE(once,
            RecordMask({}, "another key of the test", kTestTenant).Hash("adele@contoso.example"));
  // The expected value comes from this Python code:
  //   import hmac
  //   t = hmac.digest(KEY, b"picket mask " + TENANT, "sha256")
  //   print(hmac.new(t, b"adele@contoso.example", "sha256").hexdigest()[:32])
  EXPECT_EQ(once, "masked:77b46f111d0d831dc2352b62bad78908");
}

TEST(MaskingTest, AFieldIsHashedOrDropped) {
  const RecordMask mask = Mask({{"UserId", "hash"}, {"ObjectId", "drop"}, {"FileSize", "hash"}});
  const std::string user = mask.Hash("a@b.example");
  EXPECT_EQ(
      Masked(mask, R"({"Id":"1","UserId":"a@b.example","ObjectId":"x","Other":[{"UserId":1}]})"),
      R"({"Id":"1","UserId":")" + user + R"(","Other":[{"UserId":1}]})");
  EXPECT_EQ(Masked(mask, R"({"ObjectId":"x","userid":"A@B.example"})"),
            R"({"userid":")" + user + R"("})");
  EXPECT_EQ(Masked(mask, R"({"User\u0049d":"a@b\u002eexample"})"),
            R"({"User\u0049d":")" + user + R"("})");
  EXPECT_EQ(Masked(mask, R"({"UserId":"a@b.example","UserId":"a@b.example"})"),
            R"({"UserId":")" + user + R"(","UserId":")" + user + R"("})");
  EXPECT_EQ(Masked(mask, R"({"FileSize":4096})"), R"({"FileSize":")" + mask.Hash("4096") + R"("})");
  EXPECT_EQ(Masked(mask, R"( { "UserId" : "" , "FileSize" : null } )"),
            R"({"UserId":"","FileSize":null})");
  EXPECT_EQ(Masked(mask, "{}"), "{}");
}

TEST(MaskingTest, APathContinuesThroughObjectsAndEveryElementOfAList) {
  const RecordMask mask = Mask({{"Item.Subject", "hash"},
                                {"Folders.FolderItems.Subject", "hash"},
                                {"Actor", "hash"},
                                {"Item.Attachments", "drop"}});
  const std::string s = "\"" + mask.Hash("Offer") + "\"";
  EXPECT_EQ(Masked(mask, R"({"Item":{"Id":"1","Subject":"Offer","Attachments":["a","b"]}})"),
            R"({"Item":{"Id":"1","Subject":)" + s + "}}");
  EXPECT_EQ(Masked(mask, R"({"Folders":[{"Path":"\\","FolderItems":[{"Subject":"Offer"},)"
                         R"({"Subject":"Offer","Id":2}]},{"FolderItems":[]}],"Subject":"Offer"})"),
            R"({"Folders":[{"Path":"\\","FolderItems":[{"Subject":)" + s + R"(},{"Subject":)" + s +
                R"(,"Id":2}]},{"FolderItems":[]}],"Subject":"Offer"})");
  EXPECT_EQ(Masked(mask, R"({"Actor":[{"ID":"Offer","Type":5},{"ID":null}]})"),
            R"({"Actor":[{"ID":)" + s + R"(,"Type":")" + mask.Hash("5") + R"("},{"ID":null}]})");
}

TEST(MaskingTest, APairIsSelectedByItsName) {
  const RecordMask mask = Mask({{"Parameters.ForwardTo", "hash"},
                                {"Parameters.Name", "drop"},
                                {"ModifiedProperties.MobilePhone", "hash"}});
  const std::string to = mask.Hash("x@mail.example");
  EXPECT_EQ(
      Masked(
          mask,
          R"({"Parameters":[{"Name":"Name","Value":"Hide"},)"
          R"({"Name":"ForwardTo","Value":"x@mail.example"},{"Name":"Enabled","Value":"True"}]})"),
      R"({"Parameters":[{"Name":"ForwardTo","Value":")" + to +
          R"("},{"Name":"Enabled","Value":"True"}]})");
  EXPECT_EQ(
      Masked(mask,
             R"({"ModifiedProperties":[{"Name":"MobilePhone","NewValue":"12345","OldValue":""},)"
             R"({"Name":"City","NewValue":"12345"}]})"),
      R"({"ModifiedProperties":[{"Name":"MobilePhone","NewValue":")" + mask.Hash("12345") +
          R"(","OldValue":""},{"Name":"City","NewValue":"12345"}]})");
  // Elements that have a name but no value are not pairs.
  const RecordMask names = Mask({{"Members.Name", "hash"}});
  EXPECT_EQ(Masked(names, R"({"Members":[{"Name":"Ann","UPN":"a"}]})"),
            R"({"Members":[{"Name":")" + names.Hash("Ann") + R"(","UPN":"a"}]})");
  // Parameters may also be an object or a string.
  EXPECT_EQ(Masked(mask, R"({"Parameters":{"ForwardTo":"x@mail.example","A":"b"}})"),
            R"({"Parameters":{"ForwardTo":")" + to + R"(","A":"b"}})");
  EXPECT_EQ(Masked(mask, R"({"Parameters":"-ForwardTo x@mail.example","X":1})"), R"({"X":1})");
  const RecordMask hashes = Mask({{"Parameters.ForwardTo", "hash"}});
  EXPECT_EQ(Masked(hashes, R"({"Parameters":"-ForwardTo x"})"),
            R"({"Parameters":")" + hashes.Hash("-ForwardTo x") + R"("})");
  EXPECT_EQ(Masked(hashes, R"({"Parameters":["-ForwardTo x"]})"),
            R"({"Parameters":[")" + hashes.Hash("-ForwardTo x") + R"("]})");
}

constexpr std::string_view kSecret = "maria.lindt@fabrikam.example";

TEST(MaskingTest, NoOutputContainsAMaskedValue) {
  const RecordMask mask = Mask({{"UserId", "hash"}, {"Parameters.ForwardTo", "hash"}});
  const std::string record = RecordWith(
      "Exchange", "New-InboxRule",
      R"(,"Parameters":[{"Name":"ForwardTo","Value":"secret@mail.example"}],"ObjectId":"o")");
  BlobSource source;
  source.ecs = true;
  source.mask = &mask;
  for (const std::string& text :
       {record, "[" + record + "]",
        R"({"integration":"office365","agent":{"user":"Seen secret@mail.example here"},)"
        R"("office365":)" +
            record + "}",
        R"({"id":"x","createdDateTime":"2026-03-04T05:06:07Z","operation":"New-InboxRule",)"
        R"("userPrincipalName":"MARIA.LINDT@other.example","userId":"u","auditData":)" +
            record + "}"}) {
    const Normalized event(text, source, {.raw_data = true});
    ASSERT_EQ(event.size(), 1) << text;
    EXPECT_EQ(event.At("/actor/user/name"), mask.Hash(kSecret));
    EXPECT_EQ(event.At("/api/request/data/ForwardTo"), mask.Hash("secret@mail.example"));
    for (const std::string_view secret : {kSecret, std::string_view("secret@mail.example"),
                                          std::string_view("MARIA.LINDT@other.example")}) {
      EXPECT_THAT(event.batch.text.view(), Not(HasSubstr(std::string(secret))));
    }
    EXPECT_THAT(OcsfSchemas::Get().Validate(event.Json()), IsEmpty());
    EXPECT_EQ(event.batch.events[0].id, Normalized(record).batch.events[0].id);
  }
}

TEST(MaskingTest, EveryStringIsMaskedDownToTheGreatestDepth) {
  const RecordMask mask = Mask({{"Deep", "hash"}, {"Lists.Here", "hash"}, {"Lists.There", "drop"}});
  const std::string hash = "\"" + mask.Hash("secret") + "\"";
  std::string objects = "\"secret\"";
  std::string hashed_objects = hash;
  std::string lists = R"({"Here":"secret","There":1})";
  std::string masked_lists = R"({"Here":)" + hash + "}";
  for (int depth = 0; depth < 250; ++depth) {
    objects.insert(0, R"({"a":[1,"}"],"b":)").push_back('}');
    hashed_objects
        .insert(0,
                absl::StrCat(R"({"a":[")", mask.Hash("1"), R"(",")", mask.Hash("}"), R"("],"b":)"))
        .push_back('}');
    lists.insert(0, "[").push_back(']');
    masked_lists.insert(0, "[").push_back(']');
  }
  EXPECT_EQ(Masked(mask, R"({"Deep":)" + objects + "}"), R"({"Deep":)" + hashed_objects + "}");
  EXPECT_EQ(Masked(mask, R"({"Lists":)" + lists + "}"), R"({"Lists":)" + masked_lists + "}");
}

// Masking searches the wrapper's texts for masked values, up to a limit. After the limit, each text
// is masked without a search.
TEST(MaskingTest, AWrapperAboveTheSearchBudgetIsMaskedAsAWhole) {
  const RecordMask mask = Mask({{"UserIds", "hash"}});
  std::string users, fields;
  for (int i = 0; i < 20'000; ++i) {
    users += (i == 0 ? "\"user" : ",\"user") + std::to_string(i) + "@mail.example\"";
    fields += (i == 0 ? "" : ",") + std::string(R"({"name":"f","value":"it was nobody else )") +
              std::to_string(i) + "\"}";
  }
  const std::string masked =
      Masked(mask, R"({"UserIds":[)" + users + R"(],"wrapper":{"format":"csv","fields":[)" +
                       fields + "]}}");
  EXPECT_THAT(masked, HasSubstr("it was nobody else 0\""));
  EXPECT_THAT(masked, Not(HasSubstr("it was nobody else 19999")));
  EXPECT_THAT(masked, HasSubstr(mask.Hash("it was nobody else 19999")));
}

// A record that was never wrapped may have a member "wrapper", too, with any value.
TEST(MaskingTest, AMemberCalledWrapperOfTheRecordItselfIsMasked) {
  const RecordMask mask = Mask({{"UserId", "hash"}, {"ObjectId", "drop"}});
  const auto fields = [&](std::string_view list) {
    return Masked(mask, absl::StrCat(R"({"wrapper":{"fields":[)", ToAbsl(list), "]}}"));
  };
  EXPECT_EQ(fields(R"({"name":"UserId"})"), R"({"wrapper":{"fields":[{"name":"UserId"}]}})");
  EXPECT_EQ(fields(R"({"name":"UserId","Value":"a@b.example"})"),
            R"({"wrapper":{"fields":[{"name":"UserId"}]}})");
  EXPECT_EQ(fields(R"({"name":"UserId","value":null},{"name":"ObjectId"},{},7,"",[])"),
            R"({"wrapper":{"fields":[{"name":"UserId","value":null},{},7,"",[]]}})");
  for (const std::string_view other : {"7", R"("")", "[]", "{}", "null", R"({"fields":7})"}) {
    const std::string record = absl::StrCat(R"({"wrapper":)", ToAbsl(other), "}");
    EXPECT_EQ(Masked(mask, record), record);
  }
}

// JsonMembers must find the same members with JsonContainerEnds as without it.
TEST(MaskingTest, ContainerEndsGiveTheSameMembers) {
  std::mt19937 random(7);
  const std::function<std::string(int)> value = [&](int depth) -> std::string {
    switch (random() % (depth > 6 ? 4 : 7)) {
      case 0:
        return "12.5e3";
      case 1:
        return "null";
      case 2:
        return R"("a\"}b{[\\")";
      case 3:
        return "\"\"";
      default: {
        const bool is_object = random() % 2 == 0;
        std::string text(is_object ? "{" : "[");
        const int count = static_cast<int>(random() % 5);
        for (int i = 0; i < count; ++i) {
          if (i > 0) text += random() % 3 == 0 ? " , " : ",";
          if (is_object) text += R"("n]\"{":)";
          text += value(depth + 1);
        }
        return text + (is_object ? "}" : "]");
      }
    }
  };
  for (int round = 0; round < 2000; ++round) {
    const std::string text = "[" + value(0) + "," + value(0) + "]";
    const JsonContainerEnds ends(text);
    const std::function<void(std::string_view)> compare = [&](std::string_view container) {
      JsonMembers known(container, &ends), skipped(container);
      while (true) {
        const bool more = skipped.Next();
        ASSERT_EQ(known.Next(), more);
        if (!more) break;
        EXPECT_EQ(known.name(), skipped.name());
        ASSERT_EQ(known.value(), skipped.value());
        compare(known.value());
      }
    };
    compare(text);
  }
}

TEST(MaskingTest, DeadLettersAreMaskedOrWithheld) {
  const RecordMask mask = Mask({{"UserId", "hash"}});
  BlobSource source;
  source.mask = &mask;
  const std::string blob =
      R"([{"UserId":"secret@mail.example"},{"UserId":"secret@mail.example","Operation":nul},)"
      R"("secret@mail.example",)" +
      RecordWith("Exchange", "Send", "") + R"(,{"UserId":"secret)";
  const Normalized got(blob, source);
  EXPECT_EQ(got.size(), 1);
  ASSERT_EQ(got.batch.rejected.size(), 4);
  EXPECT_EQ(got.batch.rejected[0].reason, "no_operation");
  EXPECT_EQ(got.batch.rejected[0].bytes,
            R"({"UserId":")" + mask.Hash("secret@mail.example") + R"("})");
  for (int i = 1; i < 4; ++i) {
    EXPECT_EQ(got.batch.rejected[i].bytes, "");
    EXPECT_THAT(got.batch.rejected[i].error, HasSubstr("withheld"));
  }
}

TEST(MaskingTest, WithoutMaskedFieldsTheEventDoesNotChange) {
  const RecordMask mask = Mask({{"NoSuchField", "drop"}});
  BlobSource source;
  source.mask = &mask;
  for (const std::string& record : ReadRecords("tests/data/records/samples.ndjson")) {
    EXPECT_EQ(Normalized(record, source).Json(), Normalized(record).Json());
  }
}

// Every scalar at a masked path must change, and no other scalar may change.
TEST(MaskingTest, OnlySelectedFieldsChange) {
  const RecordMask mask =
      Mask({{"UserId", "hash"}, {"Parameters", "hash"}, {"Actor.ID", "hash"}, {"Target", "drop"}});
  for (const std::string& record : ReadRecords("tests/data/records/samples.ndjson")) {
    const Tree before = ParseTree(record);
    const Tree after = ParseTree(Masked(mask, record));
    for (const auto member : before.root.get_object()) {
      const std::string pointer = "/" + std::string(member.key);
      const std::string old_text = At(before, pointer);
      const std::string new_text = At(after, pointer);
      if (member.key == "Target") {
        EXPECT_EQ(new_text, "<none>");
      } else if (member.key == "UserId" && !old_text.empty()) {
        EXPECT_EQ(new_text, mask.Hash(old_text));
      } else if (member.key == "Parameters" || member.key == "Actor") {
        EXPECT_TRUE(new_text != old_text || old_text == "[]" || old_text.empty()) << pointer;
      } else {
        EXPECT_EQ(new_text, old_text) << pointer;
      }
    }
  }
}

class TenantMasksTest : public testing::Test {
 protected:
  TenantMasksTest()
      : path_((std::filesystem::path(testing::TempDir()) / absl::StrCat("masks.", getpid()))
                  .string()) {
    tenant_.file = "tenants.d/fabrikam.yaml";
    tenant_.tenant_id = kTestTenant;
    tenant_.parser.mask = {{"UserId", "hash"}};
  }
  ~TenantMasksTest() override { std::filesystem::remove(path_); }

  std::string Fault(const std::string& key_file) {
    return std::string(MakeTenantMasks({tenant_}, key_file).status().message());
  }

  const std::string path_;
  TenantSettings tenant_;
};

TEST_F(TenantMasksTest, TenantsWithoutMaskedFieldsHaveNoMask) {
  ASSERT_TRUE(WriteFile(path_, std::string(kKey) + "\n").ok());
  TenantSettings other;
  other.tenant_id = kOtherTenant;
  const auto masks = MakeTenantMasks({tenant_, other}, path_);
  ASSERT_TRUE(masks.ok()) << masks.status();
  ASSERT_EQ((*masks)->size(), 1);
  EXPECT_EQ((*masks)->find(kTestTenant)->second.Hash("x"), Mask({}).Hash("x"));
}

TEST_F(TenantMasksTest, AHashNeedsAKeyOfSufficientLength) {
  EXPECT_THAT(Fault(""), HasSubstr("tenants.d/fabrikam.yaml: parser.mask: UserId is hashed"));
  ASSERT_TRUE(WriteFile(path_, "short-secret\n").ok());
  EXPECT_THAT(Fault(path_), HasSubstr("is shorter than 16 bytes"));
  EXPECT_THAT(Fault(path_), Not(HasSubstr("short-secret")));
  EXPECT_THAT(Fault("/nowhere/key"), HasSubstr("/nowhere/key"));
  tenant_.parser.mask = {{"UserId", "drop"}};
  EXPECT_EQ(Fault(""), "");
}

}  // namespace
}  // namespace picket::parser
