#include "server/entry_proofs.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/election/ballot_batch.h"
#include "core/election/challenge_batch.h"
#include "core/election/opened_ballot.h"
#include "core/petition/act_batch.h"
#include "core/petition/anonymous_batch.h"
#include "core/roll/enrolment_batch.h"

namespace urna::server {
namespace {

absl::Status CheckEntitled(const LogView& view, const std::array<uint8_t, 32>& credential) {
  if (view.roll != nullptr && view.roll->Find(credential) == nullptr) {
    return absl::PermissionDeniedError(
        absl::StrCat("the credential is not on the roll of '", view.facts->origin, "'"));
  }
  return absl::OkStatus();
}

absl::Status NotOpen(const LogView& view) {
  return absl::FailedPreconditionError(
      absl::StrCat("the poll '", view.facts->origin, "' is not open",
                   view.state.empty() ? "" : absl::StrCat(": it is ", view.state)));
}

// Entries of one kind that are to be verified together, and where they stand among all.
template <typename T>
struct Together {
  std::vector<const T*> entries;
  std::vector<size_t> places;
};

// Sorts entries by kind, refusing what need not be verified for that.
class EntryProofs {
 public:
  EntryProofs(const LogView& view, std::span<AdmittedEntry* const> entries)
      : view_(view), statuses_(entries.size()) {
    for (size_t i = 0; i < entries.size(); ++i) statuses_[i] = Sort(i, *entries[i]);
  }

  std::vector<absl::Status> Verify(unsigned threads, crypto::Rng& rng) && {
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
      Take(anonymous_places_,
           petition::VerifyAnonymousProofs(*view_.signing, anonymous_, *view_.rings, threads, rng));
    }
    Take(members_.places, roll::VerifyEnrolments(view_.facts->id, members_.entries, threads, rng));
    return std::move(statuses_);
  }

 private:
  absl::Status Sort(size_t place, AdmittedEntry& admitted) {
    const record::Entry& entry = admitted.entry;
    if (const auto* ballot = std::get_if<election::Ballot>(&entry)) {
      if (!view_.facts->election.has_value()) return absl::OkStatus();
      return AddVoter(place, *ballot, ballots_);
    }
    if (const auto* challenge = std::get_if<election::BallotChallenge>(&entry)) {
      if (!view_.facts->election.has_value()) return absl::OkStatus();
      return AddVoter(place, *challenge, challenges_);
    }
    if (const auto* opening = std::get_if<election::BallotOpening>(&entry)) {
      return Open(*opening, admitted);
    }
    if (const auto* act = std::get_if<petition::PetitionAct>(&entry)) {
      if (view_.facts->kind != LogKind::kPetition) return absl::OkStatus();
      if (view_.phase != LogPhase::kCollecting || !view_.signing.has_value()) {
        return NotOpen(view_);
      }
      // The committer says what acts this petition takes.
      if (view_.signing->anonymous != nullptr) return absl::OkStatus();
      return Add(place, *act, acts_);
    }
    if (const auto* act = std::get_if<petition::RingAct>(&entry)) return AddAnonymous(place, act);
    if (const auto* act = std::get_if<petition::TagAct>(&entry)) return AddAnonymous(place, act);
    if (const auto* member = std::get_if<roll::RollMember>(&entry)) {
      if (view_.facts->kind != LogKind::kRoll) return absl::OkStatus();
      members_.entries.push_back(member);
      members_.places.push_back(place);
    }
    return absl::OkStatus();
  }

  template <typename T>
  absl::Status AddVoter(size_t place, const T& entry, Together<T>& to) {
    if (view_.phase != LogPhase::kVoting || !view_.voting.has_value()) return NotOpen(view_);
    return Add(place, entry, to);
  }

  template <typename T>
  absl::Status Add(size_t place, const T& entry, Together<T>& to) {
    URNA_RETURN_IF_ERROR(CheckEntitled(view_, entry.credential));
    to.entries.push_back(&entry);
    to.places.push_back(place);
    return absl::OkStatus();
  }

  absl::Status AddAnonymous(size_t place, petition::AnonymousAct act) {
    if (view_.facts->kind != LogKind::kPetition) return absl::OkStatus();
    if (view_.phase != LogPhase::kCollecting || !view_.signing.has_value()) return NotOpen(view_);
    if (view_.signing->anonymous == nullptr) return absl::OkStatus();
    anonymous_.push_back(act);
    anonymous_places_.push_back(place);
    return absl::OkStatus();
  }

  absl::Status Open(const election::BallotOpening& opening, AdmittedEntry& admitted) {
    if (!view_.facts->election.has_value()) return absl::OkStatus();
    const bool open = view_.phase == LogPhase::kVoting || view_.phase == LogPhase::kClosed;
    if (!open || !view_.voting.has_value()) return NotOpen(view_);
    const election::OpenedBallot opened =
        election::OpenBallotVarTime(*view_.facts->election, *view_.voting, opening);
    admitted.opened = opened.hash;
    return FirstOf(opened.violations);
  }

  void Take(const std::vector<size_t>& places,
            const std::vector<std::vector<Violation>>& violations) {
    for (size_t i = 0; i < places.size(); ++i) statuses_[places[i]] = FirstOf(violations[i]);
  }

  const LogView& view_;
  std::vector<absl::Status> statuses_;
  Together<election::Ballot> ballots_;
  Together<election::BallotChallenge> challenges_;
  Together<petition::PetitionAct> acts_;
  std::vector<petition::AnonymousAct> anonymous_;
  std::vector<size_t> anonymous_places_;
  Together<roll::RollMember> members_;
};

}  // namespace

std::vector<absl::Status> VerifyProofs(const LogView& view, std::span<AdmittedEntry* const> entries,
                                       unsigned threads, crypto::Rng& rng) {
  return EntryProofs(view, entries).Verify(threads, rng);
}

}  // namespace urna::server
