// Over which ring a first act or ballot in an anonymous poll is made, and who hides there.
// docs/protocol.md §7.6, §8.1, *Which epoch*, *How many are there*, *One ring under a tag*.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/roll/rings.h"
#include "voter/poll_view.h"

namespace urna::voter {

// Names a ring.
struct RingName {
  uint32_t epoch = 1;
  uint32_t number = 0;
  bool operator==(const RingName&) const = default;
};

struct RingChoice {
  RingName ring;
  std::shared_ptr<const roll::Rings> rings;  // of its epoch
  uint16_t district = 0;
  uint64_t members = 0;        // of the district in rings of this epoch
  uint64_t first_members = 0;  // and in those of the epoch that the poll was opened with
  // Of an older ring: why the credential is in none of the newest, as a sentence that goes on after
  // "your credential", and how many others of the ring are in none of them either.
  std::string why_not_newest;
  uint64_t others_outside = 0;
};

// Of an anonymous poll that is open and was read with its roll; an election has the rings of one
// epoch. `sent`: over which ring a first act or ballot was made before; then it is this one, if its
// epoch is still in force. Else the ring of the newest epoch; or where the credential is in none of
// these and `older` is true, of the newest epoch in force that has it. PermissionDenied with the
// reason if it is in no ring that may be used; FailedPrecondition if the one that was sent cannot
// be used any more.
absl::StatusOr<RingChoice> ChooseRing(const PollView& poll,
                                      const std::array<uint8_t, 32>& credential, bool older,
                                      const std::optional<RingName>& sent);

// FailedPrecondition if the district has less than nine tenths of the members that it had when the
// petition was opened.
absl::Status CheckMembers(const RingChoice& choice);

// What is to be said before an act over a ring of a later epoch, or over an older ring; empty if
// there is nothing to say.
std::string DescribeChoice(const RingChoice& choice, uint32_t first_epoch);

}  // namespace urna::voter
