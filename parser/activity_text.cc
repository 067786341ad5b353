#include "parser/activity_text.h"

#include <array>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/strings.h"

namespace picket::parser {
namespace {

constexpr uint8_t kOther = 99;
constexpr size_t kActivities = 18;

std::string EcsKindJson(const OcsfClass& ocsf_class, int activity_id) {
  const EcsKind kind = EcsKindOf(ocsf_class, activity_id);
  return absl::StrCat("\"kind\":\"", ToAbsl(kind.kind), "\",\"category\":[\"",
                      ToAbsl(kind.category), "\"],\"type\":[\"",
                      absl::StrReplaceAll(ToAbsl(kind.types), {{",", "\",\""}}), "\"]");
}

ActivityText MakeText(const OcsfClass& ocsf_class, int activity_id) {
  ActivityText text;
  text.ocsf_class = &ocsf_class;
  const int64_t type_uid = int64_t{ocsf_class.uid} * 100 + activity_id;
  text.ocsf_kind =
      absl::StrCat("{\"class_uid\":", ocsf_class.uid, ",\"category_uid\":", ocsf_class.category_uid,
                   ",\"type_uid\":", type_uid, ",\"activity_id\":", activity_id, ",\"time\":");
  if (activity_id != kOther) {
    text.ocsf_names =
        absl::StrCat(",\"activity_name\":\"", ToAbsl(ActivityName(ocsf_class, activity_id)), "\"");
  }
  absl::StrAppend(&text.ocsf_names, ",\"class_name\":\"", ToAbsl(ocsf_class.name),
                  "\",\"message\":");
  text.ecs_kind = EcsKindJson(ocsf_class, activity_id);
  return text;
}

class ActivityTexts {
 public:
  ActivityTexts() {
    for (const MappingRow& row : MappingRows()) Add(row.class_uid);
    Add(2006);
  }

  const ActivityText& Of(int32_t class_uid, uint8_t activity_id) const {
    for (const Class& one : classes_) {
      if (one.uid == class_uid)
        return one.activities[activity_id < kActivities ? activity_id : kActivities];
    }
    return classes_.front().activities[kActivities];
  }

 private:
  struct Class {
    int32_t uid;
    std::array<ActivityText, kActivities + 1> activities;  // the last: 99
  };

  void Add(int32_t class_uid) {
    for (const Class& one : classes_) {
      if (one.uid == class_uid) return;
    }
    const OcsfClass& ocsf_class = *FindOcsfClass(class_uid);
    Class& added = classes_.emplace_back();
    added.uid = class_uid;
    for (size_t i = 0; i < kActivities; ++i) {
      added.activities[i] = MakeText(ocsf_class, static_cast<int>(i));
    }
    added.activities[kActivities] = MakeText(ocsf_class, kOther);
  }

  std::vector<Class> classes_;
};

}  // namespace

const ActivityText& ActivityTextOf(int32_t class_uid, uint8_t activity_id) {
  static const ActivityTexts* const texts = new ActivityTexts();
  return texts->Of(class_uid, activity_id);
}

}  // namespace picket::parser
