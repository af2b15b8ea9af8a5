#include "tests/durability/strace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/file.h"

namespace urna::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kStrace[] = "/usr/bin/strace";
constexpr size_t kMaxOutput = 1 << 18;

std::vector<std::string> LinesOf(const std::string& file) {
  const auto text = ReadFile(file, kMaxOutput);
  EXPECT_EQ(text.status(), absl::OkStatus());
  return absl::StrSplit(text.ok() ? AsText(*text) : "", '\n', absl::SkipEmpty());
}

}  // namespace

std::unique_ptr<Program> Watch(pid_t thread, const std::string& folder,
                               std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"-p", std::to_string(thread)});
  auto strace = std::make_unique<Program>(kStrace, folder, std::move(arguments));
  for (int i = 0; i < 500 && !absl::StrContains(strace->Errors(), "attached"); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_THAT(strace->Errors(), HasSubstr("attached"));
  return strace;
}

std::vector<std::string> KillBefore(const std::string& call, int when) {
  return {"-e", absl::StrCat("trace=", call), "-e",
          absl::StrCat("inject=", call, ":signal=KILL:when=", when)};
}

std::string WhyNotWatched(const std::string& folder) {
  Program asleep("/bin/sleep", folder, {"60"});
  Program strace(kStrace, folder, {"-o", "/dev/null", "-p", std::to_string(asleep.pid())});
  std::string said;
  for (int i = 0; i < 500 && said.find('\n') == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    said = strace.Errors();
  }
  if (absl::StrContains(said, "Operation not permitted")) return said;
  EXPECT_THAT(said, HasSubstr("attached"));
  return "";
}

bool MayBeLeftOut() { return ::getenv("URNA_WITHOUT_PTRACE") != nullptr; }

std::string WithoutWatching(const std::string& why) {
  return absl::StrCat(
      why,
      "This machine lets no process watch another. Run this test where it may, such "
      "as in a container with CAP_SYS_PTRACE, or say that it is to be left out: "
      "URNA_WITHOUT_PTRACE=1");
}

std::map<std::string, int> CallsOn(const std::string& file, const std::string& path) {
  std::map<std::string, int> calls;
  for (const std::string& line : LinesOf(file)) {
    if (absl::StrContains(line, path)) ++calls[line.substr(0, line.find('('))];
  }
  return calls;
}

pid_t ThreadOf(const std::string& file, const std::string& path) {
  for (const std::string& line : LinesOf(file)) {
    pid_t thread = 0;
    if (absl::StrContains(line, path) &&
        absl::SimpleAtoi(line.substr(0, line.find(' ')), &thread)) {
      return thread;
    }
  }
  return 0;
}

}  // namespace urna::testing
