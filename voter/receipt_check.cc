#include "voter/receipt_check.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/tlog_proof.h"
#include "voter/history.h"
#include "voter/receipt_verifier.h"

namespace urna::voter {
namespace {

absl::StatusOr<uint64_t> CheckOne(Board& board, const ReceiptStore& store, uint64_t sequence,
                                  const SeenCheckpoint& now, ReceiptVerifier& verifier) {
  URNA_ASSIGN_OR_RETURN(const Bytes entry, store.ReadEntry(sequence));
  URNA_ASSIGN_OR_RETURN(const Bytes file, store.ReadReceipt(sequence));
  URNA_ASSIGN_OR_RETURN(const merkle::TlogProof proof, merkle::TlogProof::Parse(file));
  const std::optional<ActHead> head = ReadActHead(entry);
  if (!head.has_value() || head->sequence != sequence || head->id != store.label().credential) {
    return absl::DataLossError(absl::StrCat(store.EntryPath(sequence), " is not number ", sequence,
                                            " of the credential or tag"));
  }
  URNA_ASSIGN_OR_RETURN(const merkle::Checkpoint then,
                        verifier.VerifyFile(file, merkle::LeafHash(entry)));
  const absl::Status status = CheckSameHistory(board, then, now.checkpoint);
  if (absl::IsDataLoss(status)) {
    URNA_ASSIGN_OR_RETURN(const std::string evidence,
                          store.SaveEvidence(status.message(), proof.checkpoint_note(), now.note));
    return absl::DataLossError(
        absl::StrCat(status.message(), "; both signed checkpoints are in ", evidence));
  }
  URNA_RETURN_IF_ERROR(status);
  if (then.size() > now.checkpoint.size()) {
    return absl::DataLossError("the receipt's checkpoint is newer than the newest that is shown");
  }
  return proof.index();
}

// How many entries are final: those of the largest checkpoint, of the two that the board shows,
// that meets the quorum, once that is known to be of the same history as `now`.
absl::StatusOr<uint64_t> FinalSize(Board& board, const ReceiptStore& store,
                                   const SeenCheckpoint& now,
                                   const merkle::WitnessPolicy& witnesses) {
  const merkle::NoteVerifier& log = store.label().log;
  URNA_ASSIGN_OR_RETURN(const std::optional<std::string> shown,
                        board.GetFinalCheckpoint(log.name()));
  uint64_t size = 0;
  for (const std::optional<std::string>& note : {std::optional<std::string>(now.note), shown}) {
    if (!note.has_value()) continue;
    const absl::StatusOr<merkle::WitnessedCheckpoint> opened = witnesses.Open(AsBytes(*note), log);
    if (!opened.ok()) {
      return absl::DataLossError(absl::StrCat("the board's final checkpoint of '", log.name(),
                                              "': ", opened.status().message()));
    }
    if (!opened->witnessing.quorum_met) continue;
    const absl::Status same = CheckSameHistory(board, opened->checkpoint, now.checkpoint);
    if (absl::IsDataLoss(same)) {
      URNA_ASSIGN_OR_RETURN(const std::string evidence,
                            store.SaveEvidence(same.message(), *note, now.note));
      return absl::DataLossError(
          absl::StrCat(same.message(), "; both signed checkpoints are in ", evidence));
    }
    URNA_RETURN_IF_ERROR(same);
    size = std::max(size, opened->checkpoint.size());
  }
  return size;
}

absl::StatusOr<std::vector<uint64_t>> Wanted(const ReceiptStore& store,
                                             const std::vector<uint64_t>& sequences) {
  URNA_ASSIGN_OR_RETURN(const std::vector<StoredAct> acts, store.Acts());
  std::vector<uint64_t> with_receipt;
  for (const StoredAct& act : acts) {
    if (act.receipt) with_receipt.push_back(act.sequence);
  }
  if (sequences.empty()) return with_receipt;
  for (uint64_t sequence : sequences) {
    if (std::find(with_receipt.begin(), with_receipt.end(), sequence) == with_receipt.end()) {
      return absl::NotFoundError(absl::StrCat("there is no receipt ", store.ReceiptPath(sequence)));
    }
  }
  return sequences;
}

absl::Status LookForOthers(Board& board, const ReceiptStore& store, const SeenCheckpoint& now,
                           ReceiptReport& report) {
  std::set<merkle::Hash> known;
  URNA_ASSIGN_OR_RETURN(const std::vector<StoredAct> acts, store.Acts());
  for (const StoredAct& act : acts) {
    const absl::StatusOr<Bytes> entry = store.ReadEntry(act.sequence);
    if (entry.ok()) known.insert(merkle::LeafHash(*entry));
  }
  URNA_ASSIGN_OR_RETURN(const OwnStanding own,
                        FindOwnStanding(board, now, store.label().credential));
  report.revoked = own.revoked;
  for (const OwnAct& act : own.acts) {
    if (!known.contains(act.leaf_hash)) report.unknown.push_back(act);
    if (act.kind == Submission::kChallenge) continue;
    if (!report.last.has_value() || act.sequence > report.last->sequence) report.last = act;
  }
  report.whole_log = true;
  return absl::OkStatus();
}

}  // namespace

bool ReceiptReport::Provisional() const {
  return std::any_of(receipts.begin(), receipts.end(), [](const CheckedReceipt& receipt) {
    return receipt.final.has_value() && !*receipt.final;
  });
}

bool ReceiptReport::Good() const {
  for (const CheckedReceipt& receipt : receipts) {
    if (!receipt.status.ok()) return false;
  }
  return std::none_of(unknown.begin(), unknown.end(), [&](const OwnAct& act) {
    return !last.has_value() || act.sequence >= last->sequence;
  });
}

absl::StatusOr<ReceiptReport> CheckReceipts(Board& board, const ReceiptStore& store,
                                            const std::vector<uint64_t>& sequences,
                                            const CheckOptions& options) {
  URNA_ASSIGN_OR_RETURN(const std::vector<uint64_t> wanted, Wanted(store, sequences));
  URNA_ASSIGN_OR_RETURN(const SeenCheckpoint now, CurrentCheckpoint(board, store.label().log));
  URNA_RETURN_IF_ERROR(RememberNewest(board, store, now));
  ReceiptReport report;
  report.origin = store.label().origin;
  report.directory = store.directory();
  report.size = now.checkpoint.size();
  URNA_ASSIGN_OR_RETURN(report.pending, store.Pending());
  if (options.witnesses != nullptr) {
    URNA_ASSIGN_OR_RETURN(report.final_size, FinalSize(board, store, now, *options.witnesses));
  }
  ReceiptVerifier verifier(store.label().log);
  for (uint64_t sequence : wanted) {
    const absl::StatusOr<uint64_t> index = CheckOne(board, store, sequence, now, verifier);
    if (IsTransient(index.status())) return index.status();
    CheckedReceipt& receipt =
        report.receipts.emplace_back(CheckedReceipt{sequence, index.value_or(0), index.status()});
    // The receipt's tree and the final one both begin the tree of now, or it begins them.
    if (index.ok() && report.final_size.has_value()) receipt.final = *index < *report.final_size;
  }
  if (report.size <= options.whole_log_limit) {
    URNA_RETURN_IF_ERROR(LookForOthers(board, store, now, report));
  }
  return report;
}

}  // namespace urna::voter
