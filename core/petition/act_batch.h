// Many petition acts verified together, in multi-scalar multiplications (docs/protocol.md §3.6).
// The verdicts are those of VerifyActProof, one by one: an act that is not all right is handed to
// it, and it says what is wrong.
#pragma once

#include <span>
#include <vector>

#include "core/crypto/rng.h"
#include "core/petition/state.h"

namespace urna::petition {

// The violations of every act, in the order given, on up to `threads` threads (0: one a core). A
// false act passes with probability below 2^-124, over `rng`, which must be the operating
// system's (and thread-safe, as that is).
std::vector<std::vector<Violation>> VerifyActProofs(const ActContext& context,
                                                    std::span<const PetitionAct* const> acts,
                                                    unsigned threads, crypto::Rng& rng);

}  // namespace urna::petition
