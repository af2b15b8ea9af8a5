#include "voter/signing_checks.h"

#include <algorithm>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/roll/enrolment_batch.h"
#include "voter/history.h"

namespace urna::voter {
namespace {

// S4 of who stands in the same ring: an enrolment that nobody has proved hides nobody.
absl::Status CheckOwnRing(const PollView& poll, const std::array<uint8_t, 32>& credential,
                          crypto::Rng& rng) {
  const roll::Rings& rings = *poll.signing->anonymous->rings;
  const std::optional<uint32_t> number = rings.Find(credential);
  if (!number.has_value()) {
    return absl::DataLossError("your credential is on the roll and in none of its rings");
  }
  const Bytes points = rings.PointsOf(*number);
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
  if (crowd.size() != rings.CrowdOf(*number)) {
    return absl::InternalError("the members of the roll were not kept");
  }
  for (const auto& violations : roll::VerifyEnrolments(poll.pin->roll_id, crowd, 0, rng)) {
    if (violations.empty()) continue;
    return absl::DataLossError(
        absl::StrCat("a member of your ring is not proved to be anybody, so do not sign: ",
                     violations.front().status.message()));
  }
  return absl::OkStatus();
}

absl::Status CheckBeacon(const PollView& poll, const SigningChecks& checks, bool shown_before) {
  const std::string& source = poll.petition()->anonymous->beacon_source;
  if (checks.beacon.has_value()) {
    if (*checks.beacon == *poll.beacon) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("the opening order gives the beacon ", ToHex(*poll.beacon), ", and not ",
                     ToHex(*checks.beacon), ", for '", source,
                     "': somebody may have chosen who stands beside whom, so do not sign"));
  }
  if (shown_before) return absl::OkStatus();
  if (!checks.show_beacon) {
    return absl::InvalidArgumentError("the beacon is neither given nor shown to who signs");
  }
  return checks.show_beacon(source, *poll.beacon);
}

// L6: that this person is shown the same as everybody.
absl::Status CheckWitnessed(Board& board, const PollView& poll,
                            const merkle::WitnessPolicy& witnesses) {
  URNA_ASSIGN_OR_RETURN(const std::optional<std::string> final,
                        board.GetFinalCheckpoint(poll.origin));
  for (const std::optional<std::string>& note :
       {std::optional<std::string>(poll.checkpoint.note), final}) {
    if (!note.has_value()) continue;
    const absl::StatusOr<merkle::WitnessedCheckpoint> opened =
        witnesses.Open(AsBytes(*note), poll.log);
    if (!opened.ok()) {
      return absl::DataLossError(absl::StrCat("the board's checkpoint of '", poll.origin,
                                              "': ", opened.status().message()));
    }
    if (!opened->witnessing.quorum_met || opened->checkpoint.size() <= poll.opened_at) continue;
    return CheckSameHistory(board, opened->checkpoint, poll.checkpoint.checkpoint);
  }
  return absl::UnavailableError(absl::StrCat(
      "too few witnesses have cosigned a tree of '", poll.origin,
      "' with the opening order in it, so nobody knows whether others are shown the same: ask "
      "again later"));
}

}  // namespace

absl::Status CheckBeforeSigning(Board& board, const PollView& poll,
                                const std::array<uint8_t, 32>& credential,
                                const SigningChecks& checks, bool shown_before, crypto::Rng& rng) {
  URNA_RETURN_IF_ERROR(CheckOwnRing(poll, credential, rng));
  if (checks.witnesses != nullptr) {
    URNA_RETURN_IF_ERROR(CheckWitnessed(board, poll, *checks.witnesses));
  }
  return CheckBeacon(poll, checks, shown_before);
}

}  // namespace urna::voter
