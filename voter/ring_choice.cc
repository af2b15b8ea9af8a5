#include "voter/ring_choice.h"

#include <ranges>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::voter {
namespace {

using petition::EpochRings;
using petition::RingEpochs;

RingChoice MakeChoice(const RingEpochs& epochs, const EpochRings& epoch, uint32_t number) {
  RingChoice out;
  out.ring = {epoch.epoch, number};
  out.rings = epoch.rings;
  out.district = epoch.rings->DistrictOf(number);
  out.members = epoch.rings->MembersIn(out.district);
  out.first_members = epochs.first().rings->MembersIn(out.district);
  return out;
}

// Of the newest epoch in force below the newest.
std::optional<RingChoice> FindOlder(const RingEpochs& epochs,
                                    const std::array<uint8_t, 32>& credential) {
  for (const EpochRings& epoch : epochs.all() | std::views::reverse) {
    if (epoch.epoch < epochs.earliest()) break;
    if (epoch.epoch == epochs.newest().epoch) continue;
    const std::optional<uint32_t> number = epoch.rings->Find(credential);
    if (!number.has_value()) continue;
    RingChoice out = MakeChoice(epochs, epoch, *number);
    out.why_not_newest = epochs.newest().rings->WhyInNone(credential);
    // The credential itself is one of them.
    out.others_outside = epoch.rings->CountOutside(*number, *epochs.newest().rings) - 1;
    return out;
  }
  return std::nullopt;
}

absl::StatusOr<RingChoice> SameAgain(const PollView& poll, const RingEpochs& epochs,
                                     const std::array<uint8_t, 32>& credential,
                                     const RingName& sent) {
  const EpochRings* epoch = epochs.FindInForce(sent.epoch);
  if (epoch == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat(
        "your signature over a ring of epoch ", sent.epoch,
        " was sent and not accepted before that epoch ended, and another one over another ring "
        "would say that you are in both: so you cannot sign '",
        poll.origin,
        "' any more. What was sent is in your receipts, and with the order that ended the epoch "
        "it is the evidence if the board kept it waiting: say so in public"));
  }
  const std::optional<uint32_t> number = epoch->rings->Find(credential);
  if (number != sent.number) {
    return absl::FailedPreconditionError(absl::StrCat(
        "a signature was sent over ring ", sent.number, " of epoch ", sent.epoch,
        ", in which your credential is not: another one over another ring would say that you are "
        "in both"));
  }
  return MakeChoice(epochs, *epoch, *number);
}

absl::StatusOr<RingChoice> ChooseInElection(const PollView& poll,
                                            const std::array<uint8_t, 32>& credential,
                                            const std::optional<RingName>& sent) {
  const std::shared_ptr<const roll::Rings> rings = poll.rings();
  if (rings == nullptr) return absl::InternalError("the roll was not read");
  const std::optional<uint32_t> number = rings->Find(credential);
  if (!number.has_value()) {
    return absl::PermissionDeniedError(absl::StrCat(
        "you cannot vote in '", poll.origin, "': your credential ", rings->WhyInNone(credential)));
  }
  if (sent.has_value() && sent->number != *number) {
    return absl::FailedPreconditionError(absl::StrCat("a ballot was sent over ring ", sent->number,
                                                      ", in which your credential is not: another "
                                                      "one over ring ",
                                                      *number, " would say that you are in both"));
  }
  RingChoice out;
  out.ring = {rings->roll().epoch(), *number};
  out.rings = rings;
  out.district = rings->DistrictOf(*number);
  out.members = rings->MembersIn(out.district);
  out.first_members = out.members;
  return out;
}

}  // namespace

absl::StatusOr<RingChoice> ChooseRing(const PollView& poll,
                                      const std::array<uint8_t, 32>& credential, bool older,
                                      const std::optional<RingName>& sent) {
  if (poll.election() != nullptr) return ChooseInElection(poll, credential, sent);
  const RingEpochs& epochs = poll.signing->anonymous->epochs;
  if (!epochs.at_hand()) return absl::InternalError("the roll was not read");
  if (sent.has_value()) return SameAgain(poll, epochs, credential, *sent);
  const EpochRings& newest = epochs.newest();
  if (const std::optional<uint32_t> number = newest.rings->Find(credential)) {
    return MakeChoice(epochs, newest, *number);
  }
  const std::string refusal = absl::StrCat("you cannot sign '", poll.origin, "': your credential ",
                                           newest.rings->WhyInNone(credential));
  std::optional<RingChoice> choice = FindOlder(epochs, credential);
  if (!choice.has_value()) return absl::PermissionDeniedError(refusal);
  if (older) return *std::move(choice);
  return absl::PermissionDeniedError(absl::StrCat(
      refusal, ". It is in ring ", choice->ring.number, " of epoch ", choice->ring.epoch,
      ", which is still in force; of the ", choice->rings->CrowdOf(choice->ring.number) - 1,
      " others in that ring ", choice->others_outside,
      " are in no ring of the newest epoch either, and a signature there is likely to be of one of "
      "these. With --older-ring it is made all the same"));
}

absl::Status CheckMembers(const RingChoice& choice) {
  if (choice.members * 10 >= choice.first_members * 9) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "of your district, number ", choice.district, ", ", choice.members,
      " members are in the rings of epoch ", choice.ring.epoch, ", and ", choice.first_members,
      " were in those with which the petition was opened: somebody may have moved or taken off "
      "those who would hide you. If you know why, sign with --few-members"));
}

std::string DescribeChoice(const RingChoice& choice, uint32_t first_epoch) {
  std::string out;
  if (!choice.why_not_newest.empty()) {
    out = absl::StrCat("Your credential ", choice.why_not_newest,
                       ". The signature is made over ring ", choice.ring.number, " of epoch ",
                       choice.ring.epoch, "; of the ",
                       choice.rings->CrowdOf(choice.ring.number) - 1, " others in it ",
                       choice.others_outside, " are in no ring of the newest epoch either.");
  }
  if (choice.ring.epoch == first_epoch) return out;
  return absl::StrCat(out, out.empty() ? "" : " ", "Epoch ", choice.ring.epoch,
                      " of the roll: of your district, number ", choice.district, ", ",
                      choice.members, " members are in its rings, and ", choice.first_members,
                      " were in those of epoch ", first_epoch,
                      ", with which the petition was opened.");
}

}  // namespace urna::voter
