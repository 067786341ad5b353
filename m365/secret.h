#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace picket::m365 {

// A client secret, a bearer token, or a request body that contains one. It converts to no other
// type, so no log line, metric or error message can include it by mistake; Reveal() is for the one
// place that sends it. The memory is overwritten on destruction.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  // A moved-from string may still contain a short value, so copy and wipe.
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

// Reads a client secret. InvalidArgument if the file obviously contains something else: nothing,
// several lines, a quoted secret, or the secret's id. The message names the file and never contains
// the secret.
absl::StatusOr<Secret> ReadSecretFile(const std::string& path);

}  // namespace picket::m365
