#include "simulator/scenario.h"

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/json_writer.h"
#include "simulator/account_stories.h"
#include "simulator/story_writer.h"
#include "simulator/tenant_stories.h"

namespace picket::simulator {

Cast::Cast(const Company& company, size_t roles, size_t first) : company_(company), next_(first) {
  for (size_t i = 0; i < Company::kAdministrators; ++i) taken_.insert(company.people()[i].upn);
  for (size_t i = 0; i < roles; ++i) taken_.insert(Role(first + i).upn);
}

const Person& Cast::Role(size_t number) const {
  const size_t candidates = company_.people().size() - Company::kAdministrators;
  return company_.people()[Company::kAdministrators + number % candidates];
}

const Person& Cast::Next() {
  const Person& person = Role(next_++);
  // Fails if the stories use people whom the constructor has not reserved.
  PICKET_CHECK(taken_.contains(person.upn));
  return person;
}

ScenarioRecords WriteAttacks(const Company& company, Cast& cast, const ScenarioOptions& options) {
  ScenarioRecords records;
  StoryWriter story(company, cast, options, "attacks", records);
  WriteAccountStories(story);
  WriteTenantStories(story);
  return records;
}

ScenarioRecords WriteNearMisses(const Company& company, Cast& cast,
                                const ScenarioOptions& options) {
  ScenarioRecords records;
  StoryWriter story(company, cast, options, "near misses", records);
  story.Begin("Before a journey, thirty files for the train", absl::ZeroDuration());
  const Person& traveller = cast.Next();
  const Site& site = story.random.Pick(company.sites());
  for (int i = 0; i < 30; ++i) {
    story.Add(story.write.File(traveller, story.Advance(absl::Seconds(17)),
                               company.office_address(), "FileDownloaded", site,
                               story.frame.FileName()));
  }
  story.Begin("A new password, remembered at the seventh try", absl::Minutes(20));
  const Person& forgetful = cast.Next();
  for (int i = 0; i < 6; ++i) {
    story.Add(
        story.write.FailedSignIn(forgetful, story.Advance(absl::Seconds(45)), forgetful.address));
  }
  story.Add(story.write.SignIn(forgetful, story.Advance(absl::Seconds(50)), forgetful.address));
  story.Begin("A terminal whose keyboard is set wrong", absl::Minutes(40));
  size_t next = story.random.Below(company.people().size());
  for (int tried = 0; tried < 6; ++next) {
    const Person& person = company.people()[next % company.people().size()];
    if (cast.IsTaken(person)) continue;
    story.Add(story.write.FailedSignIn(person, story.Advance(absl::Seconds(40)),
                                       company.kiosk_address()));
    ++tried;
  }
  return records;
}

std::string ExpectationsJson(const std::vector<ExpectedAlert>& expected) {
  std::string text = "[";
  const auto time_text = [](absl::Time time) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
  };
  for (const ExpectedAlert& alert : expected) {
    text += text.size() == 1 ? "\n" : ",\n";
    JsonWriter json(&text);
    json.BeginObject().Key("rule_id").Value(alert.rule_id).Key("rule").Value(alert.rule);
    json.Key("level").Value(alert.level).Key("technique").Value(alert.technique);
    json.Key("story").Value(alert.story).Key("tenant").Value(alert.tenant);
    json.Key("user").Value(alert.user).Key("address").Value(alert.address);
    json.Key("object").Value(alert.object).Key("first").Value(time_text(alert.first));
    json.Key("last").Value(time_text(alert.last)).Key("record_ids").BeginArray();
    for (const std::string& id : alert.record_ids) json.Value(id);
    json.EndArray().EndObject();
  }
  return text + "\n]\n";
}

}  // namespace picket::simulator
