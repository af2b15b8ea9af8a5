#include "core/merkle/hash.h"

#include <algorithm>

#include "core/crypto/hash.h"

namespace urna::merkle {

Hash LeafHash(ByteSpan entry) {
  constexpr uint8_t kLeafPrefix[] = {0x00};
  crypto::Sha256Hasher hasher;
  hasher.Update(kLeafPrefix);
  hasher.Update(entry);
  return hasher.Finish();
}

Hash NodeHash(const Hash& left, const Hash& right) {
  std::array<uint8_t, 65> input;
  input[0] = 0x01;
  std::copy(left.begin(), left.end(), input.begin() + 1);
  std::copy(right.begin(), right.end(), input.begin() + 33);
  return crypto::Sha256(input);
}

Hash EmptyRoot() { return crypto::Sha256(ByteSpan()); }

}  // namespace urna::merkle
