// Taking part in one poll with one credential: vote, vote again, sign, withdraw, send again what
// was not answered. docs/protocol.md §7, §8, §10. Challenge or cast is in sealed_voting.h.
//
// Order of things: the poll is read and verified; the next sequence number is above everything of
// this credential in the log and in the store; the bytes are on disk before they are sent; the
// answer counts only with a receipt that verifies and continues the history seen so far.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/crypto/credential.h"
#include "core/crypto/rng.h"
#include "core/election/sealed_ballot.h"
#include "core/record/entry.h"
#include "voter/board.h"
#include "voter/poll_view.h"
#include "voter/receipt_store.h"
#include "voter/ring_choice.h"
#include "voter/signing_checks.h"

namespace urna::voter {

// What was accepted.
struct Accepted {
  Submission kind = Submission::kBallot;
  uint64_t sequence = 0;
  uint64_t index = 0;
  merkle::Hash leaf_hash{};
  std::string entry_file;
  std::string receipt_file;
};

// What to do about an entry that was sent and never answered.
enum class PendingPolicy {
  kRefuse,   // FailedPrecondition: the voter decides
  kReplace,  // a new one with a higher sequence number
};

class Participant {
 public:
  // Reads and verifies the poll, compares its checkpoint with the one that the receipts directory
  // remembers, and opens that directory. Credential, secrets, roll and enrolments of `options` are
  // set here. All references must outlive it.
  static absl::StatusOr<Participant> Open(Board& board, absl::string_view origin,
                                          const crypto::Credential& credential,
                                          const std::string& receipts, ReadOptions options,
                                          crypto::Rng& rng);

  const PollView& poll() const { return poll_; }
  const ReceiptStore& store() const { return store_; }

  // The ballot style of the credential's district; elections only.
  absl::StatusOr<uint16_t> Style() const;
  // Above the highest in the log (if that was read whole) and in the store.
  absl::StatusOr<uint64_t> NextSequence() const;
  // How many ballots this credential has challenged, as far as log and store say.
  absl::StatusOr<uint64_t> ChallengesUsed() const;
  // FailedPrecondition unless voting, or collecting signatures, is under way, and if the credential
  // is known to be revoked.
  absl::Status CheckOpen() const;

  // Errors: those of ExplainRefusal with the entry kept for Retry; DataLoss if the receipt does not
  // verify; FailedPrecondition if an earlier entry is pending (kRefuse) or the poll is not open.
  // In an anonymous election as Act says of an anonymous petition.
  absl::StatusOr<Accepted> Vote(const election::Selections& selections, PendingPolicy pending,
                                const SigningChecks& checks = {});
  // The first half of Vote: sends nothing, and keeps nothing. FailedPrecondition in an anonymous
  // election, in which nobody can challenge.
  absl::StatusOr<election::SealedBallot> Seal(const election::Selections& selections,
                                              PendingPolicy pending) const;
  // Of an anonymous petition CheckBeforeSigning is asked first, and its errors are this function's;
  // those of ChooseRing too: a first act is made over a ring of the newest epoch in force, or the
  // one over which one was sent before. Acts that follow need no ring.
  absl::StatusOr<Accepted> Act(petition::Act act, PendingPolicy pending,
                               const SigningChecks& checks = {});
  // Sends the pending entry again, byte for byte. FailedPrecondition if there is none.
  absl::StatusOr<Accepted> Retry();
  // Sends an entry of this credential and sequence that was made and kept elsewhere; whoever was
  // interrupted does it again. If the store has its receipt, or the log has it already, that is the
  // answer. FailedPrecondition if the store has another entry of this sequence.
  absl::StatusOr<Accepted> SendKept(uint64_t sequence, ByteSpan entry);

 private:
  Participant(Board& board, const crypto::Credential& credential, crypto::Rng& rng, PollView poll,
              ReceiptStore store)
      : board_(&board),
        credential_(&credential),
        rng_(&rng),
        poll_(std::move(poll)),
        store_(std::move(store)) {}

  absl::Status CheckPending(PendingPolicy pending) const;
  absl::StatusOr<bool> HasActed() const;
  absl::Status CheckMayVote(PendingPolicy pending) const;
  absl::StatusOr<std::optional<RingName>> SentRing() const;
  absl::StatusOr<RingChoice> ChooseCheckedRing(const SigningChecks& checks) const;
  absl::StatusOr<record::Entry> MakeAnonymousAct(petition::Act act,
                                                 const SigningChecks& checks) const;
  absl::StatusOr<election::Ballot> MakeAnonymousBallot(const election::Selections& selections,
                                                       const SigningChecks& checks) const;
  absl::StatusOr<Accepted> Send(uint64_t sequence, ByteSpan entry);
  absl::StatusOr<Accepted> FindOrSend(uint64_t sequence, ByteSpan entry);
  absl::StatusOr<Accepted> Take(uint64_t sequence, const remote::Receipt& receipt, ByteSpan entry);

  Board* board_;
  const crypto::Credential* credential_;
  crypto::Rng* rng_;
  PollView poll_;
  ReceiptStore store_;
};

}  // namespace urna::voter
