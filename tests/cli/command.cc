#include "tests/cli/command.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "common/file.h"
#include "common/strings.h"

namespace picket {

CommandResult RunPicket(const std::vector<std::string>& arguments, std::string_view input,
                        const std::string& folder) {
  std::vector<std::string> words = {PICKET_BINARY};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return RunProgram(std::move(words), input, folder);
}

CommandResult RunProgram(std::vector<std::string> words, std::string_view input,
                         const std::string& working_folder) {
  // The program reads its input from a file and writes its output to files. With pipes, the program
  // and this test could each wait for the other to read.
  namespace fs = std::filesystem;
  std::string folder = (fs::path(testing::TempDir()) / "picket-command.XXXXXX").string();
  EXPECT_NE(mkdtemp(folder.data()), nullptr);
  const std::string in = folder + "/in", out = folder + "/out", err = folder + "/err";
  EXPECT_TRUE(WriteFile(in, input).ok());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  const pid_t child = fork();
  if (child == 0) {
    dup2(open(in.c_str(), O_RDONLY), STDIN_FILENO);
    dup2(open(out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
    dup2(open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
    if (!working_folder.empty() && chdir(working_folder.c_str()) != 0) _exit(126);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  CommandResult result;
  result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = ReadFile(out).value_or("");
  result.err = ReadFile(err).value_or("");
  fs::remove_all(folder);
  return result;
}

}  // namespace picket
