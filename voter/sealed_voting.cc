#include "voter/sealed_voting.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/record/entry.h"

namespace urna::voter {
namespace {

absl::Status WasCast() {
  return absl::FailedPreconditionError(
      "this ballot was cast: what would open it is gone, and it can't be challenged");
}

// That neither log nor device has used the ballot's sequence number or a higher one.
absl::Status CheckStillNext(const SealedLabel& label, const Participant& participant) {
  for (const OwnAct& act : participant.poll().own) {
    if (act.kind == Submission::kChallenge && act.ballot_hash == label.hash) {
      return absl::FailedPreconditionError(absl::StrCat(
          "this ballot was challenged, entry ", act.index, " of the log, and can't be cast"));
    }
  }
  URNA_ASSIGN_OR_RETURN(const uint64_t next, participant.NextSequence());
  if (label.sequence >= next) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "this ballot was sealed as your number ", label.sequence, ", and number ", next - 1,
      " has been sent since: it can be neither cast nor challenged any more; seal another"));
}

struct Unsealed {
  election::SealedBallot ballot;
  crypto::PasswordStrength strength;
};

absl::StatusOr<Unsealed> Unseal(const SealedStore& sealed, const SealedVoting& voting) {
  URNA_ASSIGN_OR_RETURN(const SealedStore::Sealed read, sealed.ReadSealed(voting.passphrase));
  const PollView& poll = voting.participant.poll();
  absl::StatusOr<election::SealedBallot> ballot = election::SealedBallot::FromStorage(
      *poll.election(), *poll.voting, read.stored, voting.credential);
  if (!ballot.ok()) return Annotate(ballot.status(), sealed.path());
  if (ballot->hash() != sealed.label().hash || ballot->sequence() != sealed.label().sequence) {
    return absl::FailedPreconditionError(absl::StrCat(
        sealed.path(), ": it was sealed for another opening of '", poll.origin, "'; seal another"));
  }
  return Unsealed{*std::move(ballot), read.strength};
}

}  // namespace

absl::StatusOr<crypto::Hash64> SealInto(const std::string& path, const SealedVoting& voting,
                                        const election::Selections& selections,
                                        PendingPolicy pending, crypto::PasswordStrength strength) {
  URNA_ASSIGN_OR_RETURN(const election::SealedBallot ballot,
                        voting.participant.Seal(selections, pending));
  const PollView& poll = voting.participant.poll();
  const SealedLabel label{poll.origin, poll.poll_id, ballot.credential(), ballot.sequence(),
                          ballot.hash()};
  URNA_RETURN_IF_ERROR(
      SealedStore::Create(path, label, ballot, voting.passphrase, strength, voting.rng));
  return ballot.hash();
}

absl::Status CheckOwner(const SealedStore& sealed, const SealedVoting& voting) {
  const PollView& poll = voting.participant.poll();
  if (sealed.label().origin != poll.origin || sealed.label().poll_id != poll.poll_id) {
    return absl::FailedPreconditionError(absl::StrCat(sealed.path(), " is a ballot for '",
                                                      sealed.label().origin, "', manifest ",
                                                      ToHex(sealed.label().poll_id)));
  }
  if (sealed.label().credential != voting.credential.public_key().bytes()) {
    return absl::FailedPreconditionError(absl::StrCat(
        sealed.path(), " was sealed with the credential ", ToHex(sealed.label().credential)));
  }
  if (poll.election() == nullptr || !poll.voting.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat("'", poll.origin, "' is no election that has been opened"));
  }
  return absl::OkStatus();
}

absl::StatusOr<Accepted> CastSealed(SealedStore& sealed, const SealedVoting& voting) {
  URNA_RETURN_IF_ERROR(CheckOwner(sealed, voting));
  if (sealed.state() == SealedState::kChallenged) {
    return absl::FailedPreconditionError(
        "this ballot was challenged: it can't be cast, seal another");
  }
  if (sealed.state() == SealedState::kSealed) {
    URNA_RETURN_IF_ERROR(voting.participant.CheckOpen());
    URNA_RETURN_IF_ERROR(CheckStillNext(sealed.label(), voting.participant));
    URNA_ASSIGN_OR_RETURN(Unsealed unsealed, Unseal(sealed, voting));
    URNA_ASSIGN_OR_RETURN(const Bytes entry,
                          record::EncodeEntry(std::move(unsealed.ballot).Cast()));
    URNA_RETURN_IF_ERROR(sealed.TurnIntoCast(entry));
  }
  return voting.participant.SendKept(sealed.label().sequence, sealed.entry());
}

absl::Status CheckMayChallenge(const SealedStore& sealed, const SealedVoting& voting) {
  URNA_RETURN_IF_ERROR(CheckOwner(sealed, voting));
  if (sealed.state() == SealedState::kCast) return WasCast();
  if (sealed.state() == SealedState::kChallenged) return absl::OkStatus();
  URNA_RETURN_IF_ERROR(voting.participant.CheckOpen());
  const uint16_t allowed = voting.participant.poll().election()->challenges;
  if (allowed == 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "'", voting.participant.poll().origin, "' allows no challenges; nothing was changed"));
  }
  URNA_ASSIGN_OR_RETURN(const uint64_t used, voting.participant.ChallengesUsed());
  if (used >= allowed) {
    return absl::FailedPreconditionError(absl::StrCat("your credential has challenged ", used,
                                                      " of the ", allowed,
                                                      " ballots that it may; nothing was changed"));
  }
  return CheckStillNext(sealed.label(), voting.participant);
}

absl::StatusOr<Challenged> ChallengeSealed(SealedStore& sealed, const SealedVoting& voting) {
  URNA_RETURN_IF_ERROR(CheckMayChallenge(sealed, voting));
  if (sealed.state() == SealedState::kSealed) {
    URNA_ASSIGN_OR_RETURN(Unsealed unsealed, Unseal(sealed, voting));
    const election::SealedBallot::Challenged made =
        std::move(unsealed.ballot)
            .Challenge(*voting.participant.poll().voting, voting.credential, voting.rng);
    URNA_ASSIGN_OR_RETURN(const Bytes challenge, record::EncodeEntry(made.challenge));
    URNA_ASSIGN_OR_RETURN(const Bytes opening, record::EncodeEntry(made.opening));
    URNA_RETURN_IF_ERROR(sealed.TurnIntoChallenged(challenge, opening, voting.passphrase,
                                                   unsealed.strength, voting.rng));
  }
  // Before anything is sent: an opening that cannot be read would be of no use.
  URNA_ASSIGN_OR_RETURN(const Bytes kept, sealed.ReadOpening(voting.passphrase));
  URNA_ASSIGN_OR_RETURN(record::Entry opening, record::DecodeEntry(kept));
  auto* ballot_opening = std::get_if<election::BallotOpening>(&opening);
  if (ballot_opening == nullptr) {
    return absl::DataLossError(absl::StrCat(sealed.path(), ": it holds no opening"));
  }
  Challenged out;
  URNA_ASSIGN_OR_RETURN(out.accepted,
                        voting.participant.SendKept(sealed.label().sequence, sealed.entry()));
  ballot_opening->challenge = out.accepted.index;
  URNA_ASSIGN_OR_RETURN(out.opening, record::EncodeEntry(opening));
  return out;
}

}  // namespace urna::voter
