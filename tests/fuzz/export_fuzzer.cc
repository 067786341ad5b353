// Reads arbitrary bytes as an exported file or archive, and normalises what it contains. Reading
// must end, must respect the limits, and must not lose a record that it has cut out.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/metrics.h"
#include "parser/input/export_reader.h"
#include "parser/normalizer.h"

namespace {

using picket::parser::AuditBlob;
using picket::parser::AuditFile;
using picket::parser::BlobSource;
using picket::parser::ExportReader;
using picket::parser::InputLimits;
using picket::parser::NormalizedBatch;
using picket::parser::Normalizer;

void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

constexpr InputLimits kLimits = {
    .members = 50, .depth = 3, .bytes = 16 << 20, .ratio_from = 4 << 20, .copied_bytes = 4 << 20};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static picket::Metrics* const metrics = new picket::Metrics();
  static Normalizer* const normalizer = new Normalizer({}, *metrics);
  const int fd = ::memfd_create("export", MFD_CLOEXEC);
  Require(fd >= 0 && ::write(fd, data, size) == static_cast<ssize_t>(size), "a file can be made");
  ExportReader reader("/proc/self/fd/" + std::to_string(fd), kLimits);
  size_t errors = 0;
  size_t bytes = 0;
  AuditBlob blob;
  NormalizedBatch batch;
  while (true) {
    const absl::StatusOr<std::unique_ptr<AuditFile>> file = reader.Next();
    if (!file.ok()) {
      Require(++errors <= 2 * kLimits.members, "an error is not repeated");
      continue;
    }
    if (*file == nullptr) break;
    while (true) {
      const absl::StatusOr<bool> more = (*file)->Next(&blob);
      if (!more.ok() || !*more) break;
      bytes += blob.text.size();
      if (!blob.damage.empty()) continue;
      normalizer->Normalize(BlobSource{.date_order = blob.date_order}, blob.text, batch);
      Require(batch.empty_blob || batch.records() > 0, "each record gives an event or a rejection");
      for (const NormalizedBatch::Rejected& rejected : batch.rejected) {
        Require(rejected.position < blob.text.size(), "a rejected record has a place in the blob");
      }
    }
  }
  // A CSV row repeats the names of its columns, so the text may be larger than what was read.
  Require(bytes <= 64 * (kLimits.bytes + size), "the limit on bytes holds");
  ::close(fd);
  return 0;
}
