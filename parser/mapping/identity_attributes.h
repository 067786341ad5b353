#pragma once

// Writes the attributes of the Identity & Access Management classes: accounts, sign-ins, groups,
// privileges and the objects of a directory.

#include <string_view>

#include "parser/mapping/class_writer.h"

namespace picket::parser {

struct IdentityAttributes : ClassWriter {
  void TargetUser(std::string_view key);
  void SignIn();
  void Account();
  void Privileges();
  void AccessedResource();
  void Group();
  void Entity();

  // Writes a part of Account.
  void AuthFactors(Appender& to);
};

}  // namespace picket::parser
