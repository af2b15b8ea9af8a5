#include "witness/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/crypto/secret_file.h"
#include "core/merkle/witness_policy.h"

namespace urna::witness {
namespace {

constexpr size_t kMaxVkeySize = 1 << 12;

constexpr absl::string_view kNoLogs =
    "# The logs that this witness watches, one line each:\n"
    "#\n"
    "#   log <vkey>\n"
    "#\n"
    "# A log's vkey is in the policy that its auditors use. The witness reads this when it "
    "starts.\n"
    "quorum none\n";

std::string VerifierPath(const std::string& directory) {
  return absl::StrCat(directory, "/witness.vkey");
}

}  // namespace

std::string KeyPath(const std::string& directory) {
  return absl::StrCat(directory, "/witness.key");
}
std::string LogsPath(const std::string& directory) { return absl::StrCat(directory, "/logs"); }
std::string StatePath(const std::string& directory) { return absl::StrCat(directory, "/state"); }

absl::StatusOr<merkle::CosignatureVerifier> InitializeWitness(const std::string& directory,
                                                              absl::string_view name,
                                                              crypto::Rng& rng) {
  const crypto::SigningKey key = crypto::SigningKey::Generate(rng);
  URNA_ASSIGN_OR_RETURN(merkle::CosignatureVerifier verifier,
                        merkle::CosignatureVerifier::Create(name, key.public_key()));
  URNA_RETURN_IF_ERROR(MakeDirectories(StatePath(directory)));
  struct stat info {};
  if (::stat(VerifierPath(directory).c_str(), &info) == 0) {
    return absl::AlreadyExistsError(
        absl::StrCat("there is a witness in '", directory, "' already"));
  }
  const crypto::SecretBytes seed = key.ExposeSeedForKeyFile();
  URNA_RETURN_IF_ERROR(crypto::WriteSecretFile(KeyPath(directory), seed.ExposeSpan()));
  URNA_RETURN_IF_ERROR(WriteNewFileDurably(LogsPath(directory), AsBytes(kNoLogs), 0644));
  // Last: with it the witness exists.
  URNA_RETURN_IF_ERROR(WriteNewFileDurably(VerifierPath(directory),
                                           AsBytes(absl::StrCat(verifier.vkey(), "\n")), 0644));
  return verifier;
}

absl::StatusOr<merkle::CosignatureVerifier> LoadVerifier(const std::string& directory) {
  const absl::StatusOr<Bytes> bytes = ReadFile(VerifierPath(directory), kMaxVkeySize);
  if (absl::IsNotFound(bytes.status())) {
    return absl::NotFoundError(
        absl::StrCat("there is no witness in '", directory, "'; `urna-witness init` makes one"));
  }
  if (!bytes.ok()) return bytes.status();
  absl::string_view vkey = AsText(*bytes);
  absl::ConsumeSuffix(&vkey, "\n");
  absl::StatusOr<merkle::CosignatureVerifier> verifier = merkle::CosignatureVerifier::Parse(vkey);
  if (!verifier.ok()) return Annotate(verifier.status(), VerifierPath(directory));
  return verifier;
}

absl::StatusOr<merkle::CosignatureSigner> LoadSigner(const std::string& directory) {
  URNA_ASSIGN_OR_RETURN(const merkle::CosignatureVerifier verifier, LoadVerifier(directory));
  URNA_ASSIGN_OR_RETURN(const crypto::SecretBytes seed,
                        crypto::ReadSecretFile(KeyPath(directory), crypto::SigningKey::kSeedSize));
  URNA_ASSIGN_OR_RETURN(crypto::SigningKey key, crypto::SigningKey::FromSeed(seed.ExposeSpan()));
  if (key.public_key() != verifier.key()) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", KeyPath(directory), "' is not the key of '", verifier.vkey(), "'"));
  }
  return merkle::CosignatureSigner::Create(verifier.name(), std::move(key));
}

absl::StatusOr<std::vector<merkle::NoteVerifier>> LoadLogs(const std::string& path) {
  const absl::StatusOr<Bytes> bytes = ReadFile(path, merkle::kMaxPolicySize);
  if (!bytes.ok()) return absl::InvalidArgumentError(bytes.status().message());
  std::vector<merkle::NoteVerifier> logs;
  std::string rest;  // the policy without its log lines, which then have the same numbers
  for (absl::string_view line : absl::StrSplit(AsText(*bytes), '\n')) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    const bool is_log = !words.empty() && words[0] == "log";
    absl::StrAppend(&rest, is_log ? "#" : line, "\n");
    if (!is_log) continue;
    // By itself: a board has many logs under one key, of which a policy may name only one.
    const absl::StatusOr<merkle::WitnessPolicy> one =
        merkle::WitnessPolicy::Parse(absl::StrCat(line, "\nquorum none\n"));
    if (!one.ok()) return Annotate(one.status(), absl::StrCat(path, ": '", line, "'"));
    const merkle::NoteVerifier& key = one->logs().front().key;
    if (std::find(logs.begin(), logs.end(), key) != logs.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": the log '", key.name(), "' stands there twice with one key"));
    }
    logs.push_back(key);
  }
  rest.pop_back();  // what was split is joined
  const absl::Status policy = merkle::WitnessPolicy::Parse(rest).status();
  if (!policy.ok()) return Annotate(policy, path);
  return logs;
}

absl::StatusOr<DirectoryLock> DirectoryLock::Take(const std::string& directory) {
  const std::string path = absl::StrCat(directory, "/lock");
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return DirectoryLock(file);
  const int error = errno;
  ::close(file);
  if (error != EWOULDBLOCK) return absl::ErrnoToStatus(error, absl::StrCat("cannot lock ", path));
  return absl::FailedPreconditionError(
      absl::StrCat("another process serves the witness in '", directory, "'"));
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept
    : file_(std::exchange(other.file_, -1)) {}

DirectoryLock::~DirectoryLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace urna::witness
