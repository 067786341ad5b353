#include "cli/investigations/dead_letter_file.h"

#include <simdjson.h>

#include <cerrno>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/json_writer.h"
#include "common/strings.h"

namespace picket {

DeadLetterFile::~DeadLetterFile() {
  if (file_ != nullptr) std::fclose(file_);
}

absl::Status DeadLetterFile::WriteError() const {
  return absl::InvalidArgumentError(absl::StrCat("cannot write ", path_, ": ", ErrnoText(errno)));
}

absl::Status DeadLetterFile::Open(const std::string& path) {
  path_ = path;
  file_ = std::fopen(path.c_str(), "wb");
  return file_ == nullptr ? WriteError() : absl::OkStatus();
}

absl::Status DeadLetterFile::Write(const std::string& input, uint64_t record, uint64_t offset,
                                   std::string_view reason, std::string_view error,
                                   std::string_view bytes, int part) {
  if (file_ == nullptr) return absl::OkStatus();
  line_.clear();
  JsonWriter json(&line_);
  json.BeginObject().Key("file").Value(input).Key("record").Value(record);
  json.Key("offset").Value(offset).Key("reason").Value(reason).Key("error");
  if (simdjson::validate_utf8(error.data(), error.size())) {
    json.Value(error);
  } else {
    json.Value(absl::CHexEscape(ToAbsl(error)));
  }
  if (part > 0) json.Key("part").Value(part);
  if (simdjson::validate_utf8(bytes.data(), bytes.size())) {
    json.Key("bytes").Value(bytes);
  } else {
    json.Key("bytes_base64").Value(absl::Base64Escape(ToAbsl(bytes)));
  }
  json.EndObject();
  line_.push_back('\n');
  if (std::fwrite(line_.data(), 1, line_.size(), file_) != line_.size()) return WriteError();
  return absl::OkStatus();
}

absl::Status DeadLetterFile::Close() {
  if (file_ == nullptr) return absl::OkStatus();
  std::FILE* const file = std::exchange(file_, nullptr);
  return std::fclose(file) == 0 ? absl::OkStatus() : WriteError();
}

}  // namespace picket
