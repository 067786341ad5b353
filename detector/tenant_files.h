#pragma once

// The files of tenants as the detector reads them, again and again.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detector/active_rules.h"
#include "detector/tenant_rules.h"

namespace picket::detector {

// Reads what has changed and keeps what has not. A file with a fault leaves what it said before, if it said anything.
// Threads: one.
class TenantFiles {
 public:
  // `dir` or `defaults_file` may be empty. A path that is a file is the one tenant file.
  TenantFiles(std::string path, std::string defaults_file)
      : path_(std::move(path)), defaults_file_(std::move(defaults_file)) {}

  // True when anything is other than at the last call that said so; the first call always does. A change counts when two
  // calls have found the same files.
  bool Look();

  using Overlay = std::shared_ptr<const TenantOverlay>;
  Overlay defaults() const { return defaults_.overlay; }  // may be null
  // By tenant id, those with settings for the detector.
  const std::map<std::string, Overlay, std::less<>>& tenants() const { return tenants_; }
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  struct File {
    std::string state;  // of the file and its filters when it was read
    Overlay overlay;
    std::vector<std::string> faults;
  };

  std::string StateOf(const std::string& path, const File& file) const;
  bool HasMended() const;
  void Read(const std::string& path, bool is_defaults, File& file) const;

  const std::string path_;
  const std::string defaults_file_;
  bool has_read_ = false;
  std::string last_state_, read_state_;
  std::map<std::string, File> files_;
  File defaults_;
  std::map<std::string, Overlay, std::less<>> tenants_;
  std::vector<std::string> faults_;
};

// The rules as the files of tenants make them. `faults` gets what is wrong with files and settings, sorted, each once.
std::shared_ptr<const ActiveRules> BindTenants(std::shared_ptr<const BaseRules> base,
                                               const TenantFiles& files, TenantBinder& binder,
                                               std::vector<std::string>& faults);

}  // namespace picket::detector
