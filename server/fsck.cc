#include "server/fsck.h"

#include <sys/stat.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/checkpoint.h"
#include "core/record/entry.h"
#include "core/record/log_links.h"
#include "server/checkpoint_files.h"
#include "server/ledger_builder.h"
#include "server/ledger_check.h"
#include "server/recovery.h"
#include "server/witness_setup.h"

namespace urna::server {
namespace {

constexpr absl::string_view kFetchCheckpoint =
    "Put the log's newest checkpoint there, as the mirrors and witnesses have it: it is signed, so "
    "a wrong one is noticed";

// What one log's entries say, gathered on the way through them.
struct Walked {
  std::string origin;                          // by the first entry; empty if it begins no log
  std::optional<merkle::Hash> published_root;  // of as many entries as were published
};

class Check {
 public:
  Check(const FsckOptions& options, BoardIdentity board)
      : options_(options), report_{std::move(board), {}, 0, false, false, {}, {}, ""} {}

  absl::StatusOr<FsckReport> Run() {
    const std::string ledger = LedgerPath(options_.data);
    struct stat info {};
    if (::stat(ledger.c_str(), &info) != 0) {
      Find(Cure::kRestore, absl::StrCat("there is no ledger in '", ledger, "'"));
      return std::move(report_);
    }
    URNA_ASSIGN_OR_RETURN(const std::unique_ptr<LedgerLock> lock, LedgerLock::Take(ledger));
    CheckKey();
    ReadFiles();
    URNA_RETURN_IF_ERROR(Walk(ledger));
    if (options_.repair && !report_.findings.empty()) URNA_RETURN_IF_ERROR(Repair(ledger));
    if (report_.findings.empty() && !report_.rules_checked) {
      const absl::Status replayed = PutToRules(ledger);
      if (!replayed.ok()) Find(Cure::kRestore, std::string(replayed.message()));
    }
    return std::move(report_);
  }

 private:
  void Find(Cure cure, std::string sentence) {
    report_.findings.push_back({cure, std::move(sentence)});
  }

  // A backup has no key; where there is one it must be the board's.
  void CheckKey() {
    const std::string path =
        options_.log_key_file.empty() ? LogKeyPath(options_.data) : options_.log_key_file;
    const absl::Status key = LoadLogKey(path, report_.board).status();
    if (absl::IsNotFound(key)) return;
    report_.key_seen = true;
    if (!key.ok()) Find(Cure::kByHand, std::string(key.message()));
  }

  // Reads the published checkpoints, each by itself.
  void ReadFiles() {
    const std::string directory = CheckpointsPath(options_.data);
    absl::StatusOr<std::vector<std::string>> names = ListCheckpoints(directory);
    if (!names.ok()) {
      Find(Cure::kByHand, absl::StrCat(names.status().message(), ". ", kFetchCheckpoint));
      return;
    }
    for (const std::string& name : *names) {
      absl::StatusOr<merkle::Checkpoint> checkpoint = OpenFile(directory, name);
      if (checkpoint.ok()) {
        published_.emplace(checkpoint->origin(), *std::move(checkpoint));
      } else {
        unreadable_.insert(name);
        Find(Cure::kByHand, absl::StrCat(checkpoint.status().message(), ". ", kFetchCheckpoint));
      }
    }
  }

  absl::StatusOr<merkle::Checkpoint> OpenFile(const std::string& directory,
                                              const std::string& name) const {
    URNA_ASSIGN_OR_RETURN(const auto file, ReadCheckpoint(directory, name));
    URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier key,
                          merkle::NoteVerifier::Create(file.first, report_.board.log_key));
    absl::StatusOr<merkle::Checkpoint> checkpoint =
        merkle::OpenCheckpoint(AsBytes(file.second), key, merkle::OtherSignatures::kIgnored);
    if (checkpoint.ok()) return checkpoint;
    return Annotate(checkpoint.status(),
                    absl::StrCat("'", directory, "/", name, "' is not this board's"));
  }

  absl::Status Visit(LogNumber log, uint64_t index, ByteSpan bytes,
                     const merkle::CompactTree& tree) {
    Walked& walked = walked_[log];
    if (index == 0) {
      const absl::StatusOr<record::Entry> entry = record::DecodeEntry(bytes);
      const auto identity = entry.ok() ? record::IdentityOf(*entry) : std::nullopt;
      if (identity.has_value()) walked.origin = identity->origin;
    }
    const auto published = published_.find(walked.origin);
    if (published != published_.end() && published->second.size() == tree.size()) {
      walked.published_root = tree.root();
    }
    return absl::OkStatus();
  }

  absl::Status Walk(const std::string& ledger) {
    absl::StatusOr<LedgerCheck> check = CheckLedger(
        ledger,
        [this](LogNumber log, uint64_t index, ByteSpan entry, const merkle::CompactTree& tree) {
          return Visit(log, index, entry, tree);
        },
        Begin(options_.progress, "entries compared"));
    if (absl::IsDataLoss(check.status())) {
      Find(Cure::kRestore, std::string(check.status().message()));
      return absl::OkStatus();
    }
    URNA_RETURN_IF_ERROR(check.status());
    report_.rows = check->rows;
    for (LedgerProblem& problem : check->problems) {
      Find(problem.derived ? Cure::kRepair : Cure::kRestore, std::move(problem.sentence));
    }
    std::map<std::string, merkle::Checkpoint> without_log = published_;
    for (LogInfo& info : check->logs) {
      CheckLog(info, walked_[info.number]);
      without_log.erase(info.origin);
    }
    for (const auto& [origin, checkpoint] : without_log) {
      Find(Cure::kRestore, absl::StrCat("log '", origin, "': a checkpoint of ", checkpoint.size(),
                                        " entries was published, but the ledger has no such log"));
    }
    return absl::OkStatus();
  }

  // Compares what the entries of one log say with its name and its published checkpoint.
  void CheckLog(LogInfo& info, const Walked& walked) {
    if (walked.origin.empty()) {
      Find(Cure::kRestore, absl::StrCat("log ", info.number, ": its first entry begins no log"));
      return;
    }
    if (!info.origin.empty() && info.origin != walked.origin) {
      Find(Cure::kRepair,
           absl::StrCat("log '", walked.origin, "': its name is stored as '", info.origin, "'"));
    }
    info.origin = walked.origin;
    const auto found = published_.find(info.origin);
    FsckLog& log = report_.logs.emplace_back(FsckLog{info, std::nullopt});
    if (found == published_.end()) {
      if (info.head.size == 1) return;  // the server broke off before its first; it makes one
      if (unreadable_.count(CheckpointFileName(info.origin)) != 0) return;  // that was said
      Find(Cure::kByHand, absl::StrCat("log '", info.origin, "': '",
                                       CheckpointFileName(info.origin), "' is missing in '",
                                       CheckpointsPath(options_.data), "'. ", kFetchCheckpoint));
      return;
    }
    const merkle::Checkpoint& published = found->second;
    log.published = published.size();
    if (published.size() > info.head.size) {
      Find(Cure::kRestore,
           absl::StrCat("log '", info.origin, "': a checkpoint of ", published.size(),
                        " entries was published, but only ", info.head.size, " are there"));
    } else if (walked.published_root != published.root()) {
      Find(Cure::kRestore, absl::StrCat("log '", info.origin, "': its first ", published.size(),
                                        " entries are not those of the published checkpoint"));
    }
  }

  // Puts all entries to the rules again, and looks for every tree that witnesses have cosigned.
  absl::Status PutToRules(const std::string& ledger) {
    LedgerOptions read_only;
    read_only.mode = LedgerMode::kReadOnly;
    URNA_ASSIGN_OR_RETURN(const std::unique_ptr<Ledger> opened, Ledger::Open(ledger, read_only));
    URNA_ASSIGN_OR_RETURN(const auto cosigned, ReadCosigned(options_.data));
    URNA_RETURN_IF_ERROR(CheckCosigned(cosigned, *opened, report_.board));
    URNA_RETURN_IF_ERROR(ReplayLogs(*opened, CheckpointsPath(options_.data), report_.board.log_key,
                                    Replay::kCheckingRules,
                                    Begin(options_.progress, "entries put to the rules"))
                             .status());
    report_.rules_checked = true;
    return absl::OkStatus();
  }

  // Makes a new ledger of the entries and puts it in the place of the old one.
  absl::Status Repair(const std::string& ledger) {
    for (const FsckFinding& finding : report_.findings) {
      if (finding.cure != Cure::kRepair) return absl::OkStatus();  // the report says why not
    }
    const std::string made = absl::StrCat(ledger, ".new");
    if (struct stat info{}; ::stat(made.c_str(), &info) == 0) {
      URNA_RETURN_IF_ERROR(PutInPlace(made, FreeName(ledger, "unfinished"), ""));
    }
    URNA_ASSIGN_OR_RETURN(const std::unique_ptr<LedgerBuilder> builder,
                          LedgerBuilder::Create(made));
    const auto add = [&](LogNumber log, uint64_t, ByteSpan entry, const merkle::CompactTree&) {
      return builder->Add(walked_[log].origin, entry);
    };
    URNA_RETURN_IF_ERROR(
        CheckLedger(ledger, add, Begin(options_.progress, "entries written anew")).status());
    URNA_ASSIGN_OR_RETURN(const std::vector<LogInfo> logs, builder->Finish());
    for (size_t i = 0; i < report_.logs.size(); ++i) {
      const LogInfo& wanted = report_.logs[i].info;
      if (logs.size() != report_.logs.size() || logs[i].origin != wanted.origin ||
          logs[i].head != wanted.head) {
        return absl::DataLossError(
            absl::StrCat("the ledger made anew in '", made, "' is not that of the entries"));
      }
    }
    URNA_RETURN_IF_ERROR(PutToRules(made));
    report_.kept = FreeName(ledger, "damaged");
    URNA_RETURN_IF_ERROR(PutInPlace(made, ledger, report_.kept));
    report_.repaired = std::exchange(report_.findings, {});
    return absl::OkStatus();
  }

  const FsckOptions& options_;
  FsckReport report_;
  std::map<std::string, merkle::Checkpoint> published_;
  std::set<std::string> unreadable_;  // files
  std::map<LogNumber, Walked> walked_;
};

}  // namespace

absl::StatusOr<FsckReport> Fsck(const FsckOptions& options) {
  URNA_ASSIGN_OR_RETURN(BoardIdentity board, LoadIdentity(options.data));
  return Check(options, std::move(board)).Run();
}

}  // namespace urna::server
