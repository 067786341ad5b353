#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace picket::m365 {

// A client secret, a bearer token, or a request body that contains a secret or token. A Secret
// cannot be converted to another type, so no log line, metric or error message can include the
// value by mistake. Reveal() is intended only for the code that sends the value. The destructor
// overwrites the memory.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  // A moved-from string may still contain a short value, so the value is copied and the source is
  // wiped.
  // NOLINTNEXTLINE(performance-move-constructor-init)
  Secret(Secret&& other) noexcept : value_(other.value_) { other.Wipe(); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      Wipe();
      value_ = other.value_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      Wipe();
      value_ = other.value_;
      other.Wipe();
    }
    return *this;
  }
  ~Secret() { Wipe(); }

  bool empty() const { return value_.empty(); }
  std::string_view Reveal() const { return value_; }

 private:
  void Wipe() {
    volatile char* bytes = value_.data();
    for (size_t i = 0; i < value_.size(); ++i) bytes[i] = 0;
    value_.clear();
  }

  std::string value_;
};

// Reads a client secret from a file. Returns InvalidArgument if the file is empty, has several
// lines, or contains a quoted secret or the secret's ID instead of its value. The error message
// contains the path but never the secret.
absl::StatusOr<Secret> ReadSecretFile(const std::string& path);

}  // namespace picket::m365
