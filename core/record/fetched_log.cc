#include "core/record/fetched_log.h"

#include <variant>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/record/directory.h"
#include "core/record/entry.h"
#include "core/record/log_links.h"

namespace urna::record {

absl::StatusOr<merkle::Checkpoint> OpenFetchedCheckpoint(absl::string_view origin, ByteSpan note,
                                                         ByteSpan first_entry) {
  URNA_ASSIGN_OR_RETURN(const Entry entry, DecodeEntry(first_entry));
  const std::optional<LogIdentity> identity = IdentityOf(entry);
  if (!identity.has_value()) {
    return absl::DataLossError(absl::StrCat("the log '", origin, "' begins with neither manifest ",
                                            "nor roll header but with: ", EntryName(entry)));
  }
  URNA_ASSIGN_OR_RETURN(const crypto::VerifyKey key, crypto::VerifyKey::Decode(identity->log_key));
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log, merkle::NoteVerifier::Create(origin, key));
  return merkle::OpenCheckpoint(note, log, merkle::OtherSignatures::kIgnored);
}

absl::StatusOr<std::optional<roll::RollPin>> FindPin(const std::string& directory) {
  URNA_ASSIGN_OR_RETURN(const LogReader log, LogReader::Open(directory));
  std::optional<roll::RollPin> pin;
  const absl::Status read =
      log.ForEachEntry(1, log.size(), [&pin](uint64_t, ByteSpan bytes) -> absl::Status {
        URNA_ASSIGN_OR_RETURN(const Entry entry, DecodeEntry(bytes));
        pin = PinOf(entry);
        // The rest need not be read.
        return pin.has_value() ? absl::CancelledError() : absl::OkStatus();
      });
  if (!read.ok() && !absl::IsCancelled(read)) return read;
  return pin;
}

absl::Status CheckPinnedRoll(const std::string& directory, const roll::RollPin& pin) {
  URNA_ASSIGN_OR_RETURN(const LogReader log, LogReader::Open(directory));
  URNA_ASSIGN_OR_RETURN(const Bytes first, log.ReadEntry(0));
  URNA_ASSIGN_OR_RETURN(const Entry entry, DecodeEntry(first));
  const auto* header = std::get_if<roll::SignedRollHeader>(&entry);
  if (header == nullptr || roll::RollId(header->body) != pin.roll_id) {
    return absl::DataLossError("the board's roll is not the one that the opening order names");
  }
  if (pin.size <= log.size()) {
    URNA_ASSIGN_OR_RETURN(const merkle::CompactTree then,
                          merkle::CompactTree::Resume(pin.size, log.nodes()));
    if (then.root() == pin.root) return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat("the board's roll '", log.checkpoint().origin(), "' has ",
                                          log.size(), " entries and is not the one of ", pin.size,
                                          " that the opening order pins"));
}

}  // namespace urna::record
