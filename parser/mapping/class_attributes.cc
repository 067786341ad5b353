#include "parser/mapping/class_attributes.h"

#include "model/ocsf_class.h"
#include "parser/mapping/finding_attributes.h"
#include "parser/mapping/identity_attributes.h"
#include "parser/mapping/resource_attributes.h"

namespace picket::parser {

void WriteClassAttributes(const RecordFacts& facts, ByteBuffer& out) {
  switch (facts.mapping.class_uid) {
    case ocsf::kAuthentication: {
      IdentityAttributes writer{{facts, out}};
      writer.TargetUser(",\"user\":");
      writer.SignIn();
      break;
    }
    case ocsf::kAccountChange: {
      IdentityAttributes writer{{facts, out}};
      writer.TargetUser(",\"user\":");
      writer.Account();
      break;
    }
    case ocsf::kUserAccessManagement: {
      IdentityAttributes writer{{facts, out}};
      writer.TargetUser(",\"user\":");
      writer.Privileges();
      writer.AccessedResource();
      break;
    }
    case ocsf::kGroupManagement:
      IdentityAttributes{{facts, out}}.Group();
      break;
    case ocsf::kEntityManagement:
      IdentityAttributes{{facts, out}}.Entity();
      break;
    case ocsf::kEmailActivity:
      ResourceAttributes{{facts, out}}.Email();
      break;
    case ocsf::kWebResourcesActivity:
      ResourceAttributes{{facts, out}}.WebResources();
      break;
    case ocsf::kApplicationLifecycle:
      ResourceAttributes{{facts, out}}.Application();
      break;
    case ocsf::kApiActivity:
      ResourceAttributes{{facts, out}}.ApiObject();
      break;
    case ocsf::kFileHostingActivity:
      ResourceAttributes{{facts, out}}.File();
      break;
    case ocsf::kDetectionFinding: {
      FindingAttributes writer{{facts, out}};
      writer.Finding();
      writer.Evidences();
      break;
    }
    case ocsf::kDataSecurityFinding:
      FindingAttributes{{facts, out}}.DataSecurity();
      break;
    default:
      break;
  }
}

}  // namespace picket::parser
