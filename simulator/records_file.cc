#include "simulator/records_file.h"

#include <simdjson.h>
#include <zlib.h>

#include <cerrno>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/strings.h"
#include "simulator/tenant.h"

namespace picket::simulator {
namespace {

struct GzipCloser {
  void operator()(gzFile file) const { gzclose(file); }
};
using GzipFile = std::unique_ptr<std::remove_pointer_t<gzFile>, GzipCloser>;

std::string_view ContentTypeOf(std::string_view workload) {
  if (EqualsIgnoreCase(workload, "AzureActiveDirectory")) return kEntra;
  if (EqualsIgnoreCase(workload, "Exchange")) return kExchange;
  if (EqualsIgnoreCase(workload, "SharePoint") || EqualsIgnoreCase(workload, "OneDrive")) {
    return kSharePoint;
  }
  return kGeneral;
}

// Returns the characters between the quotes of a JSON string, or an empty string for any other
// value.
std::string_view Inside(std::string_view token) {
  token = TrimBlanks(token);
  if (token.size() < 2 || token.front() != '"' || token.back() != '"') return {};
  return token.substr(1, token.size() - 2);
}

bool ParseRecord(simdjson::ondemand::parser& parser, FileRecord& record) {
  const simdjson::padded_string padded(record.json);
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return false;
  if (document.get_object().get(object) != simdjson::SUCCESS) return false;
  record.content_type = kGeneral;
  for (auto field : object) {
    std::string_view key;
    if (field.error() != simdjson::SUCCESS || field.unescaped_key().get(key) != simdjson::SUCCESS) {
      return false;
    }
    const bool id = key == "Id";
    const bool tenant = key == "OrganizationId";
    if (!id && !tenant && key != "Workload") continue;
    simdjson::ondemand::value value;
    if (field.value().get(value) != simdjson::SUCCESS) return false;
    const std::string_view text = Inside(value.raw_json_token());
    if (text.empty()) continue;
    const size_t at = static_cast<size_t>(text.data() - padded.data());
    if (id) {
      record.id = text;
      record.id_at = at;
    } else if (tenant) {
      record.tenant = LowerAscii(text);
      record.tenant_at = at;
      record.tenant_length = text.size();
    } else {
      record.content_type = ContentTypeOf(text);
    }
  }
  return true;
}

}  // namespace

absl::StatusOr<std::vector<FileRecord>> ReadRecordsFile(const std::string& path) {
  const GzipFile file(gzopen(path.c_str(), "rb"));
  if (file == nullptr) {
    const int error_number = errno;
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": ", ErrnoText(error_number)));
  }
  gzbuffer(file.get(), 1 << 18);
  std::vector<FileRecord> records;
  simdjson::ondemand::parser parser;
  std::string line;
  std::string chunk(1 << 18, '\0');
  int64_t number = 0;
  const auto add_line = [&]() -> absl::Status {
    ++number;
    if (TrimBlanks(line).empty()) return absl::OkStatus();
    FileRecord record;
    record.json = std::string(TrimBlanks(line));
    if (!ParseRecord(parser, record)) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ":", number, ": not a JSON object; expected one audit record in each line"));
    }
    records.push_back(std::move(record));
    return absl::OkStatus();
  };
  while (true) {
    const int got = gzread(file.get(), chunk.data(), static_cast<unsigned>(chunk.size()));
    if (got < 0) {
      int code = 0;
      return absl::DataLossError(
          absl::StrCat("cannot read ", path, ": ", gzerror(file.get(), &code)));
    }
    if (got == 0) break;
    std::string_view rest(chunk.data(), static_cast<size_t>(got));
    for (size_t end; (end = rest.find('\n')) != std::string_view::npos;) {
      line.append(rest.substr(0, end));
      rest.remove_prefix(end + 1);
      if (absl::Status status = add_line(); !status.ok()) return status;
      line.clear();
    }
    line.append(rest);
  }
  if (absl::Status status = add_line(); !status.ok()) return status;
  return records;
}

}  // namespace picket::simulator
