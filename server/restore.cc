#include "server/restore.h"

#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/merkle/checkpoint.h"
#include "core/record/directory.h"
#include "server/checkpoint_files.h"
#include "server/ledger_builder.h"
#include "server/ledger_check.h"
#include "server/recovery.h"

namespace urna::server {
namespace {

// One log in one place.
struct Source {
  std::string place;
  uint64_t size = 0;
  std::function<absl::Status(const std::function<absl::Status(uint64_t, ByteSpan)>&)> read;
};

struct Known {
  std::string place;
  std::string note;
  merkle::Checkpoint checkpoint;
};

bool Exists(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0;
}

class Restorer {
 public:
  explicit Restorer(const RestoreOptions& options) : options_(options) {}

  absl::StatusOr<RestoreReport> Run() {
    URNA_ASSIGN_OR_RETURN(const BoardIdentity board, FindBoard());
    report_.emplace(RestoreReport{board, {}, "", false, false});
    const std::string ledger = LedgerPath(options_.data);
    std::unique_ptr<LedgerLock> lock;
    if (Exists(ledger)) {
      URNA_ASSIGN_OR_RETURN(lock, LedgerLock::Take(ledger));
    }
    URNA_RETURN_IF_ERROR(LookIntoData());
    if (!options_.backup.empty()) URNA_RETURN_IF_ERROR(LookIntoBackup());
    for (const std::string& record : options_.records) {
      URNA_RETURN_IF_ERROR(LookIntoRecord(record));
    }
    URNA_RETURN_IF_ERROR(ChooseSources());

    const std::string made = FreeName(options_.data, "restoring");
    const absl::Status status = MakeAndPlace(made, ledger);
    std::error_code ignored;
    std::filesystem::remove_all(made, ignored);
    URNA_RETURN_IF_ERROR(status);
    return *std::move(report_);
  }

 private:
  // The backup's or the directory's; the same one if both have one.
  absl::StatusOr<BoardIdentity> FindBoard() const {
    absl::StatusOr<BoardIdentity> there = LoadIdentity(options_.data);
    if (!there.ok() && !absl::IsNotFound(there.status())) return there;
    if (options_.backup.empty()) {
      if (there.ok()) return there;
      return absl::NotFoundError(absl::StrCat(
          "there is no board in '", options_.data,
          "'; give a backup with --from: a record alone does not say which board it is of"));
    }
    URNA_ASSIGN_OR_RETURN(BoardIdentity backup, LoadIdentity(options_.backup));
    if (there.ok() && (there->name != backup.name || there->log_key != backup.log_key)) {
      return absl::FailedPreconditionError(
          absl::StrCat("'", options_.backup, "' is a backup of board '", backup.name, "', not of '",
                       there->name, "', or of another one of that name"));
    }
    return backup;
  }

  absl::Status Know(const std::string& place, const std::string& origin, const std::string& note) {
    URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier key,
                          merkle::NoteVerifier::Create(origin, report_->board.log_key));
    absl::StatusOr<merkle::Checkpoint> checkpoint =
        merkle::OpenCheckpoint(AsBytes(note), key, merkle::OtherSignatures::kIgnored);
    if (!checkpoint.ok()) {
      return Annotate(checkpoint.status(),
                      absl::StrCat("'", place, "': the checkpoint of '", origin, "'"));
    }
    known_[origin].push_back(Known{place, note, *std::move(checkpoint)});
    return absl::OkStatus();
  }

  // What is still there is known, whatever has become of the ledger. Torn files say nothing.
  absl::Status LookIntoData() {
    for (const std::string& directory :
         {CheckpointsPath(options_.data), CosignedPath(options_.data)}) {
      URNA_RETURN_IF_ERROR(LookIntoCheckpoints(directory));
    }
    return absl::OkStatus();
  }

  absl::Status LookIntoCheckpoints(const std::string& directory) {
    const absl::StatusOr<std::vector<std::string>> names = ListCheckpoints(directory);
    if (!names.ok()) return absl::OkStatus();
    for (const std::string& name : *names) {
      const auto file = ReadCheckpoint(directory, name);
      if (!file.ok() && !absl::IsDataLoss(file.status())) return file.status();
      if (file.ok()) URNA_RETURN_IF_ERROR(Know(directory, file->first, file->second));
    }
    return absl::OkStatus();
  }

  absl::Status LookIntoBackup() {
    const std::string& backup = options_.backup;
    URNA_ASSIGN_OR_RETURN(const auto notes, ReadCheckpoints(CheckpointsPath(backup)));
    for (const auto& [origin, note] : notes) URNA_RETURN_IF_ERROR(Know(backup, origin, note));
    LedgerOptions read_only;
    read_only.mode = LedgerMode::kReadOnly;
    URNA_ASSIGN_OR_RETURN(backup_, Ledger::Open(LedgerPath(backup), read_only));
    for (const LogInfo& info : backup_->Logs()) {
      Offer(info.origin, Source{backup, info.head.size, [this, info](const auto& visit) {
                                  return backup_->ReadEntries(info.number, 0, info.head.size,
                                                              visit);
                                }});
    }
    return absl::OkStatus();
  }

  absl::Status LookIntoRecord(const std::string& record) {
    URNA_ASSIGN_OR_RETURN(const record::RecordListing listing, record::ListRecord(record));
    std::vector<std::string> directories;
    for (const crypto::Hash32& roll : listing.rolls) {
      directories.push_back(record::RollDirectory(record, roll));
    }
    if (listing.has_poll) directories.push_back(record::PollDirectory(record));
    if (directories.empty()) {
      return absl::NotFoundError(absl::StrCat("'", record, "' is no record of a poll"));
    }
    for (const std::string& directory : directories) {
      URNA_ASSIGN_OR_RETURN(record::LogReader opened, record::LogReader::Open(directory));
      const auto reader = std::make_shared<record::LogReader>(std::move(opened));
      const std::string& origin = reader->checkpoint().origin();
      URNA_RETURN_IF_ERROR(Know(directory, origin, std::string(AsText(reader->checkpoint_note()))));
      Offer(origin, Source{directory, reader->size(), [reader](const auto& visit) {
                             return reader->ForEachEntry(0, reader->size(), visit);
                           }});
    }
    return absl::OkStatus();
  }

  // The longer one is taken; whether it contains what else is known shows when it is read.
  void Offer(const std::string& origin, Source source) {
    const auto [place, added] = sources_.try_emplace(origin, source);
    if (added) {
      order_.push_back(origin);
    } else if (place->second.size < source.size) {
      place->second = std::move(source);
    }
  }

  absl::Status ChooseSources() const {
    if (sources_.empty()) {
      return absl::InvalidArgumentError("give a backup with --from, or records with --record");
    }
    for (const auto& [origin, checkpoints] : known_) {
      const auto source = sources_.find(origin);
      const uint64_t have = source == sources_.end() ? 0 : source->second.size;
      for (const Known& known : checkpoints) {
        if (known.checkpoint.size() <= have) continue;
        return absl::FailedPreconditionError(absl::StrCat(
            "log '", origin, "': a checkpoint of ", known.checkpoint.size(),
            " entries was published (", known.place, "), but here are only ", have,
            ". The board must never sign less than it has published: give with --record a record "
            "of this log that a mirror, an auditor or a party has fetched, with those entries"));
      }
    }
    return absl::OkStatus();
  }

  absl::Status CopyLog(const std::string& origin, LedgerBuilder& builder,
                       const std::function<void()>& copied) {
    const Source& source = sources_.at(origin);
    const auto known = known_.find(origin);
    merkle::CompactTree tree;
    return source.read([&](uint64_t, ByteSpan entry) -> absl::Status {
      tree.Append(merkle::LeafHash(entry));
      if (known != known_.end()) {
        for (const Known& one : known->second) {
          if (one.checkpoint.size() != tree.size() || one.checkpoint.root() == tree.root()) {
            continue;
          }
          return absl::DataLossError(
              absl::StrCat("log '", origin, "': the first ", tree.size(), " entries in ",
                           source.place, " are not those of the checkpoint in ", one.place,
                           ". Two histories were signed, or one of them is damaged: keep both"));
        }
      }
      copied();
      return builder.Add(origin, entry);
    });
  }
  absl::Status CopyLogs(LedgerBuilder& builder) {
    const Progress progress = Begin(options_.progress, "entries copied");
    uint64_t done = 0;
    uint64_t total = 0;
    for (const auto& [origin, source] : sources_) total += source.size;
    const auto copied = [&] {
      if (progress) progress(++done, total);
    };
    for (const std::string& origin : order_) {
      URNA_RETURN_IF_ERROR(CopyLog(origin, builder, copied));
    }
    return absl::OkStatus();
  }

  absl::Status MakeAndPlace(const std::string& made, const std::string& ledger) {
    URNA_RETURN_IF_ERROR(MakeDirectories(CheckpointsPath(made)));
    URNA_ASSIGN_OR_RETURN(const auto builder, LedgerBuilder::Create(LedgerPath(made)));
    URNA_RETURN_IF_ERROR(CopyLogs(*builder));
    URNA_ASSIGN_OR_RETURN(report_->logs, builder->Finish());
    URNA_RETURN_IF_ERROR(WriteCheckpoints(CheckpointsPath(made)));
    {
      LedgerOptions read_only;
      read_only.mode = LedgerMode::kReadOnly;
      URNA_ASSIGN_OR_RETURN(const auto opened, Ledger::Open(LedgerPath(made), read_only));
      URNA_RETURN_IF_ERROR(ReplayLogs(*opened, CheckpointsPath(made), report_->board.log_key,
                                      Replay::kCheckingRules,
                                      Begin(options_.progress, "entries put to the rules"))
                               .status());
    }
    // What was published comes first: should this break off, the older ledger is refused.
    URNA_RETURN_IF_ERROR(MakeDirectories(CheckpointsPath(options_.data)));
    URNA_RETURN_IF_ERROR(WriteCheckpoints(CheckpointsPath(options_.data)));
    if (Exists(ledger)) report_->kept = FreeName(ledger, "before-restore");
    URNA_RETURN_IF_ERROR(PutInPlace(LedgerPath(made), ledger, report_->kept));
    report_->key_missing = !Exists(LogKeyPath(options_.data));
    if (!Exists(TokenPath(options_.data))) {
      report_->new_token = true;
      crypto::SystemRng rng;
      URNA_RETURN_IF_ERROR(MakeToken(TokenPath(options_.data), rng));
    }
    if (LoadIdentity(options_.data).ok()) return absl::OkStatus();
    return WriteIdentity(options_.data, report_->board);  // last: with it the board exists
  }

  // The newest of every log.
  absl::Status WriteCheckpoints(const std::string& directory) const {
    for (const auto& [origin, checkpoints] : known_) {
      const Known* newest = &checkpoints.front();
      for (const Known& known : checkpoints) {
        if (known.checkpoint.size() > newest->checkpoint.size()) newest = &known;
      }
      URNA_RETURN_IF_ERROR(PublishCheckpoint(directory, origin, newest->note));
    }
    return absl::OkStatus();
  }

  const RestoreOptions& options_;
  std::optional<RestoreReport> report_;
  std::unique_ptr<Ledger> backup_;
  std::map<std::string, std::vector<Known>> known_;
  std::map<std::string, Source> sources_;
  std::vector<std::string> order_;  // of the logs, as they were begun
};

}  // namespace

absl::StatusOr<RestoreReport> Restore(const RestoreOptions& options) {
  return Restorer(options).Run();
}

}  // namespace urna::server
