#include "server/entry_proofs.h"

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/election/opened_ballot.h"

namespace urna::server {
namespace {

// A challenge's proof, or what an opening comes to, which the committer compares.
absl::Status VerifyChallenged(const LogView& view, AdmittedEntry& admitted) {
  if (!view.facts->election.has_value()) return absl::OkStatus();
  if (!view.voting.has_value()) return NotOpen(view);
  if (const auto* challenge = std::get_if<election::BallotChallenge>(&admitted.entry)) {
    if (view.phase != LogPhase::kVoting) return NotOpen(view);
    URNA_RETURN_IF_ERROR(CheckEntitled(view, challenge->credential));
    return FirstOf(election::VerifyBallotChallengeVarTime(*view.voting, *challenge));
  }
  if (view.phase != LogPhase::kVoting && view.phase != LogPhase::kClosed) return NotOpen(view);
  const election::OpenedBallot opened = election::OpenBallotVarTime(
      *view.facts->election, *view.voting, std::get<election::BallotOpening>(admitted.entry));
  admitted.opened = opened.hash;
  return FirstOf(opened.violations);
}

}  // namespace

absl::Status CheckEntitled(const LogView& view, const std::array<uint8_t, 32>& credential) {
  if (view.roll != nullptr && view.roll->Find(credential) == nullptr) {
    return absl::PermissionDeniedError(
        absl::StrCat("the credential is not on the roll of '", view.facts->origin, "'"));
  }
  return absl::OkStatus();
}

absl::Status NotOpen(const LogView& view) {
  return absl::FailedPreconditionError(
      absl::StrCat("the poll '", view.facts->origin, "' is not open"));
}

absl::Status VerifyProofs(const LogView& view, AdmittedEntry& admitted) {
  const record::Entry& entry = admitted.entry;
  if (const auto* act = std::get_if<petition::PetitionAct>(&entry)) {
    if (view.facts->kind != LogKind::kPetition) return absl::OkStatus();
    if (view.phase != LogPhase::kCollecting || !view.signing.has_value()) return NotOpen(view);
    URNA_RETURN_IF_ERROR(CheckEntitled(view, act->credential));
    return FirstOf(petition::VerifyActProof(*view.signing, *act));
  }
  if (const auto* member = std::get_if<roll::RollMember>(&entry)) {
    if (view.facts->kind != LogKind::kRoll) return absl::OkStatus();
    return FirstOf(roll::VerifyEnrolment(view.facts->id, *member));
  }
  const bool challenged = std::holds_alternative<election::BallotChallenge>(entry) ||
                          std::holds_alternative<election::BallotOpening>(entry);
  return challenged ? VerifyChallenged(view, admitted) : absl::OkStatus();
}

}  // namespace urna::server
