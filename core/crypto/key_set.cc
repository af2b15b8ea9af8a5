#include "core/crypto/key_set.h"

#include <sodium.h>

#include <utility>

#include "core/base/check.h"
#include "core/base/status.h"
#include "core/crypto/rng.h"

namespace urna::crypto {
namespace {

constexpr int kNumberBits = 34;
constexpr uint64_t kNumberMask = (uint64_t{1} << kNumberBits) - 1;

// The next slot, around the end.
size_t Next(size_t slot, size_t slots) { return slot + 1 == slots ? 0 : slot + 1; }

}  // namespace

KeySet::KeySet(IsIn is_in) : is_in_(std::move(is_in)) {
  // The secret must be nobody's choice, so its source is not the caller's either.
  SystemRng().Fill(secret_);
}

KeySet::Fingerprint KeySet::FingerprintOf(const Key& key) const {
  static_assert(crypto_shorthash_BYTES == 8 && crypto_shorthash_KEYBYTES == 16);
  uint8_t bytes[8];
  crypto_shorthash(bytes, key.data(), key.size(), secret_.data());
  uint64_t hash = 0;
  for (uint8_t byte : bytes) hash = hash << 8 | byte;
  return {static_cast<size_t>(hash >> (64 - kRunBits)),
          hash >> (64 - kRunBits - kTagBits) & ((uint64_t{1} << kTagBits) - 1)};
}

absl::StatusOr<bool> KeySet::Contains(const Key& key) const {
  if (!is_in_) return keys_.contains(key);
  if (runs_.empty()) return false;
  const Fingerprint wanted = FingerprintOf(key);
  const std::vector<uint64_t>& slots = runs_[wanted.run].slots;
  if (slots.empty()) return false;
  for (size_t at = wanted.tag * slots.size() >> kTagBits; slots[at] != 0;
       at = Next(at, slots.size())) {
    if (slots[at] >> kNumberBits != wanted.tag) continue;
    URNA_ASSIGN_OR_RETURN(const bool found, is_in_((slots[at] & kNumberMask) - 1, key));
    if (found) return true;
  }
  return false;
}

void KeySet::Add(const Key& key, uint64_t number) {
  ++size_;
  if (!is_in_) {
    keys_.insert(key);
    return;
  }
  URNA_CHECK(number < kMaxNumber, "KeySet: the number is too large");
  if (runs_.empty()) runs_.resize(size_t{1} << kRunBits);
  const Fingerprint fingerprint = FingerprintOf(key);
  Run& run = runs_[fingerprint.run];
  // At most 7 of 8 slots are used, so a search always ends.
  if (8 * (run.used + 1) > 7 * run.slots.size()) Grow(run);
  Put(run, fingerprint.tag << kNumberBits | (number + 1));
}

void KeySet::Put(Run& run, uint64_t slot) {
  const size_t slots = run.slots.size();
  size_t at = (slot >> kNumberBits) * slots >> kTagBits;
  while (run.slots[at] != 0) at = Next(at, slots);
  run.slots[at] = slot;
  ++run.used;
}

void KeySet::Grow(Run& run) {
  Run larger;
  larger.slots.resize(run.slots.size() * 5 / 4 + 8);
  for (uint64_t slot : run.slots) {
    if (slot != 0) Put(larger, slot);
  }
  run = std::move(larger);
}

}  // namespace urna::crypto
