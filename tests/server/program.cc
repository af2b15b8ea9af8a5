#include "tests/server/program.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "core/base/check.h"
#include "core/base/file.h"

extern char** environ;

namespace urna::testing {
namespace {

std::string Text(const std::string& path) {
  const auto bytes = ReadFile(path, 1 << 20);
  return bytes.ok() ? std::string(AsText(*bytes)) : "";
}

}  // namespace

Program::Program(std::string program, const std::string& folder, std::vector<std::string> arguments)
    : out_(folder + "/stdout"), err_(folder + "/stderr") {
  std::vector<char*> argv = {program.data()};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&files, 2, err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  URNA_CHECK(posix_spawn(&pid_, argv[0], &files, nullptr, argv.data(), environ) == 0,
             "a program of ours");
  posix_spawn_file_actions_destroy(&files);
}

Program::~Program() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

int Program::Wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void Program::Signal(int signal) { kill(pid_, signal); }

std::string Program::Output() const { return Text(out_); }
std::string Program::Errors() const { return Text(err_); }

int Program::HttpPort() const {
  const std::string address = After("public files on http://");
  int port = 0;
  const bool found =
      absl::SimpleAtoi(absl::StripSuffix(address.substr(address.rfind(':') + 1), "/"), &port);
  return found ? port : 0;
}

std::string Program::After(const std::string& before) const {
  for (int i = 0; i < 600; ++i) {
    const std::string text = Output();
    const size_t found = text.find(before);
    const size_t end = found == std::string::npos ? found : text.find('\n', found);
    if (end != std::string::npos) {
      return text.substr(found + before.size(), end - found - before.size());
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return "";
}

}  // namespace urna::testing
