// A set of 32-byte keys in which nothing may stand twice, for millions of them. Public data.
//
// It keeps either the keys themselves, 35 to 70 bytes each, or, where they can be looked up again,
// 8 to 12 bytes each: a fingerprint under a random key of its own and the number of the entry that
// holds the key. Fingerprints that are the same only send us to look at that entry, so the answer
// is exact either way, and nobody who does not know the random key can make them collide.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"

namespace urna::crypto {

class KeySet {
 public:
  using Key = std::array<uint8_t, 32>;
  // Whether the entry with this number holds the key. Called on the threads that call Contains.
  using IsIn = std::function<absl::StatusOr<bool>(uint64_t number, const Key& key)>;

  // Numbers that can be kept beside a fingerprint are below this.
  static constexpr uint64_t kMaxNumber = (uint64_t{1} << 34) - 1;

  // Keeps the keys themselves.
  KeySet() = default;
  // Keeps fingerprints.
  explicit KeySet(IsIn is_in);

  // The only errors are those of IsIn. May run on several threads while nobody adds.
  absl::StatusOr<bool> Contains(const Key& key) const;
  // `number`: the entry that holds the key, below kMaxNumber (checked, aborts).
  void Add(const Key& key, uint64_t number);

  uint64_t size() const { return size_; }

 private:
  // A fingerprint has 42 bits: 12 say in which run it stands, 30 are kept in the top bits of a
  // slot, above the number plus 1. Slots are probed one after the other from the place that the 30
  // bits give; 0 is an empty one.
  struct Run {
    std::vector<uint64_t> slots;
    size_t used = 0;
  };
  struct Fingerprint {
    size_t run = 0;
    uint64_t tag = 0;
  };
  static constexpr int kRunBits = 12;
  static constexpr int kTagBits = 30;

  Fingerprint FingerprintOf(const Key& key) const;
  static void Put(Run& run, uint64_t slot);
  static void Grow(Run& run);

  IsIn is_in_;
  std::array<uint8_t, 16> secret_{};
  std::vector<Run> runs_;
  absl::flat_hash_set<Key> keys_;
  uint64_t size_ = 0;
};

}  // namespace urna::crypto
