#include "simulator/story_writer.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "simulator/attack_behaviours.h"

namespace picket::simulator {
namespace {

constexpr int kStoriesWithAddress = 12;

}  // namespace

StoryWriter::StoryWriter(const Company& company, Cast& cast, const ScenarioOptions& options,
                         std::string_view part, ScenarioRecords& out)
    : company(company),
      cast(cast),
      random(SeedFor(options.seed + static_cast<uint64_t>(options.campaign) * 7919, part)),
      frame(company, random.Next()),
      options_(options),
      now_(options.start),
      out_(out) {}

void StoryWriter::Begin(std::string_view story, absl::Duration after) {
  story_ = story;
  now_ = options_.start + after * options_.scale;
}

AuditRecord& StoryWriter::Add(AuditRecord record, int latest) {
  record.available += absl::Seconds(random.Between(60, 60 * std::max(2, latest))) * options_.scale;
  out_.records.push_back(std::move(record));
  return out_.records.back();
}

void StoryWriter::AddWithAlert(std::initializer_list<std::string_view> behaviours,
                               AuditRecord record, std::string_view user, std::string_view object) {
  const AuditRecord& added = Add(std::move(record));
  for (const std::string_view behaviour : behaviours) {
    ExpectedAlert alert = Expected(behaviour);
    alert.user = user;
    alert.object = object;
    alert.first = alert.last = added.created;
    alert.record_ids.push_back(added.id);
    out_.expected.push_back(std::move(alert));
  }
}

void StoryWriter::ExpectOneAlert(std::string_view behaviour, size_t from, std::string_view user,
                                 std::string_view address) {
  ExpectedAlert alert = Expected(behaviour);
  alert.user = user;
  alert.address = address;
  alert.first = absl::InfiniteFuture();
  alert.last = absl::InfinitePast();
  for (size_t i = from; i < out_.records.size(); ++i) {
    alert.record_ids.push_back(out_.records[i].id);
    alert.first = std::min(alert.first, out_.records[i].created);
    alert.last = std::max(alert.last, out_.records[i].created);
  }
  out_.expected.push_back(std::move(alert));
}

std::string StoryWriter::AttackerAddress(int story) const {
  const int number = (options_.campaign * kStoriesWithAddress + story) % 500;
  return number < 250 ? absl::StrCat("203.0.113.", number + 1)
                      : absl::StrCat("198.51.100.", number - 249);
}

ExpectedAlert StoryWriter::Expected(std::string_view name) const {
  const Behaviour& behaviour = FindBehaviour(name);
  ExpectedAlert alert;
  alert.rule_id = behaviour.rule_id;
  alert.rule = behaviour.name;
  alert.level = behaviour.level;
  alert.technique = behaviour.technique;
  alert.story = story_;
  alert.tenant = company.tenant().id;
  return alert;
}

}  // namespace picket::simulator
