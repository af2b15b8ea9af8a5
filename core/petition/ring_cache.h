// Rings of a petition that are decoded and ready for verification, the last ones used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "core/crypto/ring_verifier.h"
#include "core/roll/rings.h"

namespace urna::petition {

// Thread-safe.
class RingCache {
 public:
  // Keeps about as many rings as fit into so many bytes, of which each takes RingBytes; at least
  // one. `rings` may be null, there is no ring then.
  RingCache(std::shared_ptr<const roll::Rings> rings, size_t most_bytes);

  // Null if there is no ring of this epoch and number, or what has it is no ring (§4.1). Decodes it
  // if it is not kept: about 10 microseconds a point.
  std::shared_ptr<const crypto::DecodedRing> Get(uint32_t epoch, uint32_t number);

  const std::shared_ptr<const roll::Rings>& rings() const { return rings_; }

 private:
  using Kept = std::pair<uint32_t, std::shared_ptr<const crypto::DecodedRing>>;
  std::shared_ptr<const crypto::DecodedRing> Find(uint32_t number);

  const std::shared_ptr<const roll::Rings> rings_;
  const size_t most_;
  std::mutex mutex_;      // over the rest
  std::list<Kept> kept_;  // the last used first
  absl::flat_hash_map<uint32_t, std::list<Kept>::iterator> places_;
};

// What a decoded ring of so many points takes.
size_t RingBytes(size_t ring_size);

}  // namespace urna::petition
