#include "core/crypto/hash_to_group.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/crypto/hash.h"

namespace urna::crypto {

Bytes ExpandMessageXmdSha512(ByteSpan message, ByteSpan tag, size_t length) {
  constexpr size_t kDigest = 64;
  constexpr size_t kBlock = 128;
  URNA_CHECK(!tag.empty() && tag.size() <= 255, "a domain separation tag has 1..255 bytes");
  URNA_CHECK(length >= 1 && length <= 255 * kDigest, "the length is out of range");

  const std::array<uint8_t, 1> tag_length = {static_cast<uint8_t>(tag.size())};
  const std::array<uint8_t, kBlock> zero_block{};
  const std::array<uint8_t, 3> length_and_zero = {static_cast<uint8_t>(length >> 8),
                                                  static_cast<uint8_t>(length), 0};
  Sha512Hasher hasher;
  const Hash64 b0 = hasher.Update(zero_block)
                        .Update(message)
                        .Update(length_and_zero)
                        .Update(tag)
                        .Update(tag_length)
                        .Finish();
  Bytes out;
  Hash64 previous{};  // b_0 xor 0 for the first block
  for (uint8_t i = 1; out.size() < length; ++i) {
    Hash64 mixed;
    for (size_t k = 0; k < kDigest; ++k) mixed[k] = b0[k] ^ previous[k];
    const std::array<uint8_t, 1> number = {i};
    previous = hasher.Update(mixed).Update(number).Update(tag).Update(tag_length).Finish();
    const size_t wanted = std::min(kDigest, length - out.size());
    out.insert(out.end(), previous.begin(), previous.begin() + static_cast<ptrdiff_t>(wanted));
  }
  return out;
}

RistrettoPoint HashToGroup(absl::string_view name, ByteSpan message) {
  const std::string tag = absl::StrCat("urna/1/", name);
  const Bytes uniform = ExpandMessageXmdSha512(message, AsBytes(tag), 64);
  return RistrettoPoint::FromUniform(std::span<const uint8_t, 64>(uniform));
}

const RistrettoPoint& CredentialBase() {
  static const RistrettoPoint base = HashToGroup("credential base", {});
  return base;
}

}  // namespace urna::crypto
