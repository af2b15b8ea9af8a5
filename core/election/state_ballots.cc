// Ballots in an election's log: who may cast them, when, and which of them count.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "core/base/status.h"
#include "core/election/state_impl.h"
#include "core/election/turn.h"

namespace urna::election {

std::vector<Violation> ElectionState::CheckBallot(const Ballot& ballot) const {
  std::vector<Violation> out;
  const Impl& s = *impl_;
  if (auto stranger = s.CheckKind(ballot.is_anonymous())) return {*std::move(stranger)};
  if (s.phase != Phase::kVoting) {
    AddViolation(out, Check::kB8,
                 s.phase == Phase::kSetup ? "a ballot before the election was opened"
                                          : "a ballot after the election was closed");
  }
  // Nothing else is known about it before.
  if (s.phase == Phase::kSetup) return out;
  if (const RingAnswer* answer = ballot.ring_answer()) {
    s.CheckRingBallot(ballot, *answer, out);
  } else if (ballot.is_anonymous()) {
    s.CheckTagBallot(ballot, out);
  } else {
    s.CheckNamedBallot(ballot, out);
  }
  absl::flat_hash_set<crypto::KeySet::Key> own;
  ForEachAlpha(ballot, [&](uint16_t contest, size_t cell, const crypto::KeySet::Key& alpha) {
    const absl::StatusOr<bool> in_log = s.alphas.Contains(alpha);
    if (in_log.ok() && !*in_log && own.insert(alpha).second) return true;
    const std::string where = absl::StrCat("contest ", contest, ", cell ", cell + 1);
    if (!in_log.ok()) {
      out.push_back({Check::kB7, Annotate(in_log.status(), where + ", not compared with others")});
    } else {
      out.push_back({Check::kB7, absl::AlreadyExistsError(absl::StrCat(
                                     where, ": the ciphertext's first half stands already in ",
                                     *in_log ? "an earlier ballot" : "this ballot"))});
    }
    return false;
  });
  return out;
}

void ElectionState::Impl::CheckNamedBallot(const Ballot& ballot,
                                           std::vector<Violation>& out) const {
  const absl::StatusOr<const District*> district = CheckEligible(ballot.credential);
  if (!district.ok()) {
    out.push_back({Check::kB2, district.status()});
  } else if ((*district)->style != ballot.style) {
    out.push_back({Check::kB2, absl::PermissionDeniedError(absl::StrCat(
                                   "credential ", ToHex(ballot.credential), " is of district ",
                                   (*district)->number, " with style ", (*district)->style,
                                   ", not style ", ballot.style))});
  }
  if (auto wrong = CheckTurn(ballot, LastSequence(ballot.credential))) {
    out.push_back(*std::move(wrong));
  }
  if (voting.has_value() && challengers.contains(ballot.credential) &&
      challenged.contains({ballot.credential, BallotTranscript(voting->poll_context, ballot)})) {
    AddViolation(out, Check::kB10,
                 "this ballot was challenged, and a challenged ballot is not cast");
  }
}

void ElectionState::ApplyBallot(const Ballot& ballot, uint64_t index) {
  Impl& s = *impl_;
  ++s.ballots;
  if (ballot.is_anonymous()) {
    s.SetLastOfTag(ballot, index);
  } else {
    s.last_ballots.Set(ballot.credential, {ballot.sequence, index, ballot.style});
  }
  ForEachAlpha(ballot, [&](uint16_t, size_t, const crypto::KeySet::Key& alpha) {
    s.alphas.Add(alpha, index);
    return true;
  });
  if (s.manifest().challenges > 0 && s.voting.has_value()) {
    s.cast.Add(SealedKey(ballot.credential, BallotTranscript(s.voting->poll_context, ballot)),
               index);
  }
}

absl::StatusOr<const District*> ElectionState::Impl::CheckEligible(
    const Credential& credential) const {
  // Null also if the roll that was pinned is not at hand.
  const roll::RollState::Entitlement* member = roll == nullptr ? nullptr : roll->Find(credential);
  if (member == nullptr) {
    return absl::PermissionDeniedError(
        absl::StrCat("credential ", ToHex(credential), " is not on the roll"));
  }
  const District* district = manifest().FindDistrict(member->district);
  if (district != nullptr) return district;
  return absl::PermissionDeniedError(absl::StrCat("credential ", ToHex(credential),
                                                  " is of district ", member->district,
                                                  ", which has no part in this election"));
}

uint64_t ElectionState::Impl::LastSequence(const Credential& credential) const {
  const std::optional<LastBallots::Ballot> last = last_ballots.Find(credential);
  const auto challenger = challengers.find(credential);
  return std::max(last.has_value() ? last->sequence : 0,
                  challenger == challengers.end() ? 0 : challenger->second.sequence);
}

std::vector<ElectionState::CountedBallot> ElectionState::Impl::CountedBallots() const {
  std::vector<CountedBallot> out;
  out.reserve(last_ballots.size());
  last_ballots.ForEach([&](const Credential& credential, const LastBallots::Ballot& last,
                           const roll::DistrictWeight& member) {
    if (!revoked.contains(credential)) out.push_back({last.index, member});
  });
  std::sort(out.begin(), out.end(),
            [](const CountedBallot& a, const CountedBallot& b) { return a.index < b.index; });
  return out;
}

std::vector<uint64_t> ElectionState::Impl::Counted() const {
  std::vector<uint64_t> out;
  out.reserve(last_ballots.size());
  last_ballots.ForEach([&](const Credential& credential, const LastBallots::Ballot& last,
                           const roll::DistrictWeight&) {
    if (!revoked.contains(credential)) out.push_back(last.index);
  });
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<poll::Part> ElectionState::Impl::Parts() const {
  roll::Census counted;
  last_ballots.ForEach([&](const Credential& credential, const LastBallots::Ballot&,
                           const roll::DistrictWeight& member) {
    if (!revoked.contains(credential)) ++counted[member];
  });
  return PartsOf(manifest(), counted);
}

}  // namespace urna::election
