#include "core/crypto/vartime/sha512_batch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/crypto/hash.h"
#include "core/crypto/vartime/engine.h"
#include "core/crypto/vartime/sha512_kernels.h"
#include "tests/core/crypto/vartime/emulated_sha512.h"
#include "tests/core/crypto/vartime/random_source.h"

namespace urna::crypto::vartime {
namespace {

std::vector<Sha512Digest> HashAll(const Sha512Kernel& kernel,
                                  const std::vector<ByteSpan>& messages) {
  std::vector<Sha512Digest> digests(messages.size());
  Sha512BatchWith(kernel, messages, digests);
  return digests;
}

void ExpectAllRight(const Sha512Kernel& kernel, const std::vector<ByteSpan>& messages) {
  const std::vector<Sha512Digest> digests = HashAll(kernel, messages);
  for (size_t i = 0; i < messages.size(); ++i) {
    ASSERT_EQ(ToHex(digests[i]), ToHex(Sha512(messages[i])))
        << "message " << i << " of " << messages.size() << ", " << messages[i].size() << " bytes";
  }
}

// Those of this processor's engines, and the emulated one.
std::vector<Sha512Kernel> AllKernels() {
  std::vector<Sha512Kernel> kernels = {kSha512Emulated};
  for (const Engine* engine : AvailableEngines()) {
    const auto same = [&](const Sha512Kernel& k) {
      return k.compress == engine->sha512().compress;
    };
    if (std::none_of(kernels.begin(), kernels.end(), same)) kernels.push_back(engine->sha512());
  }
  return kernels;
}

class Sha512BatchTest : public ::testing::TestWithParam<Sha512Kernel> {};

// FIPS 180-4's examples, published by NIST with it, and the million times 'a' of FIPS 180-2.
TEST_P(Sha512BatchTest, KnownAnswers) {
  const std::string million(1'000'000, 'a');
  const std::vector<absl::string_view> texts = {
      "",
      "abc",
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
      "lmnopqrsmnopqrstnopqrstu",
      million,
  };
  const std::vector<std::string> expected = {
      "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
      "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
      "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
      "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
      "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
      "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
  };
  // Each in every lane of a full group, so that vectors are used however many lanes they have.
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::vector<ByteSpan> messages(8, AsBytes(texts[i]));
    for (const Sha512Digest& digest : HashAll(GetParam(), messages)) {
      EXPECT_EQ(ToHex(digest), expected[i]);
    }
  }
}

TEST_P(Sha512BatchTest, EveryLengthAgreesWithOneByOne) {
  RandomSourceForTest random;
  const auto bytes = random.Bytes<300>();
  std::vector<ByteSpan> messages;
  for (size_t size = 0; size <= bytes.size(); ++size) {
    messages.push_back(ByteSpan(bytes).first(size));
  }
  ExpectAllRight(GetParam(), messages);
  for (size_t size = 0; size <= bytes.size(); ++size) {
    ExpectAllRight(GetParam(), std::vector<ByteSpan>(8, messages[size]));
  }
}

TEST_P(Sha512BatchTest, EveryLaneHashesItsOwnMessage) {
  RandomSourceForTest random;
  for (size_t size : {85u, 111u, 112u, 128u, 1000u}) {
    for (size_t count = 0; count <= 20; ++count) {
      std::vector<Bytes> storage(count, Bytes(size));
      for (Bytes& bytes : storage) random.Fill(bytes);
      ExpectAllRight(GetParam(), std::vector<ByteSpan>(storage.begin(), storage.end()));
    }
  }
}

// Lengths of chance, some short and some long, in any order and at any address. Memory is exactly
// as long as the message, so that a sanitizer sees a byte read too many.
TEST_P(Sha512BatchTest, AnyLengthsInAnyOrder) {
  RandomSourceForTest random;
  for (size_t round = 0; round < 60; ++round) {
    std::vector<Bytes> storage;
    std::vector<ByteSpan> messages;
    const size_t count = random.Below(41);
    for (size_t i = 0; i < count; ++i) {
      const size_t skip = random.Below(9);
      Bytes& bytes = storage.emplace_back(skip + random.Below(random.Below(4) == 0 ? 5000 : 300));
      random.Fill(bytes);
      messages.push_back(ByteSpan(bytes).subspan(std::min(skip, bytes.size())));
    }
    ExpectAllRight(GetParam(), messages);
  }
}

TEST_P(Sha512BatchTest, EveryAlignment) {
  RandomSourceForTest random;
  const auto bytes = random.Bytes<64 + 400>();
  std::vector<ByteSpan> messages;
  for (size_t offset = 0; offset < 64; ++offset) {
    messages.push_back(ByteSpan(bytes).subspan(offset, 400));
  }
  ExpectAllRight(GetParam(), messages);
}

TEST_P(Sha512BatchTest, OneLongMessageAmongShortOnes) {
  RandomSourceForTest random;
  Bytes bytes(100'000);
  random.Fill(bytes);
  const ByteSpan whole(bytes);
  for (size_t at = 0; at < 9; ++at) {
    std::vector<ByteSpan> messages(9, whole.first(10 * at + 3));
    messages[at] = whole;
    messages[(at + 4) % 9] = whole.subspan(1);
    ExpectAllRight(GetParam(), messages);
  }
}

std::string KernelName(const ::testing::TestParamInfo<Sha512Kernel>& kernel) {
  std::string name(kernel.param.name);
  std::erase(name, '-');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Kernels, Sha512BatchTest, ::testing::ValuesIn(AllKernels()), KernelName);

TEST(Sha512BatchEngineTest, TheCurrentEngineHashes) {
  const std::vector<ByteSpan> messages = {AsBytes("a"), AsBytes("b")};
  for (const Engine* engine : AvailableEngines()) {
    ASSERT_TRUE(SelectEngine(engine->name()).ok());
    std::vector<Sha512Digest> digests(2);
    Sha512Batch(messages, digests);
    EXPECT_EQ(digests, HashAll(kSha512Libcrypto, messages)) << engine->name();
  }
  ASSERT_TRUE(SelectEngine("").ok());
  EXPECT_EQ(AvailableEngines().back()->sha512().compress, nullptr);
}

TEST(Sha512BatchDeathTest, ADigestForEveryMessage) {
  const std::vector<ByteSpan> messages(2);
  std::vector<Sha512Digest> digests(1);
  EXPECT_DEATH(Sha512Batch(messages, digests), "a digest for every message");
}

}  // namespace
}  // namespace urna::crypto::vartime
