#include "parser/input/audit_file.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "parser/input/date_order_cutter.h"
#include "parser/input/export_reader.h"
#include "parser/input/input_form.h"
#include "parser/input/input_window.h"
#include "parser/input/record_cutter.h"

namespace picket::parser {

struct AuditFile::Impl {
  explicit Impl(std::unique_ptr<ByteSource> source) : window(std::move(source)) {}

  InputWindow window;
  std::unique_ptr<DateOrderCutter> cutter;
  std::optional<CutRecord> held;  // a record that did not fit into the last batch
  bool has_records = false;       // whether any record, or damage, was returned
  bool ended = false;
};

uint64_t AuditBlob::OffsetOf(size_t at) const {
  const auto after =
      std::upper_bound(begins.begin(), begins.end(), at,
                       [](size_t value, const Begin& begin) { return value < begin.at; });
  return after == begins.begin() ? 0 : std::prev(after)->offset;
}

AuditFile::AuditFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AuditFile::~AuditFile() = default;

absl::StatusOr<std::unique_ptr<AuditFile>> AuditFile::Open(const std::string& path) {
  return OpenSingleFile(path);
}

absl::StatusOr<std::unique_ptr<AuditFile>> AuditFile::Open(std::unique_ptr<ByteSource> text) {
  auto impl = std::make_unique<Impl>(std::move(text));
  ASSIGN_OR_RETURN(std::unique_ptr<RecordCutter> cutter, DetectForm(impl->window));
  impl->cutter = std::make_unique<DateOrderCutter>(impl->window, std::move(cutter));
  return std::unique_ptr<AuditFile>(new AuditFile(std::move(impl)));
}

absl::StatusOr<bool> AuditFile::Next(AuditBlob* blob) {
  blob->text.clear();
  blob->begins.clear();
  blob->damage = {};
  blob->error.clear();
  blob->part = 0;
  blob->last_part = true;
  if (impl_->ended) return false;
  while (true) {
    std::optional<CutRecord> record = std::exchange(impl_->held, std::nullopt);
    if (!record.has_value()) record = impl_->cutter->Next();
    const bool has_begun = !blob->text.empty();
    if (!record.has_value()) {
      if (has_begun) break;
      impl_->ended = true;
      RETURN_IF_ERROR(impl_->window.error());
      if (impl_->cutter->is_cut_off()) {
        return absl::DataLossError(absl::StrCat(name(), " is cut off: its array has no end"));
      }
      if (!impl_->has_records && !impl_->cutter->is_whole()) {
        return absl::DataLossError(
            absl::StrCat(name(), " contains no record: it consists of brackets and commas"));
      }
      return false;
    }
    impl_->has_records = true;
    const bool alone = record->alone || !record->damage.empty();
    if (has_begun && (alone || blob->text.size() + record->bytes.size() > kBatchBytes)) {
      impl_->held = std::move(record);
      break;
    }
    if (alone) {
      blob->date_order = impl_->cutter->findings().order;
      blob->text.assign(record->bytes);
      blob->begins.push_back({0, record->offset});
      blob->damage = record->damage;
      blob->error = std::move(record->error);
      blob->part = record->part;
      blob->last_part = record->last_part;
      return true;
    }
    blob->text.push_back(has_begun ? ',' : '[');
    blob->begins.push_back({has_begun ? blob->text.size() : 0, record->offset});
    blob->date_order = impl_->cutter->findings().order;
    blob->text.append(record->bytes);
  }
  blob->text.push_back(']');
  return true;
}

const std::string& AuditFile::name() const { return impl_->window.source().name(); }
uint64_t AuditFile::bytes_read() const { return impl_->window.source().bytes_read(); }
uint64_t AuditFile::size() const { return impl_->window.source().size(); }
const DateOrderFindings& AuditFile::dates() const { return impl_->cutter->findings(); }

}  // namespace picket::parser
