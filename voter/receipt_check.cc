#include "voter/receipt_check.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/tlog_proof.h"
#include "core/record/entry_types.h"
#include "voter/history.h"
#include "voter/receipt_verifier.h"

namespace urna::voter {
namespace {

// What makes a log tell less: anonymous ballots and acts are known by their types.
bool IsAnonymous(const ReceiptStore& store, const std::vector<StoredAct>& acts) {
  return std::any_of(acts.begin(), acts.end(), [&store](const StoredAct& act) {
    const absl::StatusOr<Bytes> entry = store.ReadEntry(act.sequence);
    if (!entry.ok() || entry->empty()) return false;
    const auto type = static_cast<record::EntryType>(entry->front());
    return type == record::EntryType::kRingAct || type == record::EntryType::kTagAct ||
           type == record::EntryType::kRingBallot || type == record::EntryType::kTagBallot;
  });
}

// The sizes of all trees that the store has checkpoints of.
absl::StatusOr<std::set<uint64_t>> SizesOf(const ReceiptStore& store,
                                           const std::vector<uint64_t>& sequences) {
  std::set<uint64_t> sizes;
  std::vector<std::string> notes;
  URNA_ASSIGN_OR_RETURN(const std::optional<std::string> newest, store.ReadCheckpoint());
  if (newest.has_value()) notes.push_back(*newest);
  for (uint64_t sequence : sequences) {
    const absl::StatusOr<Bytes> file = store.ReadReceipt(sequence);
    if (!file.ok()) continue;
    const absl::StatusOr<merkle::TlogProof> proof = merkle::TlogProof::Parse(*file);
    if (proof.ok()) notes.emplace_back(proof->checkpoint_note());
  }
  for (const std::string& note : notes) {
    const absl::StatusOr<SeenCheckpoint> seen = OpenSeen(note, store.label().log);
    if (seen.ok()) sizes.insert(seen->checkpoint.size());
  }
  return sizes;
}

absl::StatusOr<uint64_t> CheckOne(const SameHistory& same, const ReceiptStore& store,
                                  uint64_t sequence, const SeenCheckpoint& now,
                                  ReceiptVerifier& verifier) {
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
  if (then.size() > now.checkpoint.size()) {
    return absl::DataLossError("the receipt's checkpoint is newer than the newest that is shown");
  }
  const absl::Status status = same(then, now.checkpoint);
  if (absl::IsDataLoss(status)) {
    URNA_ASSIGN_OR_RETURN(const std::string evidence,
                          store.SaveEvidence(status.message(), proof.checkpoint_note(), now.note));
    return absl::DataLossError(
        absl::StrCat(status.message(), "; both signed checkpoints are in ", evidence));
  }
  URNA_RETURN_IF_ERROR(status);
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

// What the whole log says of the credential or tag.
void TakeWholeLog(const ReceiptStore& store, const std::vector<StoredAct>& acts,
                  const WholeLog& log, ReceiptReport& report) {
  std::set<merkle::Hash> known;
  for (const StoredAct& act : acts) {
    const absl::StatusOr<Bytes> entry = store.ReadEntry(act.sequence);
    if (entry.ok()) known.insert(merkle::LeafHash(*entry));
  }
  report.revoked = log.revoked;
  for (const OwnAct& act : log.acts) {
    if (!known.contains(act.leaf_hash)) report.unknown.push_back(act);
    if (act.kind == Submission::kChallenge) continue;
    if (!report.last.has_value() || act.sequence > report.last->sequence) report.last = act;
  }
  report.bytes_read = log.bytes;
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
  URNA_ASSIGN_OR_RETURN(const std::vector<StoredAct> acts, store.Acts());
  URNA_ASSIGN_OR_RETURN(const SeenCheckpoint now, CurrentCheckpoint(board, store.label().log));
  ReceiptReport report;
  report.anonymous = IsAnonymous(store, acts);
  report.whole_log = report.anonymous || now.checkpoint.size() <= options.whole_log_limit;
  SameHistory same = AskTheBoard(board);
  if (report.whole_log) {
    URNA_ASSIGN_OR_RETURN(const std::set<uint64_t> sizes, SizesOf(store, wanted));
    URNA_ASSIGN_OR_RETURN(WholeLog log, ReadWholeLog(board, now, store.label().credential, sizes));
    TakeWholeLog(store, acts, log, report);
    same = KnowTheLog(now.checkpoint, std::move(log.roots));
  }
  URNA_RETURN_IF_ERROR(RememberNewest(same, store, now));
  report.origin = store.label().origin;
  report.directory = store.directory();
  report.size = now.checkpoint.size();
  URNA_ASSIGN_OR_RETURN(report.pending, store.Pending());
  if (options.witnesses != nullptr) {
    URNA_ASSIGN_OR_RETURN(report.final_size, FinalSize(board, store, now, *options.witnesses));
  }
  ReceiptVerifier verifier(store.label().log);
  for (uint64_t sequence : wanted) {
    const absl::StatusOr<uint64_t> index = CheckOne(same, store, sequence, now, verifier);
    if (IsTransient(index.status())) return index.status();
    CheckedReceipt& receipt =
        report.receipts.emplace_back(CheckedReceipt{sequence, index.value_or(0), index.status()});
    // The receipt's tree and the final one both begin the tree of now, or it begins them.
    if (index.ok() && report.final_size.has_value()) receipt.final = *index < *report.final_size;
  }
  return report;
}

}  // namespace urna::voter
