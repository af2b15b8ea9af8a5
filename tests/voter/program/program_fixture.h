// urna-voter against the real server, run as people run it.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/console/key_file.h"
#include "tests/voter/program/served_polls.h"

namespace urna::voter {

struct Outcome {
  int status = -1;
  std::string out, err;
};

class ProgramTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { Serve({}); }
  // `manifest` may change the election's.
  static void Serve(std::function<void(election::Manifest&)> manifest) {
    polls_ = new ServedPolls(std::move(manifest));
    ASSERT_TRUE(WriteFileDurably(File("passphrase"), AsBytes("test words\n")).ok());
    for (size_t voter = 0; voter < 5; ++voter) WriteKey(voter);
    WriteAllKeys();
  }
  static void TearDownTestSuite() {
    delete polls_;
    polls_ = nullptr;
  }

  static std::string File(const std::string& name) { return polls_->directory() + "/" + name; }

  static void Write(const std::string& name, const console::KeyFile& key) {
    crypto::SystemRng rng;
    const auto words = crypto::SecretBytes::CopyOf(AsBytes("test words"));
    ASSERT_TRUE(console::WriteKeyFile(File(name), key, words, crypto::PasswordStrength::kRehearsal,
                                      false, rng)
                    .ok());
  }
  static void WriteKey(size_t voter) {
    const crypto::Credential& credential = polls_->credential(voter);
    Write(absl::StrCat("voter", voter),
          {"credential", "voter", ToHex(credential.public_key().bytes()),
           credential.ExposeForKeyFile()});
  }
  // All five as enrol-file would have made them.
  static void WriteAllKeys() {
    crypto::SecretBytes all(5 * 64);
    for (size_t voter = 0; voter < 5; ++voter) {
      const auto secret = polls_->credential(voter).ExposeForKeyFile();
      std::copy_n(secret.data(), 64, all.data() + 64 * voter);
    }
    Write("all", {"credentials", "5 credentials", ToHex(polls_->fixture().roll().state->roll_id()),
                  std::move(all)});
  }

  static std::string Text(const std::string& path) {
    return std::string(AsText(ReadFile(path, 1 << 24).value_or(Bytes())));
  }
  static Outcome Run(const std::string& arguments) {
    const std::string command = absl::StrCat(URNA_VOTER_PROGRAM, " ", arguments, " >", File("out"),
                                             " 2>", File("err"), " </dev/null");
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, Text(File("out")), Text(File("err"))};
  }
  static std::string On(const char* poll) {
    return absl::StrCat(" --server ", polls_->address(), " --poll ", poll, " ");
  }
  static std::string As(size_t voter) {
    return absl::StrCat(" --credential ", File(absl::StrCat("voter", voter)), " --passphrase-file ",
                        File("passphrase"), " --receipts ", File(absl::StrCat("receipts", voter)),
                        " ");
  }

  static inline ServedPolls* polls_ = nullptr;
};

}  // namespace urna::voter
