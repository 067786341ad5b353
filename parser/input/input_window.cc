#include "parser/input/input_window.h"

namespace picket::parser {
namespace {

constexpr size_t kReadBytes = 256 << 10;

}  // namespace

void InputWindow::Fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const size_t old_size = buffer_.size();
  buffer_.resize(old_size + kReadBytes);
  absl::StatusOr<size_t> n = source_->Read(buffer_.data() + old_size, kReadBytes);
  if (!n.ok()) error_ = n.status();
  at_end_ = !n.ok() || *n == 0;
  buffer_.resize(old_size + (n.ok() ? *n : 0));
}

std::string_view InputWindow::Consume(size_t size) {
  const std::string_view consumed = Rest().substr(0, size);
  if (const size_t newline = consumed.rfind('\n'); newline != std::string_view::npos) {
    line_start_ = offset_ + newline + 1;
  }
  begin_ += consumed.size();
  offset_ += consumed.size();
  return consumed;
}

}  // namespace picket::parser
