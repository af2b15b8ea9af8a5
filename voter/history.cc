#include "voter/history.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/proof.h"

namespace urna::voter {
namespace {

absl::Status TwoHistories(const merkle::Checkpoint& older, const merkle::Checkpoint& newer) {
  return absl::DataLossError(absl::StrCat(
      "the log '", older.origin(), "' shows two histories: its checkpoint of ", newer.size(),
      " entries does not contain its checkpoint of ", older.size(), " entries"));
}

absl::Status Remember(const SameHistory& same, const ReceiptStore& store,
                      const SeenCheckpoint& seen, bool may_be_older) {
  URNA_ASSIGN_OR_RETURN(const std::optional<std::string> note, store.ReadCheckpoint());
  if (!note.has_value()) return store.SaveCheckpoint(seen.note);
  absl::StatusOr<SeenCheckpoint> known = OpenSeen(*note, store.label().log);
  if (!known.ok()) {
    return Annotate(known.status(), absl::StrCat(store.directory(), "/checkpoint"));
  }
  const merkle::Checkpoint& before = known->checkpoint;
  const merkle::Checkpoint& now = seen.checkpoint;
  absl::Status status = absl::OkStatus();
  if (now.size() < before.size() && !may_be_older) {
    status = absl::DataLossError(absl::StrCat("the log '", now.origin(), "' has shrunk from ",
                                              before.size(), " to ", now.size(), " entries"));
  } else {
    status = same(before, now);
  }
  if (absl::IsDataLoss(status)) {
    URNA_ASSIGN_OR_RETURN(const std::string evidence,
                          store.SaveEvidence(status.message(), known->note, seen.note));
    return absl::DataLossError(absl::StrCat(status.message(), "; both signed checkpoints are in ",
                                            evidence, ": show them to the officers and auditors"));
  }
  URNA_RETURN_IF_ERROR(status);
  return now.size() > before.size() ? store.SaveCheckpoint(seen.note) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<SeenCheckpoint> OpenSeen(absl::string_view note, const merkle::NoteVerifier& log) {
  URNA_ASSIGN_OR_RETURN(
      merkle::Checkpoint checkpoint,
      merkle::OpenCheckpoint(AsBytes(note), log, merkle::OtherSignatures::kIgnored));
  return SeenCheckpoint{std::string(note), std::move(checkpoint)};
}

absl::StatusOr<SeenCheckpoint> CurrentCheckpoint(Board& board, const merkle::NoteVerifier& log) {
  URNA_ASSIGN_OR_RETURN(const std::string note, board.GetCheckpoint(log.name()));
  absl::StatusOr<SeenCheckpoint> seen = OpenSeen(note, log);
  if (!seen.ok()) {
    return absl::DataLossError(
        absl::StrCat("the board's checkpoint of '", log.name(), "': ", seen.status().message()));
  }
  return seen;
}

absl::Status CheckSameHistory(Board& board, const merkle::Checkpoint& a,
                              const merkle::Checkpoint& b) {
  const merkle::Checkpoint& older = a.size() <= b.size() ? a : b;
  const merkle::Checkpoint& newer = a.size() <= b.size() ? b : a;
  std::vector<merkle::Hash> proof;
  if (older.size() > 0 && older.size() < newer.size()) {
    URNA_ASSIGN_OR_RETURN(proof,
                          board.GetConsistencyProof(older.origin(), older.size(), newer.size()));
  }
  const absl::Status status =
      merkle::VerifyConsistency(older.size(), older.root(), newer.size(), newer.root(), proof);
  return status.ok() ? status : TwoHistories(older, newer);
}

SameHistory AskTheBoard(Board& board) {
  return [&board](const merkle::Checkpoint& a, const merkle::Checkpoint& b) {
    return CheckSameHistory(board, a, b);
  };
}

SameHistory KnowTheLog(const merkle::Checkpoint& newest, std::map<uint64_t, merkle::Hash> roots) {
  roots[newest.size()] = newest.root();
  return
      [newest, roots = std::move(roots)](const merkle::Checkpoint& a, const merkle::Checkpoint& b) {
        for (const merkle::Checkpoint* one : {&a, &b}) {
          const auto root = roots.find(one->size());
          if (root == roots.end()) {
            return absl::InternalError(
                absl::StrCat("the tree of ", one->size(), " entries was not looked at"));
          }
          if (root->second != one->root()) return TwoHistories(*one, newest);
        }
        return absl::OkStatus();
      };
}

absl::Status RememberNewest(const SameHistory& same, const ReceiptStore& store,
                            const SeenCheckpoint& seen) {
  return Remember(same, store, seen, false);
}

absl::Status RememberReceipt(const SameHistory& same, const ReceiptStore& store,
                             const SeenCheckpoint& seen) {
  return Remember(same, store, seen, true);
}

}  // namespace urna::voter
