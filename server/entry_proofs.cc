#include "server/entry_proofs.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/election/ballot_batch.h"
#include "core/election/challenge_batch.h"
#include "core/election/opened_ballot.h"
#include "core/election/ring_ballots.h"
#include "core/election/turn.h"
#include "core/petition/act_batch.h"
#include "core/petition/anonymous_batch.h"
#include "core/petition/turn.h"
#include "core/roll/enrolment_batch.h"

namespace urna::server {
namespace {

// Entries of one kind that are to be verified together, and where they stand among all.
template <typename T>
struct Together {
  std::vector<const T*> entries;
  std::vector<size_t> places;

  void Add(size_t place, const T& entry) {
    entries.push_back(&entry);
    places.push_back(place);
  }
};

// What the view alone says of one entry.
class QuickLook {
 public:
  explicit QuickLook(const LogView& view) : view_(view) {}

  Judged Judge(const record::Entry& entry) const {
    if (const auto* ballot = std::get_if<election::Ballot>(&entry)) {
      return JudgeVoter(*ballot, ballot->is_anonymous());
    }
    if (const auto* challenge = std::get_if<election::BallotChallenge>(&entry)) {
      return JudgeVoter(*challenge, /*anonymous=*/false);
    }
    if (std::holds_alternative<election::BallotOpening>(entry)) {
      if (!view_.facts->election.has_value()) return {};
      const bool open = view_.phase == LogPhase::kVoting || view_.phase == LogPhase::kClosed;
      return open && view_.voting.has_value() ? Judged{} : NotOpen();
    }
    if (const auto* act = std::get_if<petition::PetitionAct>(&entry)) {
      if (view_.phase == LogPhase::kCollecting && TakesActs(/*anonymous=*/false)) {
        const Judged entitled = Entitled(act->credential);
        if (!entitled.status.ok()) return entitled;
      }
      return JudgeSigner(*act, act->credential, /*anonymous=*/false);
    }
    if (const auto* act = std::get_if<petition::RingAct>(&entry)) {
      if (view_.phase == LogPhase::kCollecting && TakesActs(/*anonymous=*/true)) {
        const absl::Status in_force = view_.signing->anonymous->epochs.CheckInForce(act->epoch);
        if (!in_force.ok()) return {in_force, Verdict::kTurn};
      }
      return JudgeSigner(*act, act->tag, /*anonymous=*/true);
    }
    if (const auto* act = std::get_if<petition::TagAct>(&entry)) {
      return JudgeSigner(*act, act->tag, /*anonymous=*/true);
    }
    return {};
  }

  // The committer says what an election takes.
  bool TakesVoters(bool anonymous) const {
    return view_.facts->election.has_value() && view_.voting.has_value() &&
           (view_.voting->anonymous != nullptr) == anonymous;
  }

  // And what acts a petition takes.
  bool TakesActs(bool anonymous) const {
    return view_.facts->kind == LogKind::kPetition && view_.signing.has_value() &&
           (view_.signing->anonymous != nullptr) == anonymous;
  }

 private:
  Judged NotOpen() const {
    return {absl::FailedPreconditionError(
                absl::StrCat("the poll '", view_.facts->origin, "' is not open",
                             view_.state.empty() ? "" : absl::StrCat(": it is ", view_.state))),
            Verdict::kPhase};
  }

  Judged Entitled(const std::array<uint8_t, 32>& credential) const {
    if (view_.roll == nullptr || view_.roll->Find(credential) != nullptr) return {};
    return {absl::PermissionDeniedError(
                absl::StrCat("the credential is not on the roll of '", view_.facts->origin, "'")),
            Verdict::kTurn};
  }

  template <typename T>
  Judged JudgeVoter(const T& entry, bool anonymous) const {
    if (!view_.facts->election.has_value()) return {};
    if (view_.phase != LogPhase::kVoting || !view_.voting.has_value()) return NotOpen();
    // What has no place the committer says.
    if (!TakesVoters(anonymous)) return {};
    // Whose an anonymous one is, its proof says.
    Judged judged = anonymous ? Judged{} : Entitled(entry.credential);
    if (!judged.status.ok()) return judged;
    const std::optional<VoterStanding> last = view_.voters->Find(entry.credential);
    if (last.has_value() && last->index >= view_.size) return {};
    const std::optional<Violation> wrong =
        election::CheckTurn(entry, last.value_or(VoterStanding{}).sequence);
    return wrong.has_value() ? Judged{wrong->status, Verdict::kTurn} : Judged{};
  }

  template <typename T>
  Judged JudgeSigner(const T& act, const SignerBook::Id& id, bool anonymous) const {
    if (view_.facts->kind != LogKind::kPetition) return {};
    if (view_.phase != LogPhase::kCollecting || !view_.signing.has_value()) return NotOpen();
    if (!TakesActs(anonymous)) return {};
    const std::optional<SignerBook::Standing> last = view_.signers->Find(id);
    if (last.has_value() && last->index >= view_.size) return {};
    const std::optional<Violation> wrong = petition::CheckTurn(act, last);
    return wrong.has_value() ? Judged{wrong->status, Verdict::kTurn} : Judged{};
  }

  const LogView& view_;
};

Verdict VerdictOf(crypto::RingStage stage) {
  switch (stage) {
    case crypto::RingStage::kForm:
      return Verdict::kPoints;
    case crypto::RingStage::kTag:
      return Verdict::kProof;
    case crypto::RingStage::kMember:
      return Verdict::kRing;
  }
  return Verdict::kPassed;
}

// Sorts entries by kind.
class EntryProofs {
 public:
  EntryProofs(const LogView& view, std::span<AdmittedEntry* const> entries)
      : view_(view), judged_(entries.size()) {
    for (size_t i = 0; i < entries.size(); ++i) Sort(i, *entries[i]);
  }

  std::vector<Judged> Verify(unsigned threads, crypto::Rng& rng) && {
    if (!ring_ballots_.entries.empty()) ScreenRings(threads, rng);
    if (!ballots_.entries.empty()) {
      Take(ballots_.places,
           election::VerifyBallotsVarTime(*view_.facts->election, *view_.voting, ballots_.entries,
                                          rng, election::BatchOrder::kCredentialsFirst));
    }
    if (!challenges_.entries.empty()) {
      Take(challenges_.places,
           election::VerifyBallotChallengesVarTime(*view_.voting, challenges_.entries, rng));
    }
    if (!acts_.entries.empty()) {
      Take(acts_.places, petition::VerifyActProofs(*view_.signing, acts_.entries, threads, rng));
    }
    if (!anonymous_.empty()) {
      const std::vector<petition::ScreenedAct> screened =
          petition::ScreenAnonymousProofs(*view_.signing, anonymous_, *view_.rings, threads, rng);
      for (size_t i = 0; i < screened.size(); ++i) {
        if (screened[i].violations.empty()) continue;
        judged_[anonymous_places_[i]] = {screened[i].violations.front().status,
                                         VerdictOf(screened[i].refused_by)};
      }
    }
    Take(members_.places, roll::VerifyEnrolments(view_.facts->id, members_.entries, threads, rng));
    return std::move(judged_);
  }

 private:
  void Sort(size_t place, AdmittedEntry& admitted) {
    const record::Entry& entry = admitted.entry;
    const QuickLook look(view_);
    if (const auto* ballot = std::get_if<election::Ballot>(&entry)) {
      if (!look.TakesVoters(ballot->is_anonymous())) return;
      (ballot->ring_answer() != nullptr ? ring_ballots_ : ballots_).Add(place, *ballot);
    } else if (const auto* challenge = std::get_if<election::BallotChallenge>(&entry)) {
      if (look.TakesVoters(/*anonymous=*/false)) challenges_.Add(place, *challenge);
    } else if (const auto* opening = std::get_if<election::BallotOpening>(&entry)) {
      if (look.TakesVoters(/*anonymous=*/false)) Open(place, *opening, admitted);
    } else if (const auto* act = std::get_if<petition::PetitionAct>(&entry)) {
      if (look.TakesActs(/*anonymous=*/false)) acts_.Add(place, *act);
    } else if (const auto* ring_act = std::get_if<petition::RingAct>(&entry)) {
      if (look.TakesActs(/*anonymous=*/true)) AddAnonymous(place, ring_act);
    } else if (const auto* tag_act = std::get_if<petition::TagAct>(&entry)) {
      if (look.TakesActs(/*anonymous=*/true)) AddAnonymous(place, tag_act);
    } else if (const auto* member = std::get_if<roll::RollMember>(&entry)) {
      if (view_.facts->kind == LogKind::kRoll) members_.Add(place, *member);
    } else if (const auto* change = std::get_if<roll::SignedRollChange>(&entry)) {
      if (view_.facts->kind == LogKind::kRoll && change->change.enrols()) {
        members_.Add(place, change->change.member);
      }
    }
  }

  // Whose the ballots over rings are, by stage; only of those that are somebody's the rest is
  // asked.
  void ScreenRings(unsigned threads, crypto::Rng& rng) {
    const std::vector<election::RingVerdict> verdicts =
        election::VerifyBallotRingsVarTime(*view_.voting, ring_ballots_.entries, *view_.rings,
                                           roll::RingOrder::kByStage, threads, rng);
    for (size_t i = 0; i < verdicts.size(); ++i) {
      const size_t place = ring_ballots_.places[i];
      if (verdicts[i].violations.empty()) {
        ballots_.Add(place, *ring_ballots_.entries[i]);
      } else {
        judged_[place] = {verdicts[i].violations.front().status, VerdictOf(verdicts[i].refused_by)};
      }
    }
  }

  void AddAnonymous(size_t place, petition::AnonymousAct act) {
    anonymous_.push_back(act);
    anonymous_places_.push_back(place);
  }

  void Open(size_t place, const election::BallotOpening& opening, AdmittedEntry& admitted) {
    const election::OpenedBallot opened =
        election::OpenBallotVarTime(*view_.facts->election, *view_.voting, opening);
    admitted.opened = opened.hash;
    Refuse(place, opened.violations);
  }

  void Take(const std::vector<size_t>& places,
            const std::vector<std::vector<Violation>>& violations) {
    for (size_t i = 0; i < places.size(); ++i) Refuse(places[i], violations[i]);
  }

  void Refuse(size_t place, const std::vector<Violation>& violations) {
    if (violations.empty()) return;
    const bool points = violations.front().check == Check::kL3;
    judged_[place] = {violations.front().status, points ? Verdict::kPoints : Verdict::kProof};
  }

  const LogView& view_;
  std::vector<Judged> judged_;
  Together<election::Ballot> ballots_;
  Together<election::Ballot> ring_ballots_;  // anonymous ones over a ring, until that is verified
  Together<election::BallotChallenge> challenges_;
  Together<petition::PetitionAct> acts_;
  std::vector<petition::AnonymousAct> anonymous_;
  std::vector<size_t> anonymous_places_;
  Together<roll::RollMember> members_;
};

}  // namespace

absl::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kForm:
      return "form";
    case Verdict::kPhase:
      return "phase";
    case Verdict::kTurn:
      return "turn";
    case Verdict::kPoints:
      return "points";
    case Verdict::kProof:
      return "proof";
    case Verdict::kRing:
      return "ring";
    case Verdict::kCopy:
      return "copy";
    case Verdict::kLogged:
      return "logged";
    case Verdict::kPassed:
      return "passed";
  }
  return "";
}

std::vector<Judged> JudgeBeforeProofs(const LogView& view,
                                      std::span<AdmittedEntry* const> entries) {
  const QuickLook look(view);
  std::vector<Judged> out;
  out.reserve(entries.size());
  for (const AdmittedEntry* admitted : entries) out.push_back(look.Judge(admitted->entry));
  return out;
}

std::vector<Judged> JudgeProofs(const LogView& view, std::span<AdmittedEntry* const> entries,
                                unsigned threads, crypto::Rng& rng) {
  return EntryProofs(view, entries).Verify(threads, rng);
}

}  // namespace urna::server
