#include "core/crypto/proof_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "core/crypto/credential.h"
#include "core/crypto/equality_proof.h"
#include "core/crypto/hash_to_group.h"
#include "tests/core/crypto/test_util.h"

namespace urna::crypto {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Gives every equation the same weight: what a batch must not do.
class EqualWeights final : public Rng {
 public:
  void Fill(std::span<uint8_t> out) override { std::ranges::fill(out, uint8_t{7}); }
};

using Bytes32 = std::array<uint8_t, 32>;

// 2^256 - 1 encodes no point and is no scalar; the number ℓ is a scalar that is not canonical.
const Bytes32 kNoPoint = Filled32(0xff);
const Bytes32 kOrder =
    UnhexArray<32>("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

// Adds k·1 modulo ℓ to the scalar that starts at `at`.
template <size_t N>
void AddTo(std::array<uint8_t, N>& bytes, size_t at, const Scalar& k) {
  const Scalar sum = Scalar::Decode(ByteSpan(bytes).subspan(at, 32)).value() + k;
  std::ranges::copy(sum.bytes(), bytes.begin() + static_cast<ptrdiff_t>(at));
}

template <size_t N>
void Put(const Bytes32& from, std::array<uint8_t, N>& bytes, size_t at) {
  std::ranges::copy(from, bytes.begin() + static_cast<ptrdiff_t>(at));
}

// What a claim's spans look at.
struct SentCredential {
  Bytes32 credential, commitment;
  std::array<uint8_t, 64> responses;
  Scalar challenge;
};

class CredentialBatchTest : public ::testing::Test {
 protected:
  std::vector<SentCredential> Make(size_t count) {
    std::vector<SentCredential> out;
    for (size_t i = 0; i < count; ++i) {
      const Credential credential = Credential::Generate(rng_);
      CredentialProver prover = CredentialProver::Commit(credential, {}, rng_);
      const Scalar c = Scalar::FromUniform(rng_.Array<64>());
      const Bytes32 commitment = prover.commitment().bytes();
      out.push_back({credential.public_key().bytes(), commitment,
                     std::move(prover).Respond(c).EncodeResponses(), c});
    }
    return out;
  }
  std::vector<size_t> Find(const std::vector<SentCredential>& sent, Rng& rng) {
    std::vector<CredentialClaim> claims;
    for (const SentCredential& one : sent) {
      claims.push_back({one.credential, one.commitment, one.responses, one.challenge});
    }
    return FindUnprovedCredentials(claims, rng);
  }
  static bool Proved(const SentCredential& one) {
    const auto credential = RistrettoPoint::DecodeNonIdentity(one.credential);
    const auto proof = CredentialProof::Decode(one.commitment, one.responses);
    return credential.ok() && proof.ok() &&
           VerifyCredentialProofVarTime(*credential, *proof, one.challenge).ok();
  }
  // Finds what those find that look at one after the other.
  std::vector<size_t> FindAndCompare(const std::vector<SentCredential>& sent) {
    std::vector<size_t> one_by_one;
    for (size_t i = 0; i < sent.size(); ++i) {
      if (!Proved(sent[i])) one_by_one.push_back(i);
    }
    EXPECT_EQ(Find(sent, rng_), one_by_one);
    return one_by_one;
  }

  SeededRng rng_{61};
};

TEST_F(CredentialBatchTest, NoneOneSomeAllBad) {
  for (size_t count : {0, 1, 2, 33}) {
    std::vector<SentCredential> sent = Make(count);
    EXPECT_THAT(FindAndCompare(sent), IsEmpty()) << count;
    for (SentCredential& one : sent) AddTo(one.responses, 32, Scalar::One());
    EXPECT_EQ(FindAndCompare(sent).size(), count);
  }
  std::vector<SentCredential> sent = Make(20);
  AddTo(sent[13].responses, 0, Scalar::One());
  EXPECT_THAT(FindAndCompare(sent), ElementsAre(13));
  std::swap(sent[0].commitment, sent[19].commitment);
  EXPECT_THAT(FindAndCompare(sent), ElementsAre(0, 13, 19));
}

TEST_F(CredentialBatchTest, EveryWayToBeWrongIsFound) {
  const std::vector<std::function<void(SentCredential&)>> changes = {
      [](SentCredential& s) { s.credential = {}; },  // the identity
      [](SentCredential& s) { s.credential = kNoPoint; },
      [](SentCredential& s) { s.credential[0] |= 1; },  // negative
      [](SentCredential& s) { s.commitment = kNoPoint; },
      [](SentCredential& s) { s.commitment = {}; },  // a point, but not this one
      [](SentCredential& s) { Put(kOrder, s.responses, 0); },
      [](SentCredential& s) { Put(kOrder, s.responses, 32); },
      [](SentCredential& s) { Put(kNoPoint, s.responses, 32); },
      [](SentCredential& s) { s.challenge = Other(s.challenge); },
      [](SentCredential& s) { AddTo(s.responses, 0, Scalar::One()); },
      [](SentCredential& s) { AddTo(s.responses, 32, Scalar::One().Negate()); },
      [](SentCredential& s) { std::ranges::rotate(s.responses, s.responses.begin() + 32); },
  };
  std::vector<SentCredential> sent = Make(2 * changes.size());
  for (size_t i = 0; i < changes.size(); ++i) changes[i](sent[2 * i + 1]);
  EXPECT_EQ(FindAndCompare(sent).size(), changes.size());
}

// The identity proved as a credential: the equation holds with z = 0 and C = 0, and it is refused.
TEST_F(CredentialBatchTest, TheIdentityIsNobodyEvenWhereTheEquationHolds) {
  std::vector<SentCredential> sent = Make(3);
  sent[1].credential = sent[1].commitment = {};
  sent[1].responses = {};
  EXPECT_THAT(FindAndCompare(sent), ElementsAre(1));
  // As a commitment it is a point like any other: a = b = 0.
  const Credential credential = Credential::Generate(rng_);
  const SecretBytes secret = credential.ExposeForKeyFile();
  SentCredential zero = sent[0];
  zero.credential = credential.public_key().bytes();
  zero.commitment = {};
  for (size_t at : {0, 32}) {
    const Scalar part = Scalar::Decode(ByteSpan(secret.data() + at, 32)).value();
    Put((zero.challenge * part).bytes(), zero.responses, at);
  }
  EXPECT_THAT(FindAndCompare({zero}), IsEmpty());
  // What does not decode must not pass for it.
  zero.commitment = kNoPoint;
  EXPECT_THAT(FindAndCompare({zero}), ElementsAre(0));
}

// Two proofs whose errors cancel if both equations weigh the same: in G, in K_R, and across.
TEST_F(CredentialBatchTest, ErrorsThatCancelUnderEqualWeightsAreFound) {
  EqualWeights equal;
  for (size_t at : {0, 32}) {
    std::vector<SentCredential> sent = Make(2);
    AddTo(sent[0].responses, at, Scalar::One());
    AddTo(sent[1].responses, at, Scalar::One().Negate());
    EXPECT_THAT(Find(sent, equal), IsEmpty()) << "the attack is none";
    EXPECT_THAT(FindAndCompare(sent), ElementsAre(0, 1));
  }
  std::vector<SentCredential> sent = Make(4);
  for (size_t i : {0, 1, 2}) AddTo(sent[i].responses, 32, Scalar::FromUint64(1000 + i));
  AddTo(sent[3].responses, 32, Scalar::FromUint64(3003).Negate());
  EXPECT_THAT(Find(sent, equal), IsEmpty()) << "the attack is none";
  EXPECT_THAT(FindAndCompare(sent), ElementsAre(0, 1, 2, 3));
}

struct SentEquality {
  EqualityStatement statement;
  Bytes32 share;
  std::array<uint8_t, 96> proof;
  Scalar challenge;
};

class EqualityBatchTest : public ::testing::Test {
 protected:
  using Groups = std::vector<std::vector<SentEquality>>;

  // Each group of one secret, the bases the same in all.
  Groups Make(size_t groups, size_t size) {
    std::vector<RistrettoPoint> bases;
    for (size_t i = 0; i < size; ++i)
      bases.push_back(RistrettoPoint::FromUniform(rng_.Array<64>()));
    Groups out(groups);
    for (std::vector<SentEquality>& group : out) {
      const SecretScalar x = SecretScalar::Random(rng_);
      for (const RistrettoPoint& base : bases) {
        const EqualityStatement statement{MulBase(x), base, Mul(x, base)};
        const Scalar c = Scalar::FromUniform(rng_.Array<64>());
        group.push_back({statement, statement.share.bytes(),
                         EqualityProver::Commit(x, statement, rng_).Respond(c).Encode(), c});
      }
    }
    return out;
  }
  std::vector<size_t> Find(const Groups& sent, Rng& rng) {
    std::vector<std::vector<EqualityClaim>> claims;
    for (const auto& group : sent) {
      std::vector<EqualityClaim>& out = claims.emplace_back();
      for (const SentEquality& one : group) {
        out.push_back({one.statement.key, one.statement.base, one.share, one.proof, one.challenge});
      }
    }
    return FindUnprovedEqualities(claims, rng);
  }
  static bool Proved(const SentEquality& one) {
    const auto share = RistrettoPoint::Decode(one.share);
    const auto proof = EqualityProof::Decode(one.proof);
    return share.ok() && proof.ok() &&
           VerifyEqualityProofVarTime({one.statement.key, one.statement.base, *share}, *proof,
                                      one.challenge)
               .ok();
  }
  std::vector<size_t> FindAndCompare(const Groups& sent) {
    std::vector<size_t> one_by_one;
    for (size_t i = 0; i < sent.size(); ++i) {
      if (!std::ranges::all_of(sent[i], Proved)) one_by_one.push_back(i);
    }
    EXPECT_EQ(Find(sent, rng_), one_by_one);
    return one_by_one;
  }

  SeededRng rng_{62};
};

TEST_F(EqualityBatchTest, NoneOneSomeAllBad) {
  EXPECT_THAT(FindAndCompare({}), IsEmpty());
  EXPECT_THAT(FindAndCompare({{}, {}}), IsEmpty());
  for (size_t groups : {1, 2, 9}) {
    Groups sent = Make(groups, 3);
    sent.emplace_back();  // of nothing, which holds
    EXPECT_THAT(FindAndCompare(sent), IsEmpty()) << groups;
    for (size_t i = 0; i < groups; ++i) AddTo(sent[i][i % 3].proof, 64, Scalar::One());
    EXPECT_EQ(FindAndCompare(sent).size(), groups);
  }
}

TEST_F(EqualityBatchTest, EveryWayToBeWrongIsFound) {
  const auto h = RistrettoPoint::Base();
  const std::vector<std::function<void(SentEquality&)>> changes = {
      [](SentEquality& s) { s.share = kNoPoint; },
      [](SentEquality& s) { s.share = {}; },  // a point, but not this one
      [](SentEquality& s) { Put(kNoPoint, s.proof, 0); },
      [](SentEquality& s) { Put(kNoPoint, s.proof, 32); },
      [](SentEquality& s) { Put(kOrder, s.proof, 64); },
      [](SentEquality& s) { AddTo(s.proof, 64, Scalar::One()); },
      [](SentEquality& s) { s.challenge = Other(s.challenge); },
      [](SentEquality& s) {
        std::ranges::swap_ranges(std::span(s.proof).first<32>(),
                                 std::span(s.proof).subspan<32, 32>());
      },
      // One of the two equations alone.
      [&](SentEquality& s) { s.share = (s.statement.share + h).bytes(); },
      [&](SentEquality& s) { s.statement.key = s.statement.key + h; },
      [&](SentEquality& s) { s.statement.base = s.statement.base + h; },
  };
  Groups sent = Make(2 * changes.size(), 2);
  for (size_t i = 0; i < changes.size(); ++i) changes[i](sent[2 * i][i % 2]);
  EXPECT_EQ(FindAndCompare(sent).size(), changes.size());
}

// A share of the identity under the key 0, where everything is 0: true, and taken as one by one.
TEST_F(EqualityBatchTest, AShareOfNothingIsTakenWhereItIsTrue) {
  Groups sent = Make(2, 1);
  sent[0][0].statement.key = RistrettoPoint();
  sent[0][0].share = {};
  sent[0][0].proof = {};
  EXPECT_THAT(FindAndCompare(sent), IsEmpty());
  // What does not decode must not pass for the identity.
  for (size_t at : {0, 32}) {
    Groups undecodable = sent;
    Put(kNoPoint, undecodable[0][0].proof, at);
    EXPECT_THAT(FindAndCompare(undecodable), ElementsAre(0)) << at;
  }
  sent[0][0].share = kNoPoint;
  EXPECT_THAT(FindAndCompare(sent), ElementsAre(0));
}

// With equal weights z + 1 and z − 1 cancel in both equations if the base is the same, and within
// one claim the two equations cancel with shifted commitments.
TEST_F(EqualityBatchTest, ErrorsThatCancelUnderEqualWeightsAreFound) {
  EqualWeights equal;
  Groups sent = Make(2, 1);
  AddTo(sent[0][0].proof, 64, Scalar::One());
  AddTo(sent[1][0].proof, 64, Scalar::One().Negate());
  EXPECT_THAT(Find(sent, equal), IsEmpty()) << "the attack is none";
  EXPECT_THAT(FindAndCompare(sent), ElementsAre(0, 1));

  sent = Make(1, 1);
  const auto proof = EqualityProof::Decode(sent[0][0].proof).value();
  const RistrettoPoint shift = RistrettoPoint::FromUniform(rng_.Array<64>());
  Put((proof.commitment_g + shift).bytes(), sent[0][0].proof, 0);
  Put((proof.commitment_b - shift).bytes(), sent[0][0].proof, 32);
  EXPECT_THAT(Find(sent, equal), IsEmpty()) << "the attack is none";
  EXPECT_THAT(FindAndCompare(sent), ElementsAre(0));
}

}  // namespace
}  // namespace urna::crypto
