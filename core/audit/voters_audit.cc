// What voters put into an election's log, as PollAudit takes it: proofs side by side, many
// ballots at a time, then the rules in the order of the log.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/audit/poll_audit.h"
#include "core/base/parallel.h"
#include "core/crypto/rng.h"
#include "core/election/ballot_batch.h"
#include "core/election/challenge_batch.h"
#include "core/election/opened_ballot.h"
#include "core/election/ring_ballots.h"

namespace urna::audit {
namespace {

constexpr size_t kBatchBytes = size_t{1} << 20;  // of ballots proved together

// Leaves what is found about points and scalars (L3).
void KeepCanonical(std::vector<Violation>& violations) {
  std::erase_if(violations, [](const Violation& v) { return v.check != Check::kL3; });
}

}  // namespace

// Of the chunk's entries from `begin` to before `end`.
void PollAudit::ProveBatch(const election::VotingContext& voting, size_t begin, size_t end,
                           Chunk& chunk) {
  std::vector<Proved>& out = chunk.proved;
  const election::Manifest& manifest = election_->manifest();
  std::vector<const election::Ballot*> ballots;
  std::vector<const election::BallotChallenge*> challenges;
  std::vector<size_t> places, challenge_places;
  for (size_t i = begin; i < end; ++i) {
    const auto& [index, bytes, entry] = chunk.entries[i];
    if (VerifiedBefore(index)) continue;
    if (const auto* ballot = std::get_if<election::Ballot>(&entry)) {
      ballots.push_back(ballot);
      places.push_back(i);
    } else if (const auto* challenge = std::get_if<election::BallotChallenge>(&entry)) {
      challenges.push_back(challenge);
      challenge_places.push_back(i);
    } else {
      election::OpenedBallot opened =
          election::OpenBallotVarTime(manifest, voting, std::get<election::BallotOpening>(entry));
      if (opened.violations.empty()) out[i].opened = opened.hash;
      out[i].violations = std::move(opened.violations);
    }
  }
  // The weights must be nobody's choice, so their source is not the caller's either.
  crypto::SystemRng rng;
  const election::DecodedBallots decoded(manifest, voting, ballots);
  auto found = election::VerifyBallotsVarTime(decoded, rng);
  for (size_t i = 0; i < places.size(); ++i) out[places[i]].violations = std::move(found[i]);
  if (election_->voting().has_value()) AddToSums(decoded, places, chunk);
  found = election::VerifyBallotChallengesVarTime(voting, challenges, rng);
  for (size_t i = 0; i < challenge_places.size(); ++i) {
    out[challenge_places[i]].violations = std::move(found[i]);
  }
}

// The ballots that are proved and of members of the roll or over a ring, whose places in the chunk
// are `places`. Whether they count is seen later.
void PollAudit::AddToSums(const election::DecodedBallots& decoded, std::span<const size_t> places,
                          const Chunk& chunk) {
  if (roll_ == nullptr) return;
  std::vector<election::DecodedBallot> ballots;
  ballots.reserve(decoded.size());
  std::vector<RunningSums::Verified> verified;
  for (size_t i = 0; i < decoded.size(); ++i) {
    const size_t place = places[decoded.Position(i)];
    if (!chunk.proved[place].violations.empty()) continue;
    const auto& [index, bytes, entry] = chunk.entries[place];
    const auto& ballot = std::get<election::Ballot>(entry);
    // Of a tag that votes again, only what came before says whom it stands for.
    if (ballot.tag_answer() != nullptr) continue;
    if (!ballot.is_anonymous() && roll_->Find(ballot.credential) == nullptr) continue;
    ballots.push_back(decoded.Get(i));
    verified.push_back({index, &ballots.back(), election_->MemberOf(ballot)});
  }
  sums_->Add(verified);
}

// Whether the ring that it names is there, if it names one.
bool PollAudit::RingIsThere(const election::Ballot& ballot) const {
  const election::RingAnswer* answer = ballot.ring_answer();
  if (answer == nullptr) return true;
  const std::optional<election::VotingContext>& voting = election_->voting();
  return voting.has_value() && voting->anonymous != nullptr &&
         voting->anonymous->rings != nullptr && answer->ring < voting->anonymous->rings->size();
}

// Where batches of at most about kBatchBytes begin, and the end: of the same size and as many for
// every thread, so that all are done at the same time.
std::vector<size_t> PollAudit::Batches(const Chunk& chunk) const {
  const size_t rounds = (chunk.bytes + kBatchBytes * threads_ - 1) / (kBatchBytes * threads_);
  const size_t count = std::max<size_t>(rounds, 1) * threads_;
  std::vector<size_t> out = {0};
  size_t bytes = 0;
  for (size_t i = 0; i < chunk.entries.size(); ++i) {
    if (i > out.back() && bytes * count >= chunk.bytes * out.size()) out.push_back(i);
    bytes += chunk.entries[i].bytes;
  }
  out.push_back(chunk.entries.size());
  return out;
}

// May run beside everything that voters' entries change.
void PollAudit::Prove(const election::VotingContext& voting, Chunk& chunk) {
  chunk.proved.resize(chunk.entries.size());
  const std::vector<size_t> batches = Batches(chunk);
  ParallelFor(batches.size() - 1, threads_,
              [&](size_t batch) { ProveBatch(voting, batches[batch], batches[batch + 1], chunk); });
  if (rings_ != nullptr) ProveRings(voting, chunk);
}

// Whose the ballots over rings are: those over one ring together, wherever they stand.
void PollAudit::ProveRings(const election::VotingContext& voting, Chunk& chunk) {
  std::vector<const election::Ballot*> ballots;
  std::vector<size_t> places;
  for (size_t i = 0; i < chunk.entries.size(); ++i) {
    const auto* ballot = std::get_if<election::Ballot>(&chunk.entries[i].entry);
    if (ballot == nullptr || ballot->ring_answer() == nullptr) continue;
    if (VerifiedBefore(chunk.entries[i].index)) continue;
    ballots.push_back(ballot);
    places.push_back(i);
  }
  crypto::SystemRng rng;
  const auto verdicts = election::VerifyBallotRingsVarTime(
      voting, ballots, *rings_, roll::RingOrder::kAllAtOnce, threads_, rng);
  for (size_t i = 0; i < places.size(); ++i) {
    election::AddRingVerdict(verdicts[i].violations, chunk.proved[places[i]].violations);
  }
}

// Whether it is such an entry as this election has.
bool PollAudit::IsVotersEntryHere(const record::Entry& entry) const {
  if (!record::IsVotersEntry(record::TypeOf(entry))) return false;
  const auto* ballot = std::get_if<election::Ballot>(&entry);
  return (ballot != nullptr && ballot->is_anonymous()) ==
         election_->manifest().anonymous.has_value();
}

// L3 about the points and scalars of a voter's entry of whichever election.
std::vector<Violation> PollAudit::CanonicalVotersEntry(const record::Entry& entry) const {
  std::vector<Violation> out;
  const election::Manifest& manifest = election_->manifest();
  if (const auto* ballot = std::get_if<election::Ballot>(&entry)) {
    out = election::VerifyBallotVarTime(manifest, {}, *ballot);
  } else if (const auto* challenge = std::get_if<election::BallotChallenge>(&entry)) {
    out = election::VerifyBallotChallengeVarTime({}, *challenge);
  } else {
    out = election::OpenBallotVarTime(manifest, {}, std::get<election::BallotOpening>(entry))
              .violations;
  }
  KeepCanonical(out);
  return out;
}

// Has what waits proved, while this thread takes what was proved before and reads on.
void PollAudit::StartProving() {
  const std::unique_ptr<Chunk> before = std::move(proving_);
  if (before != nullptr) before->done.get();
  proving_ = std::make_unique<Chunk>(std::exchange(waiting_, Chunk()));
  // Before the opening there is nothing that proofs could be bound to; their points and scalars are
  // looked at all the same.
  const election::VotingContext voting = election_->voting().value_or(election::VotingContext());
  proving_->done = StartAsync([this, voting, chunk = proving_.get()] { Prove(voting, *chunk); });
  if (before != nullptr) TakeVoters(*before);
}

void PollAudit::FinishProving() {
  const std::unique_ptr<Chunk> last = std::move(proving_);
  if (last == nullptr) return;
  last->done.get();
  TakeVoters(*last);
}

// In the order of the log.
void PollAudit::TakeVoters(Chunk& chunk) {
  const std::optional<election::VotingContext>& opened = election_->voting();
  if (!opened.has_value()) {
    for (Proved& one : chunk.proved) KeepCanonical(one.violations);
  }
  // Without an election key that is a point (L3, S12) nothing about encrypted votes can be tested.
  if (opened.has_value() && opened->election_key.IsIdentity()) {
    for (Check check : {Check::kB4, Check::kB5, Check::kB9, Check::kB11}) {
      findings_.NotRun(check, "the election key is no point");
    }
    for (Proved& one : chunk.proved) {
      std::erase_if(one.violations, [](const Violation& v) {
        return v.check == Check::kB4 || v.check == Check::kB5 || v.check == Check::kB9 ||
               v.check == Check::kB11;
      });
    }
  }
  for (size_t i = 0; i < chunk.entries.size(); ++i) {
    const auto& [index, bytes, entry] = chunk.entries[i];
    if (const auto* ballot = std::get_if<election::Ballot>(&entry)) {
      TakeBallot(index, *ballot, chunk.proved[i]);
    } else if (const auto* challenge = std::get_if<election::BallotChallenge>(&entry)) {
      TakeChallenge(index, *challenge, chunk.proved[i]);
    } else {
      TakeOpening(index, std::get<election::BallotOpening>(entry), chunk.proved[i]);
    }
  }
}

// Proofs are counted of ballots that have the cells of their style, with points and scalars that
// are such, and whose ring there is; of others nothing is said.
void PollAudit::LookedAtProofs(const election::Ballot& ballot, const Proved& proved) {
  const bool whole = std::none_of(
      proved.violations.begin(), proved.violations.end(),
      [](const Violation& v) { return v.check == Check::kL3 || v.check == Check::kB1; });
  const auto found = proofs_.find(ballot.style);
  if (!RingIsThere(ballot)) return;
  if (!whole || found == proofs_.end()) return;
  for (const auto& [check, count] : found->second) findings_.Looked(check, count, "proofs");
}

// Before the opening nothing is known but that an entry is too early.
void PollAudit::LookedAtVoter(bool ballot_or_challenge) {
  findings_.Looked(Check::kB8, 1, "ballots, challenges and openings");
  if (!ballot_or_challenge || !election_->voting().has_value()) return;
  for (Check check : {Check::kB2, Check::kB3, Check::kB6, Check::kB10}) {
    findings_.Looked(check, 1, "ballots and challenges");
  }
}

// Where the roll is not at hand nobody is held not to be on it (S14 says so, and B2 and P3 are NOT
// RUN), so that what depends on earlier ballots and acts can be looked at all the same.
std::vector<Violation> PollAudit::WithoutRoll(std::vector<Violation> violations) const {
  if (roll_ == nullptr) {
    std::erase_if(violations, [](const Violation& v) {
      return v.check == Check::kB2 || v.check == Check::kP3;
    });
  }
  return violations;
}

void PollAudit::TakeBallot(uint64_t index, const election::Ballot& ballot, const Proved& proved) {
  LookedAtVoter(true);
  if (election_->voting().has_value()) {
    for (Check check : {Check::kB1, Check::kB7}) findings_.Looked(check, 1, "ballots");
    LookedAtProofs(ballot, proved);
  }
  std::vector<Violation> rules = election_->CheckBallot(ballot);
  // That no ballot over a ring has had a tag needs no roll to be seen.
  if (ballot.tag_answer() == nullptr) rules = WithoutRoll(std::move(rules));
  const absl::string_view name =
      record::TypeName(ballot.ring_answer() != nullptr  ? record::EntryType::kRingBallot
                       : ballot.tag_answer() != nullptr ? record::EntryType::kTagBallot
                                                        : record::EntryType::kBallot);
  Add(proved.violations, index, name);
  Add(rules, index, name);
  // Without an opening nothing was proved.
  if (proved.violations.empty() && rules.empty() && election_->voting().has_value()) {
    election_->ApplyBallot(ballot, index);
  }
}

void PollAudit::TakeChallenge(uint64_t index, const election::BallotChallenge& challenge,
                              const Proved& proved) {
  LookedAtVoter(true);
  const std::vector<Violation> rules = WithoutRoll(election_->CheckChallenge(challenge));
  Add(proved.violations, index, "ballot challenge");
  Add(rules, index, "ballot challenge");
  if (proved.violations.empty() && rules.empty() && election_->voting().has_value()) {
    election_->ApplyChallenge(challenge, index);
  }
}

void PollAudit::TakeOpening(uint64_t index, const election::BallotOpening& opening,
                            const Proved& proved) {
  LookedAtVoter(false);
  if (election_->voting().has_value()) findings_.Looked(Check::kB11, 1, "openings");
  const std::vector<Violation> rules =
      election_->CheckBallotOpening(opening, proved.opened.has_value() ? &*proved.opened : nullptr);
  Add(proved.violations, index, "ballot opening");
  Add(rules, index, "ballot opening");
  if (proved.violations.empty() && rules.empty() && election_->voting().has_value()) {
    election_->ApplyBallotOpening(opening, index);
  }
}

}  // namespace urna::audit
