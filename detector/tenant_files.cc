#include "detector/tenant_files.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/strings.h"
#include "detector/rule_source.h"

namespace picket::detector {

std::string TenantFiles::StateOf(const std::string& path, const File& file) const {
  std::vector<std::string> paths = {path};
  if (file.overlay != nullptr && !file.overlay->settings.detector.filters_dir.empty()) {
    paths.push_back(file.overlay->settings.detector.filters_dir);
  }
  return FilesFingerprint(paths);
}

void TenantFiles::Read(const std::string& path, bool is_defaults, File& file) const {
  file.faults.clear();
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) {
    file.faults.emplace_back(text.status().message());
    return;
  }
  TenantSettings settings;
  settings.file = path;
  file.faults =
      is_defaults ? ReadTenantDefaults(*text, settings) : ReadTenantSettings(*text, settings);
  if (!file.faults.empty()) return;
  auto overlay = std::make_shared<TenantOverlay>();
  std::vector<sigma::RuleFault> faults;
  if (ReadTenantOverlay(std::move(settings), *text, overlay.get(), faults)) {
    file.overlay = std::move(overlay);
  }
  for (const sigma::RuleFault& fault : faults) file.faults.push_back(fault.ToString());
}

// Reads files with errors again, and returns true if the errors of any file have changed. Errors
// can change while the file stays the same, for example if the file names a folder that did not
// exist.
bool TenantFiles::HasRecovered() const {
  const auto has_recovered = [this](const std::string& path, bool is_defaults, const File& file) {
    if (file.faults.empty()) return false;
    File again = file;
    Read(path, is_defaults, again);
    return again.faults != file.faults;
  };
  for (const auto& [path, file] : files_) {
    if (has_recovered(path, false, file)) return true;
  }
  return has_recovered(defaults_file_, true, defaults_);
}

bool TenantFiles::Refresh() {
  std::vector<std::string> faults, paths;
  std::error_code error;
  if (path_.empty()) {
    // No path for tenants' files is configured.
  } else if (std::filesystem::is_regular_file(path_, error)) {
    paths.push_back(path_);
  } else {
    paths = TenantFilePaths(path_, faults);
  }
  // If the folder cannot be read, keep all settings in force.
  if (!faults.empty() && has_read_) {
    for (const auto& [path, file] : files_) paths.push_back(path);
  }

  std::map<std::string, std::string> states;
  std::string all;
  for (const std::string& path : paths) {
    const auto known = files_.find(path);
    std::string& state = states[path];
    state = StateOf(path, known == files_.end() ? File() : known->second);
    all += state;
  }
  std::string defaults_state;
  if (!defaults_file_.empty()) defaults_state = StateOf(defaults_file_, defaults_);
  absl::StrAppend(&all, "\n", defaults_state, faults.size());
  const bool is_stable = !has_read_ || all == last_state_;
  last_state_ = all;
  if (!is_stable || (has_read_ && all == read_state_ && !HasRecovered())) return false;

  for (const std::string& path : paths) {
    File& file = files_[path];
    if (file.state == states[path] && file.faults.empty()) continue;
    Read(path, false, file);
    // Compute the state again, because it must cover the folder of filters that the new settings
    // name.
    file.state = StateOf(path, file);
  }
  std::erase_if(files_, [&](const auto& entry) { return !states.contains(entry.first); });
  if (!defaults_file_.empty() && (defaults_.state != defaults_state || !defaults_.faults.empty())) {
    Read(defaults_file_, true, defaults_);
    defaults_.state = StateOf(defaults_file_, defaults_);
  }
  has_read_ = true;
  read_state_.clear();
  for (const std::string& path : paths) read_state_ += files_[path].state;
  absl::StrAppend(&read_state_, "\n", defaults_.state, faults.size());
  last_state_ = read_state_;

  tenants_.clear();
  faults_ = std::move(faults);
  faults_.insert(faults_.end(), defaults_.faults.begin(), defaults_.faults.end());
  for (const auto& [path, file] : files_) {
    faults_.insert(faults_.end(), file.faults.begin(), file.faults.end());
    if (file.overlay == nullptr) continue;
    const std::string& tenant = file.overlay->settings.tenant_id;
    const auto [owner, is_new] = tenants_.try_emplace(tenant, file.overlay);
    if (!is_new) {
      faults_.push_back(absl::StrCat(path, ": tenant_id: ", tenant, " is already described by ",
                                     owner->second->settings.file));
    }
  }
  // Ignore files that have no settings for the detector.
  std::erase_if(tenants_, [](const auto& entry) {
    const TenantDetectorSettings& settings = entry.second->settings.detector;
    return settings.disable.empty() && settings.enable.empty() && settings.lists.empty() &&
           settings.filters_dir.empty() && settings.suppressions.empty();
  });
  return true;
}

std::shared_ptr<const ActiveRules> BindTenants(std::shared_ptr<const RulePack> pack,
                                               const TenantFiles& files, TenantBinder& binder,
                                               std::vector<std::string>& faults) {
  auto active = std::make_shared<ActiveRules>();
  binder.Use(pack);
  active->pack = std::move(pack);
  std::vector<sigma::RuleFault> binding_faults;
  const TenantOverlay* const defaults = files.defaults().get();
  active->without_settings = binder.Bind(nullptr, defaults, binding_faults);
  for (const auto& [tenant, overlay] : files.tenants()) {
    active->tenants[tenant] = binder.Bind(overlay.get(), defaults, binding_faults);
  }
  faults.insert(faults.end(), files.faults().begin(), files.faults().end());
  for (const sigma::RuleFault& fault : binding_faults) faults.push_back(fault.ToString());
  // An error in the defaults is found once per tenant, so remove the duplicates.
  std::sort(faults.begin(), faults.end());
  faults.erase(std::unique(faults.begin(), faults.end()), faults.end());
  return active;
}

}  // namespace picket::detector
