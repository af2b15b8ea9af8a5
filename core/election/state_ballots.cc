// Ballots in an election's log: who may cast them, when, and which of them count.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "core/election/state_impl.h"

namespace urna::election {
namespace {

using Bytes32 = std::array<uint8_t, 32>;

// B2. `roll` is null if the roll that was pinned is not at hand.
absl::Status CheckEligible(const Manifest& manifest, const roll::RollState* roll,
                           const Ballot& ballot) {
  const roll::RollState::Entitlement* member =
      roll == nullptr ? nullptr : roll->Find(ballot.credential);
  const std::string who = absl::StrCat("credential ", ToHex(ballot.credential));
  if (member == nullptr) {
    return absl::PermissionDeniedError(absl::StrCat(who, " is not on the roll"));
  }
  const District* district = manifest.FindDistrict(member->district);
  if (district == nullptr) {
    return absl::PermissionDeniedError(absl::StrCat(who, " is of district ", member->district,
                                                    ", which has no part in this election"));
  }
  if (district->style != ballot.style) {
    return absl::PermissionDeniedError(absl::StrCat(who, " is of district ", member->district,
                                                    " with style ", district->style, ", not style ",
                                                    ballot.style));
  }
  return absl::OkStatus();
}

// Calls f(contest, position from 0, α) for every ciphertext; stops when f says false.
template <typename F>
void ForEachAlpha(const Ballot& ballot, const F& f) {
  for (const ContestBallot& contest : ballot.contests) {
    for (size_t at = 0; at + 64 <= contest.ciphertexts.size(); at += 64) {
      Bytes32 alpha;
      std::copy_n(contest.ciphertexts.begin() + static_cast<ptrdiff_t>(at), 32, alpha.begin());
      if (!f(contest.contest, at / 64, alpha)) return;
    }
  }
}

}  // namespace

std::vector<Violation> ElectionState::CheckBallot(const Ballot& ballot) const {
  std::vector<Violation> out;
  const Impl& s = *impl_;
  if (s.phase != Phase::kVoting) {
    out.push_back({Check::kB8,
                   absl::FailedPreconditionError(s.phase == Phase::kSetup
                                                     ? "a ballot before the election was opened"
                                                     : "a ballot after the election was closed")});
  }
  if (s.opening.has_value()) {
    if (absl::Status status = CheckEligible(s.manifest(), s.roll.get(), ballot); !status.ok()) {
      out.push_back({Check::kB2, std::move(status)});
    }
  }
  const auto last = s.last_ballots.find(ballot.credential);
  if (ballot.sequence < 1) {
    out.push_back({Check::kB3, absl::InvalidArgumentError("sequence 0 where they begin with 1")});
  } else if (last != s.last_ballots.end() && ballot.sequence <= last->second.sequence) {
    out.push_back({Check::kB3, absl::FailedPreconditionError(absl::StrCat(
                                   "sequence ", ballot.sequence, " is not above ",
                                   last->second.sequence, ", the last of this credential"))});
  }
  absl::flat_hash_set<Bytes32> own;
  ForEachAlpha(ballot, [&](uint16_t contest, size_t option, const Bytes32& alpha) {
    const bool in_log = s.alphas.contains(alpha);
    if (!in_log && own.insert(alpha).second) return true;
    out.push_back({Check::kB7, absl::AlreadyExistsError(
                                   absl::StrCat("contest ", contest, ", option ", option + 1,
                                                ": the ciphertext's first half stands already in ",
                                                in_log ? "an earlier ballot" : "this ballot"))});
    return false;
  });
  return out;
}

void ElectionState::ApplyBallot(const Ballot& ballot, uint64_t index) {
  Impl& s = *impl_;
  ++s.ballots;
  s.last_ballots[ballot.credential] = {ballot.sequence, index, ballot.style};
  ForEachAlpha(ballot, [&](uint16_t, size_t, const Bytes32& alpha) {
    s.alphas.insert(alpha);
    return true;
  });
}

std::vector<uint64_t> ElectionState::Impl::Counted() const {
  std::vector<uint64_t> out;
  out.reserve(last_ballots.size());
  for (const auto& [credential, last] : last_ballots) out.push_back(last.index);
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<poll::Part> ElectionState::Impl::Parts() const {
  std::map<uint16_t, uint64_t> by_style;
  for (const auto& [credential, last] : last_ballots) ++by_style[last.style];
  return PartsOf(manifest(), by_style);
}

}  // namespace urna::election
