// Many acts of an anonymous petition verified together (docs/protocol.md §3.6, §3.8). The verdicts
// are those of VerifyActProof, one by one: an act that is not all right is handed to it, and it
// says what is wrong.
#pragma once

#include <span>
#include <variant>
#include <vector>

#include "core/crypto/ring_batch.h"
#include "core/crypto/rng.h"
#include "core/petition/anonymous_act.h"
#include "core/roll/ring_cache.h"

namespace urna::petition {

using roll::RingBytes;
using roll::RingCache;

using AnonymousAct = std::variant<const RingAct*, const TagAct*>;

// The violations of every act, in the order given, on up to `threads` threads (0: one a core). A
// false act passes with probability below 2^-120, over `rng`, which must be the operating system's
// (and thread-safe, as that is). Acts are sorted by their rings, so that the points of each are
// decoded and summed up once for many acts; of an act whose ring there is not only L3 is said.
std::vector<std::vector<Violation>> VerifyAnonymousProofs(const ActContext& context,
                                                          std::span<const AnonymousAct> acts,
                                                          RingCache& rings, unsigned threads,
                                                          crypto::Rng& rng);

// The same for a board, which refuses what is wrong at the lowest cost (§8.1): of ring acts the
// equations over the ring are only asked where those of the tag hold.
struct ScreenedAct {
  std::vector<Violation> violations;
  crypto::RingStage refused_by =
      crypto::RingStage::kForm;  // if there are any; tag acts: not kMember
};
std::vector<ScreenedAct> ScreenAnonymousProofs(const ActContext& context,
                                               std::span<const AnonymousAct> acts, RingCache& rings,
                                               unsigned threads, crypto::Rng& rng);

}  // namespace urna::petition
