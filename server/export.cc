#include "server/export.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/checkpoint.h"
#include "core/record/directory.h"
#include "core/record/entry.h"
#include "core/record/log_links.h"
#include "server/checkpoint_files.h"
#include "server/data_directory.h"
#include "server/ledger.h"

namespace urna::server {
namespace {

// One log under its published checkpoint.
struct Published {
  LogInfo info;
  std::string note;
  uint64_t size = 0;
};

class Exporter {
 public:
  Exporter(BoardIdentity identity, std::unique_ptr<Ledger> ledger,
           std::map<std::string, std::string> notes)
      : identity_(std::move(identity)), ledger_(std::move(ledger)), notes_(std::move(notes)) {}

  absl::StatusOr<Published> Find(absl::string_view origin) const {
    const std::optional<LogInfo> info = ledger_->Find(origin);
    const auto note = notes_.find(std::string(origin));
    if (!info.has_value() || note == notes_.end()) {
      return absl::NotFoundError(
          absl::StrCat("board '", identity_.name, "' has no published log '", origin, "'"));
    }
    URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log,
                          merkle::NoteVerifier::Create(origin, identity_.log_key));
    URNA_ASSIGN_OR_RETURN(
        const merkle::Checkpoint checkpoint,
        merkle::OpenCheckpoint(AsBytes(note->second), log, merkle::OtherSignatures::kRefused));
    return Published{*info, note->second, checkpoint.size()};
  }

  absl::Status Write(const Published& log, const std::string& directory) const {
    const auto entries = [this, &log](uint64_t index) {
      return ledger_->ReadEntry(log.info.number, index);
    };
    return Annotate(record::WriteLog(directory, AsBytes(log.note), entries),
                    absl::StrCat("log '", log.info.origin, "'"));
  }

  // The roll that the poll was opened with, if it was.
  absl::StatusOr<std::optional<roll::RollPin>> FindPin(const Published& poll) const {
    std::optional<roll::RollPin> pin;
    const absl::Status read = ledger_->ReadEntries(
        poll.info.number, 0, poll.size, [&pin](uint64_t, ByteSpan bytes) -> absl::Status {
          URNA_ASSIGN_OR_RETURN(const record::Entry entry, record::DecodeEntry(bytes));
          pin = record::PinOf(entry);
          return pin.has_value() ? absl::CancelledError() : absl::OkStatus();  // found: enough
        });
    if (!read.ok() && !absl::IsCancelled(read)) return read;
    return pin;
  }

  absl::StatusOr<Published> FindRoll(const roll::RollPin& pin) const {
    for (const LogInfo& info : ledger_->Logs()) {
      URNA_ASSIGN_OR_RETURN(const Bytes bytes, ledger_->ReadEntry(info.number, 0));
      URNA_ASSIGN_OR_RETURN(const record::Entry first, record::DecodeEntry(bytes));
      const auto* header = std::get_if<roll::SignedRollHeader>(&first);
      if (header == nullptr || roll::RollId(header->body) != pin.roll_id) continue;
      URNA_ASSIGN_OR_RETURN(Published roll, Find(info.origin));
      if (roll.size == pin.size) return roll;
      return absl::DataLossError(absl::StrCat("roll '", info.origin, "' has ", roll.size,
                                              " entries, not the ", pin.size, " that are pinned"));
    }
    return absl::DataLossError("the pinned roll is not on this board");
  }

 private:
  BoardIdentity identity_;
  std::unique_ptr<Ledger> ledger_;
  std::map<std::string, std::string> notes_;
};

}  // namespace

absl::Status ExportRecord(const std::string& data, absl::string_view origin,
                          const std::string& record) {
  URNA_ASSIGN_OR_RETURN(BoardIdentity identity, LoadIdentity(data));
  LedgerOptions options;
  options.mode = LedgerMode::kReadOnly;
  URNA_ASSIGN_OR_RETURN(auto notes, ReadCheckpoints(CheckpointsPath(data)));
  URNA_ASSIGN_OR_RETURN(std::unique_ptr<Ledger> ledger, Ledger::Open(LedgerPath(data), options));
  const Exporter exporter(std::move(identity), std::move(ledger), std::move(notes));
  URNA_ASSIGN_OR_RETURN(const Published poll, exporter.Find(origin));
  URNA_RETURN_IF_ERROR(exporter.Write(poll, record::PollDirectory(record)));
  URNA_ASSIGN_OR_RETURN(const std::optional<roll::RollPin> pin, exporter.FindPin(poll));
  if (!pin.has_value()) return absl::OkStatus();
  URNA_ASSIGN_OR_RETURN(const Published roll, exporter.FindRoll(*pin));
  return exporter.Write(roll, record::RollDirectory(record, pin->roll_id));
}

}  // namespace urna::server
