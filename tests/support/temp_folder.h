#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/file.h"

namespace picket {

// A temporary folder for the current test. The destructor removes the folder.
class TempFolder {
 public:
  TempFolder() {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path(testing::TempDir()) /
            absl::StrCat(test->test_suite_name(), ".", test->name(), ".", getpid());
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;

  std::string Path(std::string_view name = "") const { return (path_ / name).string(); }
  void Write(std::string_view name, std::string_view text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    ASSERT_TRUE(WriteFile(Path(name), text).ok());
  }
  void Remove(std::string_view name) const { std::filesystem::remove_all(path_ / name); }

 private:
  std::filesystem::path path_;
};

}  // namespace picket
