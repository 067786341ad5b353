#include "parser/mapping/finding_attributes.h"

#include "parser/mapping/resource_attributes.h"

namespace picket::parser {
namespace {

// Writes the names of all matched rules as the title. Writes `otherwise` if the rules have no
// names.
void PutRuleNames(const RecordFacts& facts, Appender& to, std::string_view otherwise) {
  to.Put(",\"title\":\"");
  bool first = true;
  ForEachPolicyRule(facts, [&](const JsonValue& rule) {
    const std::string_view name = facts.MemberText(rule, "RuleName");
    if (name.empty()) return;
    if (!first) to.Put(", ");
    to.Put(name);
    first = false;
  });
  if (first) to.Put(otherwise);
  to.Put("\"");
}

// Writes `"file":{"type_id":1,"name":…}` for a detection in an email or a file. If the object
// `file` has a member SHA256, that hash is written too.
void PutDetectedFile(const RecordFacts& facts, Appender& to, const JsonValue& file,
                     std::string_view name, std::string_view path) {
  to.PutText("\"file\":{\"type_id\":1,\"name\":", FirstOf(name, "Unknown"));
  to.PutIfText(",\"path\":", path);
  if (const std::string_view hash = facts.MemberText(file, "SHA256"); !hash.empty()) {
    to.PutText(",\"hashes\":[{\"algorithm_id\":3,\"algorithm\":\"SHA-256\",\"value\":", hash);
    to.Put("}]");
  }
  to.Put("}");
}

// Writes how the service reacted to the match. The reaction follows from the actions of the rules
// and, on an endpoint, from the enforcement mode.
void PutDisposition(const RecordFacts& facts, Appender& to) {
  const EnforcementMode mode = EnforcementModeOf(facts);
  bool any = false;
  bool blocked = mode == EnforcementMode::kWarn || mode == EnforcementMode::kBlock;
  ForEachPolicyRule(facts, [&](const JsonValue& rule) {
    ForEachText(facts, facts.tokens().Member(rule, "Actions"), [&](std::string_view action) {
      any = true;
      blocked |= action.find("Block") != std::string_view::npos;
    });
  });
  if (blocked) {
    to.Put(",\"disposition_id\":2,\"disposition\":\"Blocked\"");
  } else if (mode == EnforcementMode::kWarnAndBypass || mode == EnforcementMode::kAllow) {
    to.Put(",\"disposition_id\":1,\"disposition\":\"Allowed\"");
  } else if (any) {
    to.Put(",\"disposition_id\":15,\"disposition\":\"Detected\"");
  } else {
    to.Put(",\"disposition_id\":17,\"disposition\":\"Logged\"");
  }
}

// Writes the first policy, and the types and counts of the sensitive information that was found.
void PutDataSecurity(const RecordFacts& facts, Appender& to) {
  const AuditRecord& record = *facts.record;
  const JsonTokens& tokens = facts.tokens();
  to.Put(
      ",\"data_security\":{\"detection_system_id\":99,\"detection_system\":\"Microsoft Purview "
      "DLP\"");
  bool first = true;
  tokens.ForEach(record.Get(Field::kPolicyDetails), [&](const JsonValue& policy) {
    const std::string_view name = facts.MemberText(policy, "PolicyName");
    if (!first || name.empty()) return;
    to.PutText(",\"policy\":{\"name\":", name);
    to.PutIfText(",\"uid\":", facts.MemberText(policy, "PolicyId"));
    to.Put('}');
    first = false;
  });
  OptionalList details(to, ",\"discovery_details\":[");
  const auto information = [&](const JsonValue& found) {
    const std::string_view type = FirstOf(facts.MemberText(found, "SensitiveInformationTypeName"),
                                          facts.MemberText(found, "SensitiveType"));
    if (type.empty()) return;
    details.Next();
    to.PutText("{\"type\":", type);
    const JsonValue count = tokens.Member(found, "Count");
    bool is_whole = false;
    if (count.kind == JsonValue::kNumber && count.raw.size() <= 9 &&
        IsJsonNumber(count.raw, is_whole) && is_whole) {
      to.Put(",\"count\":");
      to.Put(count.raw);
    }
    to.Put('}');
  };
  ForEachPolicyRule(facts, [&](const JsonValue& rule) {
    tokens.ForEach(tokens.Member(tokens.Member(rule, "ConditionsMatched"), "SensitiveInformation"),
                   information);
  });
  tokens.ForEach(tokens.Member(record.Get(Field::kEndpointMetaData), "SensitiveInformation"),
                 information);
  details.Close();
  to.Put('}');
}

}  // namespace

void FindingAttributes::Finding() {
  Appender to(out);
  const auto [title, uid] = FindingOf(facts);
  to.PutText(",\"finding_info\":{\"uid\":", FirstOf(uid, facts.frame->uid));
  if (mapping.subject == Subject::kDlp) {
    PutRuleNames(facts, to, title);
  } else {
    to.PutText(",\"title\":", title);
  }
  if (mapping.subject == Subject::kInvestigation) to.Put(",\"types\":[\"investigation\"]");
  if (mapping.subject == Subject::kAlert) {
    if (const std::string_view category = Text(Field::kCategory); !category.empty()) {
      to.PutText(",\"types\":[", category);
      to.Put("]");
    }
    to.PutIfText(",\"product_uid\":", Text(Field::kPolicyId));
  }
  // The threats are one string, such as "Phish: [Spoof]", or a list of such strings.
  if (mapping.subject == Subject::kThreatMail) {
    const JsonValue& threats = record.Get(Field::kThreatsAndDetectionTech);
    OptionalList types(to, ",\"types\":[");
    const auto threat = [&](std::string_view text) {
      types.Next();
      to.PutText("", text);
    };
    if (threats.is_text() && !threats.inner().empty()) threat(threats.inner());
    ForEachText(facts, threats, threat);
    types.Close();
  }
  to.Put("}");
}

void FindingAttributes::Evidences() {
  Appender to(out);
  to.Put(",\"is_alert\":true");
  if (const std::string_view verdict = Text(Field::kVerdict); !verdict.empty()) {
    to.PutText(",\"verdict_id\":99,\"verdict\":", verdict);
  }
  OptionalList list(to, ",\"evidences\":[");
  if (!facts.addresses.empty()) {
    list.Next();
    to.Put("{\"src_endpoint\":{");
    PutSource(to, facts);
    to.Put("}}");
  }
  const std::string_view entity = Text(Field::kAlertEntityId);
  const std::string_view entity_type = Text(Field::kEntityType);
  const bool is_entity = mapping.subject == Subject::kAlert && !entity.empty();
  const bool is_malware_name = is_entity && entity_type == "MalwareFamily";
  if (is_entity && !is_malware_name) {
    list.Next();
    to.Put("{");
    if (entity_type == "User") {
      User(to, "\"user\":", {entity, {}});
    } else if (entity_type == "Recipients") {
      to.PutText("\"email\":{\"to\":[", entity);
      to.Put("]}");
    } else if (entity_type == "Sender") {
      to.PutText("\"email\":{\"from\":", entity);
      to.Put("}");
    } else if (entity_type == "File") {
      to.PutText("\"file\":{\"type_id\":1,\"name\":", entity);
      to.Put("}");
    } else {
      to.PutText("\"data\":{\"entity_type\":", FirstOf(entity_type, "Unknown"));
      to.PutText(",\"entity\":", entity);
      to.Put("}");
    }
    to.Put("}");
  }
  const JsonValue& attachments = record.Get(Field::kAttachmentData);
  if (mapping.subject == Subject::kThreatMail) {
    const MailFacts mail = MailOf(facts);
    if (!mail.from.empty()) {
      list.Next();
      to.PutText("{\"email\":{\"from\":", mail.from);
      PutRecipients(to, facts, mail);
      to.PutIfText(",\"subject\":", mail.subject);
      to.PutIfText(",\"message_uid\":", mail.message_id);
      to.Put("}}");
    }
    tokens.ForEach(attachments, [&](const JsonValue& file) {
      const std::string_view name = facts.MemberText(file, "FileName");
      if (name.empty()) return;
      list.Next();
      to.Put("{");
      PutDetectedFile(facts, to, file, name, {});
      to.Put("}");
    });
  }
  if (mapping.subject == Subject::kThreatUrl) {
    if (const std::string_view url = FirstOf(Text(Field::kURL), Text(Field::kUrl)); !url.empty()) {
      list.Next();
      to.PutText("{\"url\":{\"url_string\":", url);
      to.Put("}}");
    }
  }
  const JsonValue& data = record.Get(Field::kFileData);
  if (mapping.subject == Subject::kMalware) {
    list.Next();
    to.Put("{");
    PutDetectedFile(facts, to, data, FirstOf(facts.MemberText(data, "FileName"), FileNameOf(facts)),
                    FirstOf(facts.MemberText(data, "FilePath"), Text(Field::kObjectId)));
    to.Put("}");
  }
  list.Close();

  OptionalList names(to, ",\"malware\":[");
  const auto malware = [&](std::string_view name) {
    if (name.empty()) return;
    names.Next();
    to.PutText("{\"classification_ids\":[0],\"name\":", name);
    to.Put("}");
  };
  if (is_malware_name) malware(entity);
  if (mapping.subject == Subject::kMalware) {
    malware(FirstOf(Text(Field::kVirusInfo), facts.MemberText(data, "MalwareFamily")));
  }
  if (mapping.subject == Subject::kThreatMail) {
    tokens.ForEach(attachments, [&](const JsonValue& file) {
      malware(facts.MemberText(file, "MalwareFamily"));
    });
  }
  names.Close();
}

void FindingAttributes::DataSecurity() {
  Finding();
  {
    Appender to(out);
    PutDisposition(facts, to);
    PutDataSecurity(facts, to);
  }
  // The match was in a file (SharePoint or endpoint) or in an email (Exchange).
  const JsonValue& site = record.Get(Field::kSharePointMetaData);
  if (const std::string_view path = facts.MemberText(site, "FilePathUrl"); !path.empty()) {
    out.PutText(",\"file\":{\"type_id\":1,\"name\":",
                FirstOf(facts.MemberText(site, "FileName"), path));
    out.PutText(",\"path\":", path);
    out.Put('}');
  } else if (!Text(Field::kObjectId).empty()) {
    ResourceAttributes{{facts, out}}.File();
  }
  const JsonValue& mail = record.Get(Field::kExchangeMetaData);
  Resource({facts.MemberText(mail, "Subject"), facts.MemberText(mail, "MessageID")}, "mail");
}

}  // namespace picket::parser
