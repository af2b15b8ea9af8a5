#include "tally/poll_source.h"

#include <stdlib.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/audit/audit.h"
#include "core/base/status.h"
#include "core/merkle/checkpoint.h"
#include "core/record/directory.h"
#include "tally/roll_log.h"

namespace urna::tally {
namespace {

namespace fs = std::filesystem;

// Empties a directory that holds a record and nothing else.
absl::Status ClearCache(const std::string& directory) {
  std::error_code error;
  if (!fs::exists(directory)) return absl::OkStatus();
  for (const auto& item : fs::directory_iterator(directory, error)) {
    const std::string name = item.path().filename().string();
    if (name != "poll" && !absl::StartsWith(name, "roll-")) {
      return absl::InvalidArgumentError(
          absl::StrCat(directory, ": '", name, "' is no part of a record; name another directory"));
    }
  }
  fs::remove_all(fs::path(directory) / "poll", error);
  for (const auto& item : fs::directory_iterator(directory, error)) {
    if (absl::StartsWith(item.path().filename().string(), "roll-")) {
      fs::remove_all(item.path(), error);
    }
  }
  if (error) return absl::InternalError(absl::StrCat(directory, ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace

void PollOptions::AddTo(CLI::App& command) {
  board.AddTo(command, false);
  command.add_option("--record", record, "The poll's record on disk, instead of a board");
  command.add_option("--poll", poll, "Origin of the poll's log on the board");
  command.add_option("--cache", cache,
                     "Directory for the record that is brought from the board; without it a "
                     "temporary one");
}

absl::Status PollOptions::Check() const {
  if (record.empty() == !board.given()) {
    return absl::InvalidArgumentError("give either --record, or --server and --poll");
  }
  if (board.given() && poll.empty()) {
    return absl::InvalidArgumentError("--server needs --poll: the origin of the poll's log");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<PollReader>> PollReader::Open(const PollOptions& options,
                                                             PollReplay replay) {
  URNA_RETURN_IF_ERROR(options.Check());
  std::unique_ptr<PollReader> out(new PollReader(std::move(replay)));
  out->record_ = options.record;
  out->origin_ = options.poll;
  if (options.board.given()) {
    URNA_ASSIGN_OR_RETURN(out->board_, options.board.Connect());
  }
  URNA_RETURN_IF_ERROR(out->Refresh());
  return out;
}

absl::Status PollReader::Refresh() { return board_ ? RefreshFromBoard() : ReadDirectory(); }

absl::Status PollReader::CheckCheckpoint(ByteSpan note) const {
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log, replay_.log());
  URNA_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint,
                        merkle::OpenCheckpoint(note, log, merkle::OtherSignatures::kIgnored));
  if (checkpoint.size() == replay_.size() && checkpoint.root() == replay_.root()) {
    return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat("the ", replay_.size(),
                                          " entries are not those that the log's checkpoint of ",
                                          checkpoint.size(), " entries states"));
}

absl::Status PollReader::RefreshFromBoard() {
  URNA_ASSIGN_OR_RETURN(const std::string note, board_->GetCheckpoint(origin_));
  URNA_ASSIGN_OR_RETURN(const merkle::Note parsed, merkle::Note::Parse(AsBytes(note)));
  URNA_ASSIGN_OR_RETURN(const merkle::Checkpoint claimed, merkle::Checkpoint::Parse(parsed.text()));
  if (claimed.size() < replay_.size() || claimed.size() == 0) {
    return absl::DataLossError(absl::StrCat("the board shows ", claimed.size(),
                                            " entries where there were ", replay_.size()));
  }
  if (claimed.size() > replay_.size()) {
    URNA_RETURN_IF_ERROR(
        board_->StreamEntries(origin_, replay_.size(), claimed.size(),
                              [&](uint64_t, Bytes entry) { return replay_.Take(entry); }));
  }
  if (replay_.size() == 0) return absl::DataLossError("the board has sent no entries");
  if (replay_.origin() != origin_) {
    return absl::DataLossError(absl::StrCat("the manifest is of '", replay_.origin(), "'"));
  }
  return CheckCheckpoint(AsBytes(note));
}

absl::Status PollReader::ReadDirectory() {
  URNA_ASSIGN_OR_RETURN(const record::LogReader log,
                        record::LogReader::Open(record::PollDirectory(record_)));
  if (log.checkpoint().size() > replay_.size()) {
    URNA_RETURN_IF_ERROR(
        log.ForEachEntry(replay_.size(), log.checkpoint().size(),
                         [&](uint64_t, ByteSpan bytes) { return replay_.Take(bytes); }));
  }
  if (replay_.size() == 0) return absl::DataLossError("the record has no entries");
  return CheckCheckpoint(log.checkpoint_note());
}

absl::StatusOr<RecordOnDisk> RecordOnDisk::Open(const PollOptions& options, const Context& context,
                                                remote::FetchAt at) {
  URNA_RETURN_IF_ERROR(options.Check());
  if (!options.record.empty()) return RecordOnDisk(options.record, false);
  URNA_ASSIGN_OR_RETURN(remote::BoardClient board, options.board.Connect());
  std::string directory = options.cache;
  if (directory.empty()) {
    directory = (fs::temp_directory_path() / "urna-record-XXXXXX").string();
    if (mkdtemp(directory.data()) == nullptr) {
      return absl::InternalError("no temporary directory can be made");
    }
  } else {
    URNA_RETURN_IF_ERROR(ClearCache(directory));
  }
  RecordOnDisk out(directory, options.cache.empty());
  if (context.progress) context.Say(absl::StrCat("bringing ", options.poll, " from the board"));
  URNA_RETURN_IF_ERROR(board.FetchRecord(options.poll, directory, at, context.ShowEachProgress()));
  return out;
}

RecordOnDisk::RecordOnDisk(RecordOnDisk&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, false)) {}

RecordOnDisk::~RecordOnDisk() {
  std::error_code ignored;
  if (temporary_) fs::remove_all(path_, ignored);
}

absl::StatusOr<PollReplay> RecordOnDisk::Replay(const Context& context) const {
  const std::string path = path_;
  const unsigned threads = context.threads;
  PollReplay replay(
      [path](const roll::RollPin& pin) { return ReadRollOfRecord(path, pin); },
      [path, threads](const election::ElectionState& state) -> absl::StatusOr<election::PartSums> {
        URNA_ASSIGN_OR_RETURN(const record::LogReader log,
                              record::LogReader::Open(record::PollDirectory(path)));
        return audit::SumBallots(log, state, threads);
      });
  PollOptions options;
  options.record = path_;
  URNA_ASSIGN_OR_RETURN(const std::unique_ptr<PollReader> reader,
                        PollReader::Open(options, std::move(replay)));
  return std::move(*reader).TakeReplay();
}

absl::StatusOr<remote::Receipt> PostEntry(remote::BoardClient& board,
                                          const merkle::NoteVerifier& log, ByteSpan entry) {
  URNA_ASSIGN_OR_RETURN(remote::Receipt receipt, board.Append(log.name(), entry));
  URNA_RETURN_IF_ERROR(Annotate(remote::CheckReceipt(receipt, entry, log), "the board's receipt"));
  return receipt;
}

}  // namespace urna::tally
