// What is asked before an anonymous act or ballot is made, since checks that come later protect
// nobody who has sent it: docs/protocol.md §7.6, §8.1, *Before, not after*. Reading the poll
// (poll_view.h) has asked most of it: the log and its checkpoint, S1-S3, S5-S8, S14, P1 and P8, of
// later epochs of the roll too (of an election S9-S13, S16 and B12). Left are S4 of one's own ring,
// the beacon, how many are there, and L6.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "core/crypto/hash.h"
#include "core/crypto/rng.h"
#include "core/merkle/witness_policy.h"
#include "voter/board.h"
#include "voter/poll_view.h"
#include "voter/ring_choice.h"

namespace urna::voter {

struct SigningChecks {
  // The beacon of the epoch over whose ring the act is made, as its source gives it. Without it
  // `show_beacon` is called with the source that the manifest names and the value that the order
  // gives, for the person who signs to compare; an error of it ends the matter.
  std::optional<crypto::Hash32> beacon;
  std::function<absl::Status(absl::string_view source, const crypto::Hash32& value)> show_beacon;
  // Of epochs that may have been brought in, whatever is acted over: as far as they are known.
  std::map<uint32_t, crypto::Hash32> beacons;
  // Who must have cosigned a tree with the order in it that brought the epoch in, and of a later
  // epoch one of the roll; null: no witnesses are known. Must outlive the call.
  const merkle::WitnessPolicy* witnesses = nullptr;
  // Whether a first act may be made over a ring of an older epoch by who is in none of the newest,
  // and where the district has lost more than a tenth of its members.
  bool older_ring = false;
  bool few_members = false;
  // Is told what who signs should know, in whole sentences; may be empty.
  std::function<void(absl::string_view sentences)> say;
};

// Of an anonymous poll that is open and was read with its enrolments; `choice` is the ring of a
// first act or ballot, null for one under a tag, which needs none. The first thing that is not so:
// DataLoss for an enrolment that is not proved (S4), and for another final checkpoint than the
// log's or the roll's; FailedPrecondition for another beacon, and for a district that has lost
// members; Unavailable if the witnesses have not cosigned it yet; InvalidArgument if nobody can
// compare the beacon. Under a tag the beacon need not be shown again.
absl::Status CheckBeforeSigning(Board& board, const PollView& poll, const RingChoice* choice,
                                const SigningChecks& checks, crypto::Rng& rng);

}  // namespace urna::voter
