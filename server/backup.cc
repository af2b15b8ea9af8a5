#include "server/backup.h"

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <system_error>
#include <thread>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/merkle/checkpoint.h"
#include "server/checkpoint_files.h"
#include "server/data_directory.h"
#include "server/ledger_builder.h"

namespace urna::server {
namespace {

constexpr int kAttempts = 5;
constexpr std::chrono::milliseconds kPause{300};

using Checkpoints = std::map<std::string, std::string>;

// Copies one log and makes sure that the published checkpoint is in it.
absl::Status CopyLog(const Ledger& ledger, const LogInfo& info, const Checkpoints& notes,
                     const crypto::VerifyKey& log_key, LedgerBuilder& builder,
                     const std::function<void()>& copied) {
  const auto note = notes.find(info.origin);
  absl::StatusOr<merkle::Checkpoint> published = absl::NotFoundError("");
  if (note != notes.end()) {
    URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier key,
                          merkle::NoteVerifier::Create(info.origin, log_key));
    published =
        merkle::OpenCheckpoint(AsBytes(note->second), key, merkle::OtherSignatures::kIgnored);
    URNA_RETURN_IF_ERROR(published.status());
  }
  bool contained = !published.ok();
  merkle::CompactTree tree;
  URNA_RETURN_IF_ERROR(ledger.ReadEntries(
      info.number, 0, info.head.size, [&](uint64_t, ByteSpan entry) -> absl::Status {
        tree.Append(merkle::LeafHash(entry));
        if (published.ok() && tree.size() == published->size()) {
          contained = tree.root() == published->root();
        }
        copied();
        return builder.Add(info.origin, entry);
      }));
  if (contained && tree.root() == info.head.root) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "log '", info.origin, "': its ", info.head.size,
      " entries do not contain the published checkpoint; look with `urna-server fsck`"));
}

// The checkpoints are read first, so that the ledger, read after them, must contain them: a board
// that writes meanwhile can change its files under a reader.
absl::StatusOr<std::vector<LogInfo>> CopyOnce(const std::string& data, const BoardIdentity& board,
                                              const std::string& to,
                                              const ProgressOf& progress_of) {
  URNA_ASSIGN_OR_RETURN(const Checkpoints notes, ReadCheckpoints(CheckpointsPath(data)));
  LedgerOptions read_only;
  read_only.mode = LedgerMode::kReadOnly;
  URNA_ASSIGN_OR_RETURN(const auto ledger, Ledger::Open(LedgerPath(data), read_only));
  for (const auto& [origin, note] : notes) {
    if (ledger->Find(origin).has_value()) continue;
    return absl::DataLossError(
        absl::StrCat("log '", origin, "' is published, but not in the ledger"));
  }
  URNA_RETURN_IF_ERROR(MakeDirectories(CheckpointsPath(to)));
  URNA_ASSIGN_OR_RETURN(const auto builder, LedgerBuilder::Create(LedgerPath(to)));
  const Progress progress = Begin(progress_of, "entries copied");
  uint64_t done = 0;
  uint64_t total = 0;
  for (const LogInfo& info : ledger->Logs()) total += info.head.size;
  const auto copied = [&] {
    if (progress) progress(++done, total);
  };
  for (const LogInfo& info : ledger->Logs()) {
    URNA_RETURN_IF_ERROR(CopyLog(*ledger, info, notes, board.log_key, *builder, copied));
  }
  URNA_ASSIGN_OR_RETURN(std::vector<LogInfo> logs, builder->Finish());
  for (const auto& [origin, note] : notes) {
    URNA_RETURN_IF_ERROR(PublishCheckpoint(CheckpointsPath(to), origin, note));
  }
  URNA_RETURN_IF_ERROR(WriteIdentity(to, board));
  return logs;
}

}  // namespace

absl::StatusOr<std::vector<LogInfo>> Backup(const std::string& data, const std::string& out,
                                            const ProgressOf& progress) {
  struct stat info {};
  if (::lstat(out.c_str(), &info) == 0) {
    return absl::AlreadyExistsError(
        absl::StrCat("'", out, "' is there already; give each backup a place of its own"));
  }
  URNA_ASSIGN_OR_RETURN(const BoardIdentity board, LoadIdentity(data));
  const std::string part = FreeName(out, "part");
  absl::StatusOr<std::vector<LogInfo>> logs = absl::UnknownError("");
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(kPause);
    std::error_code error;
    std::filesystem::remove_all(part, error);
    logs = CopyOnce(data, board, part, progress);
    if (logs.ok()) {
      URNA_RETURN_IF_ERROR(PutInPlace(part, out, ""));
      return logs;
    }
  }
  std::error_code ignored;
  std::filesystem::remove_all(part, ignored);
  return logs;
}

}  // namespace urna::server
