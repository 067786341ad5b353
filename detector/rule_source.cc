#include "detector/rule_source.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/sha256.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "kafka/topic_reader.h"
#include "sigma/sigma_document.h"

namespace picket::detector {
namespace {

// The maximum size of a topic's key in errors. Keys come from outside and may be very long.
constexpr size_t kMaxKeyShown = 200;

class FixedRules final : public RuleSource {
 public:
  FixedRules(std::string name, std::vector<sigma::RuleFile> files)
      : name_(std::move(name)), reading_({std::move(files), {}}) {}

  absl::StatusOr<std::optional<RuleReading>> Poll() override {
    return std::exchange(reading_, std::nullopt);
  }
  std::string Name() const override { return name_; }

 private:
  const std::string name_;
  std::optional<RuleReading> reading_;
};

std::string ContentOf(const RuleReading& reading) {
  std::string text;
  for (const sigma::RuleFile& file : reading.files) {
    absl::StrAppend(&text, file.path, "\n", file.text.size(), "\n", file.text);
  }
  for (const sigma::RuleFault& fault : reading.faults)
    absl::StrAppend(&text, fault.ToString(), "\n");
  return HexPrefix(Sha256(text));
}

class RuleFolder final : public RuleSource {
 public:
  explicit RuleFolder(std::string path) : path_(std::move(path)) {}

  absl::StatusOr<std::optional<RuleReading>> Poll() override {
    const bool is_first = read_state_.empty();
    std::string state = FilesFingerprint({path_});
    const bool is_stable = is_first || state == last_state_;
    last_state_ = state;
    if (state == read_state_ || !is_stable) return std::nullopt;
    RuleReading reading;
    reading.files = sigma::ReadRuleFiles(path_, reading.faults);
    last_state_ = FilesFingerprint({path_});
    if (last_state_ != state && !is_first)
      return std::nullopt;  // the folder changed during the read, so the next poll tries again
    read_state_ = std::move(state);
    std::string content = ContentOf(reading);
    if (content == read_content_) return std::nullopt;
    read_content_ = std::move(content);
    return reading;
  }
  std::string Name() const override { return absl::StrCat("folder ", path_); }

 private:
  const std::string path_;
  std::string last_state_;  // fingerprint at the last poll
  std::string read_state_;  // fingerprint when the files were last read
  std::string read_content_;
};

class RuleTopic final : public RuleSource {
 public:
  RuleTopic(const kafka::KafkaConfig& kafka, std::string topic, RuleTopicLimits limits)
      : kafka_(kafka), topic_(std::move(topic)), limits_(limits) {}

  absl::StatusOr<std::optional<RuleReading>> Poll() override {
    const auto apply = [this](const kafka::Message& message) { Apply(message); };
    if (reader_ == nullptr) {
      ASSIGN_OR_RETURN(
          auto reader,
          kafka::TopicReader::Open(kafka_, topic_, kafka::TopicReader::Isolation::kReadCommitted));
      documents_.clear();
      bytes_ = 0;
      RETURN_IF_ERROR(reader->ReadToEnd(limits_.read, apply));
      reader_ = std::move(reader);
      faulty_since_.reset();
      has_changed_ = true;
    } else {
      reader_->Poll(absl::Milliseconds(100), apply);
      RETURN_IF_ERROR(CheckFault(SystemMonotonicNow()));
    }
    if (!has_changed_ || !reader_->at_end()) return std::nullopt;
    has_changed_ = false;
    return Reading();
  }
  void ReplaceClient() override { reader_.reset(); }
  std::string Name() const override { return absl::StrCat("topic ", topic_); }

 private:
  // Returns the reader's error if it has lasted. A short error, such as while a broker restarts, is
  // not reported.
  absl::Status CheckFault(MonotonicTime now) {
    const std::string fault = reader_->Fault();
    if (fault.empty()) {
      faulty_since_.reset();
      return absl::OkStatus();
    }
    if (!faulty_since_.has_value()) faulty_since_ = now;
    if (now - *faulty_since_ < limits_.fault) return absl::OkStatus();
    reader_.reset();
    return absl::UnavailableError(absl::StrCat("read topic ", topic_, ": ", fault));
  }

  void Apply(const kafka::Message& message) {
    has_changed_ = true;
    const auto known = documents_.find(message.key);
    if (known != documents_.end()) {
      bytes_ -= known->second.size();
      documents_.erase(known);
    }
    if (message.is_tombstone) return;
    // Keep a document that is too large as an empty string, which is reported as an error. A rule
    // must not silently disappear because it grew.
    const bool fits = message.key.size() <= kMaxRuleDocumentBytes &&
                      message.value.size() <= kMaxRuleDocumentBytes &&
                      bytes_ + message.value.size() <= kMaxRuleTopicBytes;
    std::string& text = documents_[std::string(message.key.substr(0, kMaxRuleDocumentBytes))];
    if (fits) text = message.value;
    bytes_ += text.size();
  }

  RuleReading Reading() const {
    RuleReading reading;
    for (const auto& [key, text] : documents_) {
      sigma::RuleFile file{absl::StrCat(topic_, "/", CleanLine(key, kMaxKeyShown)), text};
      if (text.empty()) {
        reading.faults.push_back(
            {file.path, 0, 0,
             absl::StrCat("the document is empty or too large: at most ", kMaxRuleDocumentBytes,
                          " bytes, and ", kMaxRuleTopicBytes, " for the whole topic")});
        continue;
      }
      // Compiling the document reports the same errors again.
      std::vector<sigma::RuleFault> unused;
      const std::vector<sigma::SigmaDocument> documents = sigma::ReadSigma(file, unused);
      if (documents.size() > 1) {
        reading.faults.push_back({file.path, documents[1].position.line,
                                  documents[1].position.column,
                                  "a message of this topic contains one document: publish the "
                                  "others under their own ids"});
        continue;
      }
      if (documents.size() == 1 && documents[0].info.id != key) {
        reading.faults.push_back(
            {file.path, documents[0].position.line, documents[0].position.column,
             absl::StrCat("the message's key must be the document's id '",
                          CleanLine(documents[0].info.id, kMaxKeyShown), "'")});
        continue;
      }
      reading.files.push_back(std::move(file));
    }
    return reading;
  }

  const kafka::KafkaConfig kafka_;
  const std::string topic_;
  const RuleTopicLimits limits_;
  std::unique_ptr<kafka::TopicReader> reader_;
  std::optional<MonotonicTime> faulty_since_;
  std::map<std::string, std::string, std::less<>> documents_;
  size_t bytes_ = 0;
  bool has_changed_ = false;
};

// Appends the name, inode, size and time of a file. Links are followed.
void AppendState(const std::string& path, std::string& text) {
  struct stat state;
  if (::stat(path.c_str(), &state) != 0) {
    absl::StrAppend(&text, path, "?\n");
    return;
  }
  absl::StrAppend(&text, path, " ", state.st_ino, " ", state.st_size, " ", state.st_mtim.tv_sec,
                  ".", state.st_mtim.tv_nsec, "\n");
}

}  // namespace

std::string FilesFingerprint(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  std::string text;
  for (const std::string& root : paths) {
    std::error_code error;
    if (!fs::is_directory(root, error)) {
      AppendState(root, text);
      continue;
    }
    std::vector<std::string> found;
    fs::recursive_directory_iterator it(root, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      if (it->path().filename().string().starts_with('.')) {
        it.disable_recursion_pending();
        continue;
      }
      found.push_back(it->path().string());
    }
    if (error) absl::StrAppend(&text, root, ": ", error.message(), "\n");
    std::sort(found.begin(), found.end());
    for (const std::string& path : found) AppendState(path, text);
    absl::StrAppend(&text, root, "/\n");  // so that an empty folder differs from a missing one
  }
  return text;
}

std::unique_ptr<RuleSource> MakeFixedRules(std::string name, std::vector<sigma::RuleFile> files) {
  return std::make_unique<FixedRules>(std::move(name), std::move(files));
}

std::unique_ptr<RuleSource> MakeRuleFolder(std::string path) {
  return std::make_unique<RuleFolder>(std::move(path));
}

std::unique_ptr<RuleSource> MakeRuleTopic(const kafka::KafkaConfig& kafka, std::string topic,
                                          RuleTopicLimits limits) {
  return std::make_unique<RuleTopic>(kafka, std::move(topic), limits);
}

}  // namespace picket::detector
