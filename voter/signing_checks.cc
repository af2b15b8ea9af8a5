#include "voter/signing_checks.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/roll/enrolment_batch.h"
#include "voter/history.h"

namespace urna::voter {
namespace {

absl::string_view VerbOf(const PollView& poll) {
  return poll.election() != nullptr ? "vote" : "sign";
}

// S4 of who stands in the same ring: an enrolment that nobody has proved hides nobody.
absl::Status CheckOwnRing(const PollView& poll, const RingChoice& choice, crypto::Rng& rng) {
  const Bytes points = choice.rings->PointsOf(choice.ring.number);
  absl::flat_hash_set<std::array<uint8_t, 32>> in_ring;
  for (size_t at = 0; at < points.size(); at += 32) {
    std::array<uint8_t, 32> point;
    std::copy_n(points.begin() + static_cast<ptrdiff_t>(at), 32, point.begin());
    in_ring.insert(point);
  }
  std::vector<const roll::RollMember*> crowd;
  for (const roll::RollMember& member : poll.members) {
    if (in_ring.contains(member.credential)) crowd.push_back(&member);
  }
  if (crowd.size() != choice.rings->CrowdOf(choice.ring.number)) {
    return absl::InternalError("the members of the roll were not kept");
  }
  for (const auto& violations : roll::VerifyEnrolments(poll.pin->roll_id, crowd, 0, rng)) {
    if (violations.empty()) continue;
    return absl::DataLossError(
        absl::StrCat("a member of your ring is not proved to be anybody, so do not ", VerbOf(poll),
                     ": ", violations.front().status.message()));
  }
  return absl::OkStatus();
}

// An order that gives a beacon for rings.
struct GivenBeacon {
  std::string order;
  crypto::Hash32 value{};
};

// `ours`: as its source gives it.
absl::Status CompareBeacon(const PollView& poll, const GivenBeacon& given,
                           const crypto::Hash32& ours) {
  if (given.value == ours) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(given.order, " gives the beacon ", ToHex(given.value), ", and not ", ToHex(ours),
                   ", for '", poll.beacon_source(),
                   "': somebody may have chosen who stands beside whom, so do not ", VerbOf(poll)));
}

absl::Status ShowBeacon(const PollView& poll, const GivenBeacon& given,
                        const SigningChecks& checks) {
  if (!checks.show_beacon) {
    return absl::InvalidArgumentError(
        absl::StrCat("the beacon is neither given nor shown to who ", VerbOf(poll), "s"));
  }
  return checks.show_beacon(poll.beacon_source(), given.value);
}

GivenBeacon BeaconOf(const petition::RingEpochs& epochs, const petition::EpochRings& epoch) {
  if (epoch.epoch == epochs.first().epoch) return {"the opening order", epoch.beacon};
  return {absl::StrCat("the order that brought epoch ", epoch.epoch, " of the roll in"),
          epoch.beacon};
}

absl::Status CheckBeacon(const PollView& poll, const RingChoice* choice,
                         const SigningChecks& checks) {
  if (poll.election() != nullptr) {
    const GivenBeacon given{"the opening order", *poll.beacon};
    if (checks.beacon.has_value()) return CompareBeacon(poll, given, *checks.beacon);
    return choice == nullptr ? absl::OkStatus() : ShowBeacon(poll, given, checks);
  }
  const petition::RingEpochs& epochs = poll.signing->anonymous->epochs;
  const petition::EpochRings& epoch =
      choice == nullptr ? epochs.newest() : *epochs.Find(choice->ring.epoch);
  const GivenBeacon given = BeaconOf(epochs, epoch);
  for (const auto& [number, beacon] : checks.beacons) {
    if (const petition::EpochRings* known = epochs.Find(number)) {
      URNA_RETURN_IF_ERROR(CompareBeacon(poll, BeaconOf(epochs, *known), beacon));
    }
  }
  if (checks.beacon.has_value()) return CompareBeacon(poll, given, *checks.beacon);
  if (choice == nullptr || checks.beacons.contains(epoch.epoch)) return absl::OkStatus();
  return ShowBeacon(poll, given, checks);
}

// One of the board's checkpoints of a log that the witnesses have cosigned, of at least so many
// entries. Nothing if there is none.
absl::StatusOr<std::optional<merkle::Checkpoint>> FindWitnessed(
    Board& board, const merkle::NoteVerifier& log, const std::string& newest, uint64_t at_least,
    const merkle::WitnessPolicy& witnesses) {
  URNA_ASSIGN_OR_RETURN(const std::optional<std::string> final,
                        board.GetFinalCheckpoint(log.name()));
  for (const std::optional<std::string>& note : {std::optional<std::string>(newest), final}) {
    if (!note.has_value()) continue;
    const absl::StatusOr<merkle::WitnessedCheckpoint> opened = witnesses.Open(AsBytes(*note), log);
    if (!opened.ok()) {
      return absl::DataLossError(absl::StrCat("the board's checkpoint of '", log.name(),
                                              "': ", opened.status().message()));
    }
    if (opened->witnessing.quorum_met && opened->checkpoint.size() >= at_least) {
      return opened->checkpoint;
    }
  }
  return std::nullopt;
}

absl::Status TooFewWitnesses(absl::string_view origin, absl::string_view with) {
  return absl::UnavailableError(
      absl::StrCat("too few witnesses have cosigned a tree of '", origin, "' with ", with,
                   " in it, so nobody knows whether others are shown the same: ask again later"));
}

// L6: that this person is shown the same as everybody.
absl::Status CheckWitnessed(Board& board, const PollView& poll, uint64_t index,
                            absl::string_view with, const merkle::WitnessPolicy& witnesses) {
  URNA_ASSIGN_OR_RETURN(const std::optional<merkle::Checkpoint> witnessed,
                        FindWitnessed(board, poll.log, poll.checkpoint.note, index + 1, witnesses));
  if (!witnessed.has_value()) return TooFewWitnesses(poll.origin, with);
  return CheckSameHistory(board, *witnessed, poll.checkpoint.checkpoint);
}

// The same of the roll, up to where a later epoch ends.
absl::Status CheckRollWitnessed(Board& board, const RingChoice& choice,
                                const merkle::WitnessPolicy& witnesses) {
  const roll::RollHeader& header = choice.rings->roll().header();
  const roll::RollPin pin = choice.rings->roll().pin();
  URNA_ASSIGN_OR_RETURN(const crypto::VerifyKey key, crypto::VerifyKey::Decode(header.log_key));
  URNA_ASSIGN_OR_RETURN(const merkle::NoteVerifier log,
                        merkle::NoteVerifier::Create(header.origin, key));
  URNA_ASSIGN_OR_RETURN(const std::string newest, board.GetCheckpoint(header.origin));
  URNA_ASSIGN_OR_RETURN(const std::optional<merkle::Checkpoint> witnessed,
                        FindWitnessed(board, log, newest, pin.size, witnesses));
  if (!witnessed.has_value()) {
    return TooFewWitnesses(header.origin, absl::StrCat("its epoch ", choice.ring.epoch));
  }
  URNA_ASSIGN_OR_RETURN(const merkle::Checkpoint pinned,
                        merkle::Checkpoint::Create(header.origin, pin.size, pin.root));
  return CheckSameHistory(board, *witnessed, pinned);
}

absl::Status CheckShownToAll(Board& board, const PollView& poll, const RingChoice* choice,
                             const SigningChecks& checks) {
  const bool later = choice != nullptr && poll.petition() != nullptr &&
                     choice->ring.epoch != poll.signing->anonymous->epochs.first().epoch;
  if (checks.witnesses == nullptr) {
    if (later && checks.say) {
      checks.say(absl::StrCat(
          "No witnesses are known (--policy names them): that others are shown the same order, "
          "which brought epoch ",
          choice->ring.epoch, " of the roll in, and the same roll is the board's word alone."));
    }
    return absl::OkStatus();
  }
  if (!later) {
    return CheckWitnessed(board, poll, poll.opened_at, "the opening order", *checks.witnesses);
  }
  URNA_RETURN_IF_ERROR(CheckWitnessed(
      board, poll, poll.brought_in_at.at(choice->ring.epoch),
      absl::StrCat("the order that brought epoch ", choice->ring.epoch, " in"), *checks.witnesses));
  return CheckRollWitnessed(board, *choice, *checks.witnesses);
}

// How many are there, where an order may have brought a later epoch in.
absl::Status CheckCrowd(const PollView& poll, const RingChoice& choice,
                        const SigningChecks& checks) {
  const std::string sentences =
      DescribeChoice(choice, poll.signing->anonymous->epochs.first().epoch);
  if (!sentences.empty() && checks.say) checks.say(sentences);
  return checks.few_members ? absl::OkStatus() : CheckMembers(choice);
}

}  // namespace

absl::Status CheckBeforeSigning(Board& board, const PollView& poll, const RingChoice* choice,
                                const SigningChecks& checks, crypto::Rng& rng) {
  if (choice != nullptr) {
    URNA_RETURN_IF_ERROR(CheckOwnRing(poll, *choice, rng));
    if (poll.petition() != nullptr) URNA_RETURN_IF_ERROR(CheckCrowd(poll, *choice, checks));
  }
  URNA_RETURN_IF_ERROR(CheckShownToAll(board, poll, choice, checks));
  return CheckBeacon(poll, choice, checks);
}

}  // namespace urna::voter
