#include "parser/mapping/class_attributes.h"

#include "parser/mapping/class_writer.h"

namespace picket::parser {

void ClassWriter::Resource(NamedThing thing, std::string_view type) {
  Appender to(out);
  OptionalList resources(to, kResources);
  Resource(to, resources, thing, type);
  resources.Close();
}

void ClassWriter::Write() {
  switch (mapping.class_uid) {
    case 3002:
      TargetUser(",\"user\":");
      SignIn();
      break;
    case 3001:
      TargetUser(",\"user\":");
      Account();
      break;
    case 3005:
      TargetUser(",\"user\":");
      Privileges();
      AccessedResource();
      break;
    case 3006:
      Group();
      break;
    case 3004:
      Entity();
      break;
    case 4009:
      Email();
      break;
    case 6001:
      WebResources();
      break;
    case 6002:
      Application();
      break;
    case 6003:
      if (mapping.subject == Subject::kAi) {
        Ai();
      } else if (mapping.subject == Subject::kInboxRule) {
        InboxRule();
      } else if (mapping.subject == Subject::kDiscovery) {
        Discovery();
      } else {
        Resource({Text(Field::kObjectId), {}}, {});
      }
      break;
    case 6006:
      File();
      break;
    case 2004:
      Finding();
      Evidences();
      break;
    case 2006:
      DataSecurity();
      break;
    default:
      break;
  }
}

void WriteClassAttributes(const RecordFacts& facts, Bytes& out) { ClassWriter{facts, out}.Write(); }

}  // namespace picket::parser
