// Challenged ballots in an election's log, and their openings. docs/protocol.md §7.4.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "core/base/status.h"
#include "core/election/state_impl.h"
#include "core/election/turn.h"

namespace urna::election {

crypto::KeySet::Key SealedKey(const ElectionState::Credential& credential,
                              const crypto::Hash64& h) {
  const crypto::Hash64 both = crypto::Sha512Hasher().Update(credential).Update(h).Finish();
  crypto::KeySet::Key key;
  std::copy_n(both.begin(), key.size(), key.begin());
  return key;
}

std::vector<Violation> ElectionState::CheckChallenge(const BallotChallenge& challenge) const {
  std::vector<Violation> out;
  const Impl& s = *impl_;
  if (auto stranger = s.CheckKind(false)) return {*std::move(stranger)};
  if (s.phase != Phase::kVoting) {
    AddViolation(out, Check::kB8,
                 s.phase == Phase::kSetup ? "a challenge before the election was opened"
                                          : "a challenge after the election was closed");
  }
  // Nothing else is known about it before.
  if (s.phase == Phase::kSetup) return out;
  if (absl::Status status = s.CheckEligible(challenge.credential).status(); !status.ok()) {
    out.push_back({Check::kB2, std::move(status)});
  }
  if (auto wrong = CheckTurn(challenge, s.LastSequence(challenge.credential))) {
    out.push_back(*std::move(wrong));
  }
  const Impl::Sealed sealed{challenge.credential, challenge.ballot_hash};
  const auto challenger = s.challengers.find(challenge.credential);
  const uint64_t before = challenger == s.challengers.end() ? 0 : challenger->second.challenges;
  const absl::StatusOr<bool> was_cast =
      s.cast.Contains(SealedKey(challenge.credential, challenge.ballot_hash));
  if (!was_cast.ok()) {
    out.push_back({Check::kB10, Annotate(was_cast.status(), "not compared with cast ballots")});
  } else if (*was_cast) {
    AddViolation(out, Check::kB10, "the ballot that it challenges was cast");
  } else if (s.challenged.contains(sealed)) {
    AddViolation(out, Check::kB10, "the ballot that it challenges was challenged before");
  } else if (before >= s.manifest().challenges) {
    out.push_back(
        {Check::kB10, absl::ResourceExhaustedError(absl::StrCat(
                          "credential ", ToHex(challenge.credential), " has challenged ", before,
                          " ballots; ", s.manifest().challenges, " are allowed"))});
  }
  return out;
}

void ElectionState::ApplyChallenge(const BallotChallenge& challenge, uint64_t index) {
  Impl& s = *impl_;
  s.challenged.insert({challenge.credential, challenge.ballot_hash});
  s.challenges.emplace(index, LoggedChallenge{challenge.credential, challenge.ballot_hash, false});
  Impl::Challenger& challenger = s.challengers[challenge.credential];
  ++challenger.challenges;
  challenger.sequence = challenge.sequence;
}

std::vector<Violation> ElectionState::CheckBallotOpening(const BallotOpening& opening,
                                                         const crypto::Hash64* hash) const {
  std::vector<Violation> out;
  const Impl& s = *impl_;
  if (auto stranger = s.CheckKind(false)) return {*std::move(stranger)};
  if (s.phase != Phase::kVoting && s.phase != Phase::kClosed) {
    AddViolation(out, Check::kB8, "an opening of a challenged ballot in the phase '",
                 PhaseName(s.phase), "', not between opening and order 'sum'");
  }
  if (s.phase == Phase::kSetup) return out;
  const auto found = s.challenges.find(opening.challenge);
  if (found == s.challenges.end()) {
    AddViolation(out, Check::kB11, "entry ", opening.challenge,
                 ", which it names, is no valid challenge of a ballot");
    return out;
  }
  const LoggedChallenge& challenge = found->second;
  if (challenge.opened) {
    out.push_back({Check::kB11, absl::AlreadyExistsError(absl::StrCat(
                                    "challenge ", opening.challenge, " was opened before"))});
  }
  if (challenge.credential != opening.credential) {
    AddViolation(out, Check::kB11, "challenge ", opening.challenge,
                 " is of another credential than its opening");
  } else if (hash != nullptr && challenge.ballot_hash != *hash) {
    AddViolation(out, Check::kB11, "it does not give the hash of the ballot that challenge ",
                 opening.challenge, " names");
  }
  return out;
}

void ElectionState::ApplyBallotOpening(const BallotOpening& opening, uint64_t /*index*/) {
  impl_->challenges.at(opening.challenge).opened = true;
}

}  // namespace urna::election
