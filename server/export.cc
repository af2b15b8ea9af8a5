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
#include "server/witness_setup.h"

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
           std::map<std::string, std::string> notes, std::map<std::string, std::string> cosigned)
      : identity_(std::move(identity)),
        ledger_(std::move(ledger)),
        notes_(std::move(notes)),
        cosigned_(std::move(cosigned)) {}

  // Under the last published checkpoint.
  absl::StatusOr<Published> Find(absl::string_view origin) const {
    const auto note = notes_.find(std::string(origin));
    if (note == notes_.end()) return NotPublished(origin);
    return FindUnder(origin, note->second);
  }

  // Under the largest that has met the witness quorum, if one is there.
  absl::StatusOr<Published> FindFinal(absl::string_view origin) const {
    const auto note = cosigned_.find(std::string(origin));
    return note == cosigned_.end() ? Find(origin) : FindUnder(origin, note->second);
  }

  absl::StatusOr<Published> FindUnder(absl::string_view origin, const std::string& note) const {
    const std::optional<LogInfo> info = ledger_->Find(origin);
    if (!info.has_value()) return NotPublished(origin);
    URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log,
                          merkle::NoteVerifier::Create(origin, identity_.log_key));
    URNA_ASSIGN_OR_RETURN(
        const merkle::Checkpoint checkpoint,
        merkle::OpenCheckpoint(AsBytes(note), log, merkle::OtherSignatures::kIgnored));
    return Published{*info, note, checkpoint.size()};
  }

  absl::Status NotPublished(absl::string_view origin) const {
    return absl::NotFoundError(
        absl::StrCat("board '", identity_.name, "' has no published log '", origin, "'"));
  }

  absl::Status Write(const Published& log, const std::string& directory,
                     const ProgressOf& progress_of) const {
    const Progress progress =
        Begin(progress_of, absl::StrCat("entries of ", log.info.origin, " written"));
    const auto entries = [&](uint64_t index) {
      if (progress) progress(index + 1, log.size);
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
      if (roll.size >= pin.size) return roll;
      return absl::DataLossError(absl::StrCat("roll '", info.origin, "' has ", roll.size,
                                              " entries, not the ", pin.size, " that are pinned"));
    }
    return absl::DataLossError("the pinned roll is not on this board");
  }

 private:
  BoardIdentity identity_;
  std::unique_ptr<Ledger> ledger_;
  std::map<std::string, std::string> notes_;
  std::map<std::string, std::string> cosigned_;
};

}  // namespace

absl::StatusOr<Exported> ExportRecord(const std::string& data, absl::string_view origin,
                                      const std::string& record, ExportAt at,
                                      const ProgressOf& progress) {
  URNA_ASSIGN_OR_RETURN(BoardIdentity identity, LoadIdentity(data));
  LedgerOptions options;
  options.mode = LedgerMode::kReadOnly;
  URNA_ASSIGN_OR_RETURN(auto notes, ReadCheckpoints(CheckpointsPath(data)));
  URNA_ASSIGN_OR_RETURN(auto cosigned, ReadCosigned(data));
  URNA_ASSIGN_OR_RETURN(std::unique_ptr<Ledger> ledger, Ledger::Open(LedgerPath(data), options));
  const Exporter exporter(std::move(identity), std::move(ledger), std::move(notes),
                          std::move(cosigned));
  URNA_ASSIGN_OR_RETURN(const Published newest, exporter.Find(origin));
  Published poll = newest;
  if (at == ExportAt::kFinal) {
    URNA_ASSIGN_OR_RETURN(poll, exporter.FindFinal(origin));
  }
  const Exported exported{poll.size, newest.size};
  URNA_RETURN_IF_ERROR(exporter.Write(poll, record::PollDirectory(record), progress));
  URNA_ASSIGN_OR_RETURN(const std::optional<roll::RollPin> pin, exporter.FindPin(poll));
  if (!pin.has_value()) return exported;
  URNA_ASSIGN_OR_RETURN(const Published roll, exporter.FindRoll(*pin));
  URNA_RETURN_IF_ERROR(exporter.Write(roll, record::RollDirectory(record, pin->roll_id), progress));
  return exported;
}

}  // namespace urna::server
