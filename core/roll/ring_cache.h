// Rings of anonymous polls that are decoded and ready for verification, the last ones used.
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

namespace urna::roll {

// Thread-safe. One for all epochs of a petition, or for several polls.
class RingCache {
 public:
  // Keeps about as many rings as fit into so many bytes, of which each takes RingBytes; at least
  // one.
  explicit RingCache(size_t most_bytes) : most_bytes_(most_bytes) {}

  // Null if `rings` is, if there is no ring of this number, or if what has it is no ring (§4.1).
  // Decodes it if it is not kept: about 10 microseconds a point.
  std::shared_ptr<const crypto::DecodedRing> Get(const std::shared_ptr<const Rings>& rings,
                                                 uint32_t number);

 private:
  using Key = std::pair<const Rings*, uint32_t>;
  struct Kept {
    std::shared_ptr<const Rings> rings;  // so that no others get its address
    uint32_t number;
    std::shared_ptr<const crypto::DecodedRing> ring;
  };
  std::shared_ptr<const crypto::DecodedRing> Find(const Key& key);
  void DropLast();

  const size_t most_bytes_;
  std::mutex mutex_;      // over the rest
  size_t bytes_ = 0;      // of the rings that are kept
  std::list<Kept> kept_;  // the last used first
  absl::flat_hash_map<Key, std::list<Kept>::iterator> places_;
};

// What a decoded ring of so many points takes.
size_t RingBytes(size_t ring_size);

}  // namespace urna::roll
