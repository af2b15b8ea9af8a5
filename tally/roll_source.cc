#include "tally/roll_source.h"

#include "core/base/status.h"
#include "core/record/directory.h"
#include "tally/roll_log.h"

namespace urna::tally {
namespace {

using Roll = std::shared_ptr<const roll::RollState>;

absl::StatusOr<Roll> ReadDirectory(const std::string& directory, const Context& context) {
  URNA_ASSIGN_OR_RETURN(const record::LogReader log, record::LogReader::Open(directory));
  RollReplay replay(true, context.threads, context.ShowProgress("enrolments verified"), log.size());
  URNA_RETURN_IF_ERROR(log.ForEachEntry(
      0, log.size(), [&](uint64_t, ByteSpan bytes) { return replay.Take(bytes); }));
  URNA_RETURN_IF_ERROR(replay.Finish());
  if (replay.state() == nullptr) return absl::DataLossError("the roll's log is empty");
  if (replay.root() != log.checkpoint().root()) {
    return absl::DataLossError("the roll's entries are not those of its checkpoint");
  }
  return replay.LastEpoch();
}

absl::StatusOr<Roll> ReadFromBoard(const std::string& origin, const console::BoardOptions& options,
                                   const Context& context) {
  URNA_ASSIGN_OR_RETURN(remote::BoardClient board, options.Connect());
  URNA_ASSIGN_OR_RETURN(const remote::PollSummary summary, board.GetPoll(origin));
  RollReplay replay(true, context.threads, context.ShowProgress("enrolments verified"),
                    summary.tree_size);
  URNA_RETURN_IF_ERROR(ReadRollFromBoard(board, origin, replay));
  return replay.LastEpoch();
}

}  // namespace

void RollOptions::AddTo(CLI::App& command) {
  command.add_option("--roll", roll, "Origin of the roll's log on the board");
  command.add_option("--roll-record", roll_record, "The roll's log on disk, instead of --roll");
}

absl::StatusOr<Roll> RollOptions::Read(const console::BoardOptions& board,
                                       const Context& context) const {
  if (roll_record.empty() && (roll.empty() || !board.given())) {
    return absl::InvalidArgumentError(
        "a roll is needed: give --roll ORIGIN with --server, or --roll-record DIR");
  }
  URNA_ASSIGN_OR_RETURN(const Roll read, roll_record.empty() ? ReadFromBoard(roll, board, context)
                                                             : ReadDirectory(roll_record, context));
  if (read->sealed()) return read;
  return absl::FailedPreconditionError("the roll is not sealed: `urna-tally roll publish` first");
}

}  // namespace urna::tally
