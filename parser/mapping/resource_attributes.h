#pragma once

// Writes the attributes of the Network and Application Activity classes: files, mail, web pages,
// applications, and the objects of API calls.

#include "parser/mapping/class_writer.h"

namespace picket::parser {

struct ResourceAttributes : ClassWriter {
  void File();
  void WebResources();
  void Email();
  void ApiObject();
  void Application();

  // These methods write parts of ApiObject.
  void InboxRule();
  void Discovery();
  void Ai();
};

// Writes `,"to":[…]`, the recipients of an email.
void PutRecipients(Appender& to, const RecordFacts& facts, const MailFacts& mail);

}  // namespace picket::parser
