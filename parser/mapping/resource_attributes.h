#pragma once

// Attributes of the Network and Application Activity classes: files, mail, web pages, applications,
// and the objects of API calls.

#include "parser/mapping/class_writer.h"

namespace picket::parser {

struct ResourceAttributes : ClassWriter {
  void File();
  void WebResources();
  void Email();
  void ApiObject();
  void Application();

  // Parts of ApiObject.
  void InboxRule();
  void Discovery();
  void Ai();
};

// `,"to":[…]` of a mail.
void PutRecipients(Appender& to, const RecordFacts& facts, const MailFacts& mail);

}  // namespace picket::parser
