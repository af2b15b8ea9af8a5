#include "core/crypto/key_set.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "core/crypto/rng.h"

namespace urna::crypto {
namespace {

KeySet::Key RandomKey(Rng& rng) { return rng.Array<32>(); }

TEST(KeySetTest, KeepsKeysExactlyWithAndWithoutLookingThemUp) {
  SeededRng rng(1);
  std::vector<KeySet::Key> held;
  uint64_t looked = 0;
  KeySet exact;
  KeySet compact([&](uint64_t number, const KeySet::Key& key) -> absl::StatusOr<bool> {
    ++looked;
    return held.at(number / 3) == key;
  });
  for (uint64_t i = 0; i < 100000; ++i) {
    held.push_back(RandomKey(rng));
    ASSERT_FALSE(*exact.Contains(held.back()));
    ASSERT_FALSE(*compact.Contains(held.back()));
    exact.Add(held.back(), 3 * i);
    compact.Add(held.back(), 3 * i);
  }
  EXPECT_EQ(exact.size(), 100000u);
  EXPECT_EQ(compact.size(), 100000u);
  // 5·10^9 pairs of 42 bits: a collision by chance is rare, many would be a fault.
  EXPECT_LT(looked, 5u);
  for (const KeySet::Key& key : held) {
    ASSERT_TRUE(*exact.Contains(key));
    ASSERT_TRUE(*compact.Contains(key));
  }
  EXPECT_GE(looked, held.size());
  // Another key that differs in one bit is none of them.
  KeySet::Key other = held[17];
  other[31] ^= 0x80;
  EXPECT_FALSE(*exact.Contains(other));
  EXPECT_FALSE(*compact.Contains(other));
}

TEST(KeySetTest, AFingerprintAloneDecidesNothing) {
  // Who looks the key up says that it is another one.
  KeySet set([](uint64_t, const KeySet::Key&) -> absl::StatusOr<bool> { return false; });
  SeededRng rng(2);
  const KeySet::Key key = RandomKey(rng);
  set.Add(key, 1);
  EXPECT_FALSE(*set.Contains(key));
}

TEST(KeySetTest, LooksAtEveryEntryWithTheFingerprint) {
  std::vector<uint64_t> asked;
  KeySet set([&](uint64_t number, const KeySet::Key&) -> absl::StatusOr<bool> {
    asked.push_back(number);
    return number == 0;
  });
  SeededRng rng(3);
  const KeySet::Key key = RandomKey(rng);
  set.Add(key, KeySet::kMaxNumber - 1);
  set.Add(key, 0);
  EXPECT_TRUE(*set.Contains(key));
  EXPECT_EQ(asked, (std::vector<uint64_t>{KeySet::kMaxNumber - 1, 0}));
}

TEST(KeySetTest, SaysIfAnEntryCannotBeLookedAt) {
  KeySet set([](uint64_t number, const KeySet::Key&) -> absl::StatusOr<bool> {
    return absl::UnavailableError(std::to_string(number));
  });
  SeededRng rng(4);
  const KeySet::Key key = RandomKey(rng);
  EXPECT_FALSE(*set.Contains(key));
  set.Add(key, 42);
  EXPECT_EQ(set.Contains(key).status(), absl::UnavailableError("42"));
}

TEST(KeySetDeathTest, RefusesNumbersThatItCannotKeep) {
  KeySet set([](uint64_t, const KeySet::Key&) -> absl::StatusOr<bool> { return true; });
  EXPECT_DEATH(set.Add({}, KeySet::kMaxNumber), "number is too large");
}

}  // namespace
}  // namespace urna::crypto
