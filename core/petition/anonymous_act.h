// The acts of an anonymous petition: made, and verified one by one. docs/protocol.md §8.1. The
// proofs are those of core/crypto/tag_proof.h and ring_proof.h, which have had no outside review
// yet.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "core/base/numbered_checks.h"
#include "core/crypto/credential.h"
#include "core/crypto/ring.h"
#include "core/crypto/ring_verifier.h"
#include "core/crypto/rng.h"
#include "core/petition/state.h"

namespace urna::petition {

// ξ and c: what a proof answers. The context is that of an anonymous petition; an order must have
// brought in the epoch of a ring act.
crypto::Scalar RingActChallenge(const ActContext& context, const RingAct& act,
                                const crypto::Hash32& ring_hash);
crypto::Scalar TagActChallenge(const ActContext& context, const TagAct& act);

// L3 about points and scalars, whatever the act is bound to.
std::vector<Violation> CheckCanonical(const RingAct& act);
std::vector<Violation> CheckCanonical(const TagAct& act);

// P4, or L3. Without the ring, or before the opening, L3 alone. Variable time: all of it is public.
std::vector<Violation> VerifyActProof(const ActContext& context, const RingAct& act,
                                      const crypto::DecodedRing* ring);
std::vector<Violation> VerifyActProof(const ActContext& context, const TagAct& act);

// Signs for the first time: `epoch` and `number` name `ring`, in which the credential must be; the
// epoch must have been brought in (InvalidArgument). `sequence` is at least 1.
absl::StatusOr<RingAct> MakeRingAct(const ActContext& context, uint64_t sequence, uint32_t epoch,
                                    uint32_t number, const crypto::Ring& ring,
                                    const crypto::Credential& credential, crypto::Rng& rng);
// Withdraws or signs again. `sequence` must be above every earlier one of the tag.
TagAct MakeTagAct(const ActContext& context, Act act, uint64_t sequence,
                  const crypto::Credential& credential, crypto::Rng& rng);

}  // namespace urna::petition
