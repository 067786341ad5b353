#include "model/mapping.h"

#include "model/ocsf_class.h"
#include "model/operation_lookup.h"
#include "model/operation_verbs.h"
#include "model/record_types.h"

namespace picket {
namespace {

constexpr uint8_t kInformational = 1;

Mapping FromRow(const MappingRow& row) {
  return {row.class_uid,  row.activity_id, row.subject, row.severity_id,
          MappedBy::kRow, row.label,       row.detail};
}

Mapping Unlabelled(int32_t class_uid, uint8_t activity_id, Subject subject, MappedBy by) {
  return {class_uid, activity_id, subject, kInformational, by, {}, {}};
}

}  // namespace

Mapping MapOperation(std::string_view workload, std::string_view operation, int32_t record_type,
                     bool has_resource) {
  if (const MappingRow* const row = FindMappingRow(operation, WorkloadOf(workload))) {
    return FromRow(*row);
  }
  const std::string_view name = TrimOperation(operation);
  if (const MappingRow* const row = FindPrefixRow(name)) return FromRow(*row);
  const RecordTypeUse use = RecordTypeUseOf(record_type);
  // In a record of an alert, the operation is the title of the alert. Therefore, the record type
  // alone determines the class.
  if (use == RecordTypeUse::kAlert) {
    return Unlabelled(ocsf::kDetectionFinding, ocsf::kFindingCreate, Subject::kAlert,
                      MappedBy::kRow);
  }
  const bool is_cmdlet = IsCmdletName(name);
  const OperationVerb* verb = is_cmdlet ? FindCmdletVerb(name) : nullptr;
  if (is_cmdlet && (use == RecordTypeUse::kCmdlet || verb != nullptr)) {
    const uint8_t activity = verb == nullptr ? ocsf::kOtherActivity : verb->call_activity;
    return Unlabelled(ocsf::kApiActivity, activity, Subject::kCmdlet, MappedBy::kCmdletVerb);
  }
  verb = FindOperationVerb(name);
  if (verb == nullptr) {
    return Unlabelled(ocsf::kApiActivity, ocsf::kOtherActivity, Subject::kGeneric,
                      MappedBy::kNothing);
  }
  if (use == RecordTypeUse::kRestApi && verb->call_activity == ocsf::kApiRead) {
    return Unlabelled(ocsf::kApiActivity, ocsf::kApiRead, Subject::kGeneric, MappedBy::kRow);
  }
  if (has_resource || use == RecordTypeUse::kWebApplication) {
    return Unlabelled(ocsf::kWebResourcesActivity, verb->web_activity, Subject::kPage,
                      MappedBy::kVerb);
  }
  return Unlabelled(ocsf::kApiActivity, verb->call_activity, Subject::kGeneric, MappedBy::kVerb);
}

}  // namespace picket
