// What is asked before an anonymous act is made, since checks that come later protect nobody who
// has signed: docs/protocol.md §8.1, *Before, not after*. Reading the poll (poll_view.h) has asked
// most of it: the log and its checkpoint, S1-S3, S5-S8, S14, P1 and P8. Left are S4 of the signer's
// own ring, the beacon, and L6.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "core/crypto/hash.h"
#include "core/crypto/rng.h"
#include "core/merkle/witness_policy.h"
#include "voter/board.h"
#include "voter/poll_view.h"

namespace urna::voter {

struct SigningChecks {
  // The beacon as its source gives it. Without it `show_beacon` is called with the source that the
  // manifest names and the value that the opening gives, for the person who signs to compare; an
  // error of it ends the matter.
  std::optional<crypto::Hash32> beacon;
  std::function<absl::Status(absl::string_view source, const crypto::Hash32& value)> show_beacon;
  // Who must have cosigned a tree with the opening in it; null: no witnesses are known. Must
  // outlive the call.
  const merkle::WitnessPolicy* witnesses = nullptr;
};

// Of an anonymous petition that is open and was read with its enrolments; the credential is in a
// ring of it. The first thing that is not so: DataLoss for an enrolment that is not proved (S4),
// and for another final checkpoint than the log's; FailedPrecondition for another beacon;
// Unavailable if the witnesses have not cosigned the opening yet; InvalidArgument if nobody can
// compare the beacon. With `shown_before` the beacon need not be shown again.
absl::Status CheckBeforeSigning(Board& board, const PollView& poll,
                                const std::array<uint8_t, 32>& credential,
                                const SigningChecks& checks, bool shown_before, crypto::Rng& rng);

}  // namespace urna::voter
