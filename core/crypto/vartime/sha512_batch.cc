#include "core/crypto/vartime/sha512_batch.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>
#include <vector>

#include "core/base/check.h"
#include "core/crypto/vartime/engine.h"
#include "core/crypto/vartime/sha512_kernels.h"

namespace urna::crypto::vartime {
namespace {

constexpr size_t kBlock = 128;
constexpr size_t kLengthField = 16;

// FIPS 180-4 §5.3.5
constexpr uint64_t kInitial[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                  0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                  0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

void StoreBigEndian(uint64_t value, uint8_t* out) {
  for (size_t i = 0; i < 8; ++i) out[i] = static_cast<uint8_t>(value >> (56 - 8 * i));
}

// At least one byte 0x80 and the length come behind a message.
constexpr size_t Blocks(size_t size) { return size / kBlock + (size % kBlock < 112 ? 1 : 2); }

// A message cut into blocks and padded, FIPS 180-4 §5.1.2. Whole blocks are read where they lie.
class PaddedMessage {
 public:
  void Set(ByteSpan message) {
    data_ = message.data();
    whole_ = message.size() / kBlock;
    blocks_ = Blocks(message.size());
    const size_t rest = message.size() % kBlock;
    const size_t end = (blocks_ - whole_) * kBlock;
    if (rest > 0) std::memcpy(tail_, data_ + whole_ * kBlock, rest);
    tail_[rest] = 0x80;
    std::memset(tail_ + rest + 1, 0, end - kLengthField - rest - 1);
    // The length in bits has 128 bits: that of 2^61 bytes does not fit into 64.
    StoreBigEndian(static_cast<uint64_t>(message.size()) >> 61, tail_ + end - 16);
    StoreBigEndian(static_cast<uint64_t>(message.size()) << 3, tail_ + end - 8);
  }

  size_t blocks() const { return blocks_; }
  const uint8_t* Block(size_t i) const {
    return i < whole_ ? data_ + i * kBlock : tail_ + (i - whole_) * kBlock;
  }

 private:
  const uint8_t* data_ = nullptr;
  size_t whole_ = 0;   // blocks without padding
  size_t blocks_ = 0;  // all: whole_ + 1 or whole_ + 2
  uint8_t tail_[2 * kBlock];
};

// At most kernel.lanes messages side by side; `group` has their indices, from short to long. A lane
// that is not used or has come to its end goes on with blocks that nobody asked for.
void HashGroup(const Sha512Kernel& kernel, std::span<const ByteSpan> messages,
               std::span<const size_t> group, std::span<Sha512Digest> digests) {
  PaddedMessage padded[kMaxSha512Lanes];
  uint64_t state[8 * kMaxSha512Lanes];
  const uint8_t* blocks[kMaxSha512Lanes];
  for (size_t lane = 0; lane < group.size(); ++lane) padded[lane].Set(messages[group[lane]]);
  for (size_t i = 0; i < 8; ++i) {
    std::fill_n(state + i * kernel.lanes, kernel.lanes, kInitial[i]);
  }
  std::fill_n(blocks, kernel.lanes, padded[0].Block(0));
  size_t open = 0;  // lanes before this one are done
  for (size_t block = 0; open < group.size(); ++block) {
    for (size_t lane = open; lane < group.size(); ++lane) blocks[lane] = padded[lane].Block(block);
    kernel.compress(state, blocks);
    for (; open < group.size() && padded[open].blocks() == block + 1; ++open) {
      uint8_t* const out = digests[group[open]].data();
      for (size_t i = 0; i < 8; ++i) StoreBigEndian(state[i * kernel.lanes + open], out + 8 * i);
    }
  }
}

// libcrypto's, one message after the other with one context: making one costs as much as a block.
class SingleHasher {
 public:
  void Hash(ByteSpan message, Sha512Digest* digest) {
    // Looking the algorithm up costs more still, hence once only.
    static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA512", nullptr);
    if (context_ == nullptr) context_.reset(EVP_MD_CTX_new());
    URNA_CHECK(md != nullptr && context_ != nullptr &&
                   EVP_DigestInit_ex(context_.get(), md, nullptr) == 1 &&
                   EVP_DigestUpdate(context_.get(), message.data(), message.size()) == 1 &&
                   EVP_DigestFinal_ex(context_.get(), digest->data(), nullptr) == 1,
               "libcrypto's SHA-512 failed");
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

// How many messages, of the `candidates` (indices, from short to long), to hash side by side; 0 if
// the first is better hashed alone. Long ones are left for the next group as long as they would run
// with too few beside them.
size_t GroupSize(const Sha512Kernel& kernel, std::span<const ByteSpan> messages,
                 std::span<const size_t> candidates) {
  const auto blocks = [&](size_t i) { return Blocks(messages[candidates[i]].size()); };
  size_t size = std::min(kernel.lanes, candidates.size());
  size_t alone = 0;  // what libcrypto would take for them, in blocks: one more for every message
  for (size_t i = 0; i < size; ++i) alone += blocks(i) + 1;
  while (size > 0 && alone < kernel.worth * blocks(size - 1)) {
    --size;
    alone -= blocks(size) + 1;
  }
  return size;
}

void HashInLanes(const Sha512Kernel& kernel, std::span<const ByteSpan> messages,
                 std::span<Sha512Digest> digests) {
  std::vector<size_t> order(messages.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto shorter = [&](size_t a, size_t b) { return messages[a].size() < messages[b].size(); };
  if (!std::is_sorted(order.begin(), order.end(), shorter)) {
    std::sort(order.begin(), order.end(), shorter);
  }
  SingleHasher single;
  for (std::span<const size_t> rest = order; !rest.empty();) {
    const size_t size = GroupSize(kernel, messages, rest);
    if (size == 0) {
      single.Hash(messages[rest[0]], &digests[rest[0]]);
      rest = rest.subspan(1);
    } else {
      HashGroup(kernel, messages, rest.first(size), digests);
      rest = rest.subspan(size);
    }
  }
}

}  // namespace

void Sha512BatchWith(const Sha512Kernel& kernel, std::span<const ByteSpan> messages,
                     std::span<Sha512Digest> digests) {
  URNA_CHECK(messages.size() == digests.size(), "a digest for every message");
  if (kernel.compress != nullptr) {
    HashInLanes(kernel, messages, digests);
    return;
  }
  SingleHasher single;
  for (size_t i = 0; i < messages.size(); ++i) single.Hash(messages[i], &digests[i]);
}

void Sha512Batch(std::span<const ByteSpan> messages, std::span<Sha512Digest> digests) {
  Sha512BatchWith(CurrentEngine().sha512(), messages, digests);
}

}  // namespace urna::crypto::vartime
