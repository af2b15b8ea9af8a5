// Many enrolments verified together, in multi-scalar multiplications (docs/protocol.md §3.6). The
// verdicts are those of VerifyEnrolment, one by one: a member that is not all right is handed to
// it, and it says what is wrong.
#pragma once

#include <span>
#include <vector>

#include "core/crypto/rng.h"
#include "core/roll/roll.h"

namespace urna::roll {

// The violations of every member, in the order given, on up to `threads` threads (0: one a core).
// A false enrolment passes with probability below 2^-124, over `rng`, which must be the operating
// system's (and thread-safe, as that is).
std::vector<std::vector<Violation>> VerifyEnrolments(const crypto::Hash32& roll_id,
                                                     std::span<const RollMember* const> members,
                                                     unsigned threads, crypto::Rng& rng);

}  // namespace urna::roll
