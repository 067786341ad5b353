#include "parser/mapping/activity_json.h"

#include <array>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/check.h"
#include "common/strings.h"
#include "model/operation_rows.h"

namespace picket::parser {
namespace {

constexpr size_t kActivities = 18;

std::string EcsKindJson(const EcsKind& kind, bool is_web_too) {
  const bool has_info = absl::EndsWith(ToAbsl(kind.types), "info");
  return absl::StrCat("\"kind\":\"", ToAbsl(kind.kind), "\",\"category\":[\"",
                      ToAbsl(kind.category), is_web_too ? "\",\"web" : "", "\"],\"type\":[\"",
                      absl::StrReplaceAll(ToAbsl(kind.types), {{",", "\",\""}}),
                      is_web_too && !has_info ? "\",\"info" : "", "\"]");
}

bool IsWebToElastic(std::string_view category) {
  for (const std::string_view one : {"configuration", "iam", "package", "threat"}) {
    if (category == one) return true;
  }
  return false;
}

ActivityJson MakeJson(const OcsfClass& ocsf_class, int activity_id) {
  ActivityJson text;
  text.ocsf_class = &ocsf_class;
  const int64_t type_uid = int64_t{ocsf_class.uid} * 100 + activity_id;
  text.ocsf_kind =
      absl::StrCat("{\"class_uid\":", ocsf_class.uid, ",\"category_uid\":", ocsf_class.category_uid,
                   ",\"type_uid\":", type_uid, ",\"activity_id\":", activity_id, ",\"time\":");
  if (activity_id != ocsf::kOtherActivity) {
    text.ocsf_names =
        absl::StrCat(",\"activity_name\":\"", ToAbsl(ActivityName(ocsf_class, activity_id)), "\"");
  }
  absl::StrAppend(&text.ocsf_names, ",\"class_name\":\"", ToAbsl(ocsf_class.name),
                  "\",\"message\":");
  const EcsKind ecs = EcsKindOf(ocsf_class, activity_id);
  text.ecs_kind = EcsKindJson(ecs, false);
  text.ecs_kind_of_service = EcsKindJson(ecs, IsWebToElastic(ecs.category));
  return text;
}

class ActivityJsonTable {
 public:
  ActivityJsonTable() {
    for (const MappingRow& row : MappingRows()) Add(row.class_uid);
    Add(ocsf::kDataSecurityFinding);
  }

  const ActivityJson& Of(int32_t class_uid, uint8_t activity_id) const {
    return classes_[places_[Place(class_uid)]]
        .activities[activity_id < kActivities ? activity_id : kActivities];
  }

 private:
  struct Class {
    int32_t uid;
    // Indexed by activity_id. The last element is activity 99.
    std::array<ActivityJson, kActivities + 1> activities;
  };

  // A class_uid combines a category and a class, both below 16. For example, 3002 is class 2 of
  // category 3.
  static size_t Place(int32_t class_uid) {
    const auto uid = static_cast<uint32_t>(class_uid);
    return (uid / 1000 * 16 + uid % 1000) % kPlaces;
  }

  void Add(int32_t class_uid) {
    for (const Class& one : classes_) {
      if (one.uid == class_uid) return;
    }
    const OcsfClass& ocsf_class = *FindOcsfClass(class_uid);
    PICKET_CHECK(class_uid / 1000 < 16 && class_uid % 1000 < 16);
    places_[Place(class_uid)] = static_cast<uint8_t>(classes_.size());
    Class& added = classes_.emplace_back();
    added.uid = class_uid;
    for (size_t i = 0; i < kActivities; ++i) {
      added.activities[i] = MakeJson(ocsf_class, static_cast<int>(i));
    }
    added.activities[kActivities] = MakeJson(ocsf_class, ocsf::kOtherActivity);
  }

  static constexpr size_t kPlaces = 256;
  std::vector<Class> classes_;
  std::array<uint8_t, kPlaces> places_{};  // indices in classes_, indexed by Place(uid)
};

}  // namespace

const ActivityJson& ActivityJsonOf(int32_t class_uid, uint8_t activity_id) {
  static const ActivityJsonTable* const texts = new ActivityJsonTable();
  return texts->Of(class_uid, activity_id);
}

}  // namespace picket::parser
