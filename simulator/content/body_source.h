#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace picket::simulator {

// A body that is produced piece by piece while it is sent, so that a body of any length takes
// little memory.
// Threads: One thread at a time. Failure: a source cannot fail. It ends early instead.
class BodySource {
 public:
  virtual ~BodySource() = default;
  // Returns the next bytes, which are valid until the next call, or an empty view at the end.
  virtual std::string_view Next() = 0;
};

// Creates a source that begins at the first byte. It can be called several times, on any thread.
using MakeBodySource = std::function<std::unique_ptr<BodySource>()>;

// A source of one string, which is made when the first bytes are needed.
class StringSource final : public BodySource {
 public:
  explicit StringSource(std::function<std::string()> make) : make_(std::move(make)) {}
  std::string_view Next() override {
    if (done_) return {};
    done_ = true;
    text_ = make_();
    return text_;
  }

 private:
  std::function<std::string()> make_;
  std::string text_;
  bool done_ = false;
};

}  // namespace picket::simulator
