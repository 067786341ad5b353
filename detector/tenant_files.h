#pragma once

// Tenants' settings files, which the detector reads again whenever they change.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detector/active_rules.h"
#include "detector/tenant_binder.h"
#include "detector/tenant_overlay.h"

namespace picket::detector {

// Reads the files that have changed and keeps the settings of all other files. If a file has an
// error, its earlier settings, if any, stay in force.
// Threads: Use each instance from one thread. Failure: No call fails; errors are collected in
// faults().
class TenantFiles {
 public:
  // `path` is a folder of tenants' files or a single such file. Both arguments may be empty.
  TenantFiles(std::string path, std::string defaults_file)
      : path_(std::move(path)), defaults_file_(std::move(defaults_file)) {}

  // Returns true if anything has changed since the last call that returned true. The first call
  // always returns true. A change is used only when two consecutive calls have found the same
  // files, so that half-written files are not read.
  bool Refresh();

  using Overlay = std::shared_ptr<const TenantOverlay>;
  Overlay defaults() const { return defaults_.overlay; }  // null if there are no defaults
  // Returns the settings by tenant id. Tenants without settings for the detector are left out.
  const std::map<std::string, Overlay, std::less<>>& tenants() const { return tenants_; }
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  struct File {
    std::string state;  // FilesFingerprint of the file and its filters when they were last read
    Overlay overlay;
    std::vector<std::string> faults;
  };

  std::string StateOf(const std::string& path, const File& file) const;
  bool HasRecovered() const;
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

// Combines the rules with the tenants' settings. Adds the errors of files and settings to `faults`,
// then sorts `faults` and removes duplicates.
std::shared_ptr<const ActiveRules> BindTenants(std::shared_ptr<const RulePack> pack,
                                               const TenantFiles& files, TenantBinder& binder,
                                               std::vector<std::string>& faults);

}  // namespace picket::detector
