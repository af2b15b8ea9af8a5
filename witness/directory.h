// A witness's directory:
//
//   witness.vkey   its verifier key and a newline: what policies name it by; public
//   witness.key    the secret key; 64 hex digits, mode 0600
//   logs           the logs that it watches: lines `log <vkey>` of a witness policy
//   lock           held by the one process that serves from here
//   state/         what it has cosigned last of every log (state_file.h), and in *.evidence proofs
//                  of two histories (core/merkle/fork_evidence.h)
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/crypto/rng.h"
#include "core/merkle/cosignature.h"
#include "core/merkle/note.h"

namespace urna::witness {

std::string KeyPath(const std::string& directory);
std::string LogsPath(const std::string& directory);
std::string StatePath(const std::string& directory);

// Makes a new witness under this key name, which watches no log yet. AlreadyExists if there is one;
// InvalidArgument if notes don't allow the name.
absl::StatusOr<merkle::CosignatureVerifier> InitializeWitness(const std::string& directory,
                                                              absl::string_view name,
                                                              crypto::Rng& rng);

// NotFound if there is no witness in the directory.
absl::StatusOr<merkle::CosignatureVerifier> LoadVerifier(const std::string& directory);

// With the secret key. FailedPrecondition if it is not the verifier key's, or if others than its
// owner can read it.
absl::StatusOr<merkle::CosignatureSigner> LoadSigner(const std::string& directory);

// The keys of the log lines of a witness policy; what else it says is of no matter here.
// InvalidArgument if it is none, or cannot be read.
absl::StatusOr<std::vector<merkle::NoteVerifier>> LoadLogs(const std::string& path);

// Held, no other process can have it, and it goes with the process however that ends. Move-only.
class DirectoryLock {
 public:
  // FailedPrecondition if another process serves from the directory.
  static absl::StatusOr<DirectoryLock> Take(const std::string& directory);

  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int file) : file_(file) {}

  int file_;
};

}  // namespace urna::witness
