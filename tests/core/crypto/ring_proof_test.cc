#include "core/crypto/ring_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/crypto/ring_verifier.h"
#include "tests/core/crypto/ring_kit.h"
#include "tests/core/crypto/test_util.h"

namespace urna::crypto {
namespace {

using ::testing::HasSubstr;

std::vector<RistrettoPoint> SomePoints(size_t count) {
  std::vector<RistrettoPoint> out;
  for (uint32_t i = 0; i < count; ++i) {
    Writer number;
    number.U32(i);
    out.push_back(HashToGroup("test ring", number.bytes()));
  }
  std::ranges::sort(out);
  return out;
}

TEST(RingTest, HasAPowerOfFourPointsFrom64To4096) {
  for (size_t size : {64, 256, 1024, 4096}) {
    const auto ring = Ring::Create(SomePoints(size));
    ASSERT_TRUE(ring.ok()) << ring.status();
    EXPECT_EQ(ring->size(), size);
    EXPECT_EQ(size_t{1} << (2 * ring->digits()), size);
  }
  for (size_t size : {0, 1, 4, 16, 63, 65, 128, 255, 512, 2048}) {
    EXPECT_THAT(std::string(Ring::Create(SomePoints(size)).status().message()),
                HasSubstr("64, 256, 1024 or 4096 points"))
        << size;
  }
}

TEST(RingTest, RefusesPointsThatAreNotAscendingDistinctAndSomebodys) {
  std::vector<RistrettoPoint> points = SomePoints(64);
  std::swap(points[10], points[11]);
  EXPECT_THAT(std::string(Ring::Create(points).status().message()), HasSubstr("point 11 is lower"));
  points = SomePoints(64);
  points[63] = points[62];
  EXPECT_THAT(std::string(Ring::Create(points).status().message()), HasSubstr("63 stands twice"));
  points = SomePoints(64);
  points[0] = RistrettoPoint::Identity();
  EXPECT_THAT(std::string(Ring::Create(points).status().message()), HasSubstr("identity"));
}

TEST(RingTest, DecodesCanonicalPointsOnly) {
  const Ring ring = Ring::Create(SomePoints(64)).value();
  const Bytes good = EncodePoints(ring.points());
  EXPECT_EQ(Ring::Decode(good)->hash(), ring.hash());
  Bytes bad = good;
  bad[32 * 7 + 31] |= 0x80;
  EXPECT_THAT(std::string(Ring::Decode(bad).status().message()), HasSubstr("point 7"));
  EXPECT_FALSE(Ring::Decode(ByteSpan(good).first(good.size() - 1)).ok());
}

TEST(RingTest, HashNamesEveryPoint) {
  std::vector<RistrettoPoint> points = SomePoints(65);
  const std::vector<RistrettoPoint> first(points.begin(), points.end() - 1);
  const std::vector<RistrettoPoint> last(points.begin() + 1, points.end());
  EXPECT_NE(Ring::Create(first)->hash(), Ring::Create(last)->hash());
}

class RingProofTest : public ::testing::Test {
 protected:
  RingProofTest() {
    for (size_t i = 0; i < 3; ++i) {
      secrets_.push_back({RandomScalar(rng_), RandomScalar(rng_)});
      credentials_.push_back(FromSecrets(secrets_.back().s, secrets_.back().t));
      members_.push_back(credentials_.back().public_key());
    }
  }

  static Credential FromSecrets(const Scalar& s, const Scalar& t) {
    Bytes file = ToBytes(s.bytes());
    file.insert(file.end(), t.bytes().begin(), t.bytes().end());
    return Credential::FromKeyFile(file).value();
  }

  // What the verifier says; empty if it accepts.
  std::string Refusal(const Ring& ring, const TaggedProof& made) {
    return Refusal(ring, made, tag_base_);
  }
  static std::string Refusal(const Ring& ring, const TaggedProof& made,
                             const RistrettoPoint& tag_base) {
    return std::string(
        VerifyRingProofVarTime(DecodedRing(ring), tag_base, made.tag, made.proof, made.challenge)
            .message());
  }
  // The same with the challenge that follows from what was changed.
  std::string RefusalHashedAnew(const Ring& ring, TaggedProof made) {
    made.challenge = TestRingChallenge(ring, tag_base_, made.tag, made.proof.EncodeCommitments());
    return Refusal(ring, made);
  }

  struct Secrets {
    Scalar s, t;
  };

  SeededRng rng_{71};
  RistrettoPoint tag_base_ = TagBase(Filled32(1));
  std::vector<Secrets> secrets_;
  std::vector<Credential> credentials_;
  std::vector<RistrettoPoint> members_;
};

TEST_F(RingProofTest, VerifiesInRingsOfEverySize) {
  for (size_t size : {64, 256, 1024, 4096}) {
    const Ring ring = RingWith(members_, size);
    const TaggedProof made = ProveInRing(ring, credentials_[0], tag_base_, rng_);
    EXPECT_EQ(Refusal(ring, made), "") << size;
    EXPECT_EQ(made.tag, TagOf(credentials_[0], tag_base_));
    EXPECT_EQ(made.proof.EncodeCommitments().size() + made.proof.EncodeResponses().size(),
              32 * (9 + 4 * ring.digits()));
  }
}

TEST_F(RingProofTest, VerifiesAtEveryPlace) {
  std::vector<Credential> all;
  std::vector<RistrettoPoint> points;
  for (size_t i = 0; i < 64; ++i) {
    all.push_back(Credential::Generate(rng_));
    points.push_back(all.back().public_key());
  }
  const Ring ring = RingWith(points, 64);
  std::vector<bool> seen(64);
  for (const Credential& credential : all) {
    seen[PlaceIn(ring, credential.public_key())] = true;
    EXPECT_EQ(Refusal(ring, ProveInRing(ring, credential, tag_base_, rng_)), "");
  }
  EXPECT_EQ(std::ranges::count(seen, true), 64);
}

TEST_F(RingProofTest, TheProverKeepsToTheFormulasOfTheDocument) {
  const Ring ring = RingWith(members_, 64);
  const size_t place = PlaceIn(ring, members_[1]);
  const TaggedProof made =
      ProveClaims(ring, HonestClaims(ring, place, secrets_[1].s, secrets_[1].t), tag_base_, rng_);
  EXPECT_EQ(Refusal(ring, made), "");
  EXPECT_EQ(made.tag, ProveInRing(ring, credentials_[1], tag_base_, rng_).tag);
}

TEST_F(RingProofTest, OnePersonHasOneTagInAPollWhateverTheRing) {
  const TaggedProof one = ProveInRing(RingWith(members_, 64), credentials_[0], tag_base_, rng_);
  const TaggedProof again = ProveInRing(RingWith(members_, 64), credentials_[0], tag_base_, rng_);
  const TaggedProof moved =
      ProveInRing(RingWith({members_[0]}, 256), credentials_[0], tag_base_, rng_);
  EXPECT_EQ(one.tag, again.tag);
  EXPECT_EQ(one.tag, moved.tag);
  EXPECT_NE(one.proof, again.proof);
  EXPECT_NE(one.tag, ProveInRing(RingWith(members_, 64), credentials_[1], tag_base_, rng_).tag);
  EXPECT_NE(one.tag, TagOf(credentials_[0], TagBase(Filled32(2))));
}

TEST_F(RingProofTest, AnOutsiderHasNothingToProveWith) {
  const Ring ring = RingWith({members_[1], members_[2]}, 64);
  EXPECT_THAT(
      std::string(
          RingProver::Commit(ring, credentials_[0], tag_base_, {}, rng_).status().message()),
      HasSubstr("not in the ring"));
  for (size_t place : {0, 17, 63}) {
    const RingClaims claims = HonestClaims(ring, place, secrets_[0].s, secrets_[0].t);
    EXPECT_THAT(Refusal(ring, ProveClaims(ring, claims, tag_base_, rng_)),
                HasSubstr("does not fit C, X and z"));
  }
}

// 2·P_0 − P_1 can be opened by who knows both, but is nobody's point.
TEST_F(RingProofTest, RefusesDigitsThatAreNotZerosAndOneOne) {
  const auto point = [](const Secrets& one) { return FromSecrets(one.s, one.t).public_key(); };
  while (secrets_.size() < 64) secrets_.push_back({RandomScalar(rng_), RandomScalar(rng_)});
  std::ranges::sort(secrets_, {}, point);
  std::vector<RistrettoPoint> points;
  for (const Secrets& one : secrets_) points.push_back(point(one));
  const Ring ring = Ring::Create(points).value();
  const Scalar two = Scalar::FromUint64(2);
  RingClaims claims = HonestClaims(ring, 0, two * secrets_[0].s - secrets_[1].s,
                                   two * secrets_[0].t - secrets_[1].t);
  claims.sigma[0] = {two, Scalar::One().Negate()};
  EXPECT_THAT(Refusal(ring, ProveClaims(ring, claims, tag_base_, rng_)),
              HasSubstr("zeros and one one"));
  claims = HonestClaims(ring, 0, secrets_[0].s, secrets_[0].t);  // the same liar tells the truth
  EXPECT_EQ(Refusal(ring, ProveClaims(ring, claims, tag_base_, rng_)), "");
}

TEST_F(RingProofTest, RefusesTheCredentialOfSomebodyElse) {
  const Ring ring = RingWith(members_, 64);
  RingClaims claims = HonestClaims(ring, PlaceIn(ring, members_[1]), secrets_[0].s, Scalar());
  claims.s_g = members_[1];  // C − r′·K_R is on the ring, but the liar cannot open it
  EXPECT_THAT(Refusal(ring, ProveClaims(ring, claims, tag_base_, rng_)), HasSubstr("u·G + v·K_R"));
}

TEST_F(RingProofTest, RefusesASecondTagOfAMember) {
  const Ring ring = RingWith(members_, 64);
  RingClaims claims = HonestClaims(ring, PlaceIn(ring, members_[0]), secrets_[0].s, secrets_[0].t);
  claims.s_tag = Other(secrets_[0].s);
  EXPECT_THAT(Refusal(ring, ProveClaims(ring, claims, tag_base_, rng_)), HasSubstr("u·H_e"));
}

// s = 0 fits every equation; its tag is the identity, and would be that of all who have s = 0.
TEST_F(RingProofTest, RefusesTheIdentityAsATag) {
  const Credential nobody = FromSecrets(Scalar::Zero(), secrets_[0].t);
  const Ring ring = RingWith({nobody.public_key()}, 64);
  const TaggedProof made = ProveInRing(ring, nobody, tag_base_, rng_);
  EXPECT_TRUE(made.tag.IsIdentity());
  EXPECT_THAT(Refusal(ring, made), HasSubstr("the tag is the identity"));
}

// All equations can be solved for the commitments by who knows the challenge first: which is why
// proofs give no member away, and why the challenge hashes every commitment.
TEST_F(RingProofTest, AProofMadeBackwardsFitsItsChallengeButNotTheHash) {
  const Ring ring = RingWith(members_, 64);
  const TaggedProof honest = ProveInRing(ring, credentials_[0], tag_base_, rng_);
  TaggedProof made = honest;
  made.tag = MulVarTime(RandomScalar(rng_), tag_base_);  // nobody's
  const Scalar xi = made.challenge;
  RingProof& proof = made.proof;
  for (Scalar& f : proof.f) f = RandomScalar(rng_);
  proof.z_a = RandomScalar(rng_);
  proof.z = RandomScalar(rng_);
  proof.u = RandomScalar(rng_);
  proof.v = RandomScalar(rng_);
  proof.r2 = MulVarTime(proof.u, tag_base_) - MulVarTime(xi, made.tag);
  proof.r1 =
      MulBaseVarTime(proof.u) + MulVarTime(proof.v, CredentialBase()) - MulVarTime(xi, proof.c);
  proof.a = MulVarTime(proof.z_a, TheRingBases().w) - MulVarTime(xi, proof.b);
  std::vector<std::array<Scalar, kRingRadix>> f(ring.digits());
  for (size_t j = 0; j < ring.digits(); ++j) {
    f[j][0] = xi;
    for (size_t i = 1; i < kRingRadix; ++i) f[j][0] = f[j][0] - (f[j][i] = proof.f[3 * j + i - 1]);
    for (size_t i = 0; i < kRingRadix; ++i) {
      proof.a = proof.a + MulVarTime(f[j][i], TheRingBases().u[j][i]) +
                MulVarTime(f[j][i] * (xi - f[j][i]), TheRingBases().v[j][i]);
    }
  }
  proof.x[0] = MulVarTime(proof.z.Negate(), CredentialBase());
  for (size_t k = 0; k < ring.size(); ++k) {
    const Scalar product = f[0][k % 4] * f[1][k / 4 % 4] * f[2][k / 16];
    proof.x[0] = proof.x[0] + MulVarTime(product, ring.points()[k]);
  }
  proof.x[0] = proof.x[0] - MulVarTime(xi, proof.x[1]) - MulVarTime(xi * xi, proof.x[2]) -
               MulVarTime(xi * xi * xi, proof.c);
  EXPECT_EQ(Refusal(ring, made), "");
  EXPECT_NE(RefusalHashedAnew(ring, made), "");
}

TEST_F(RingProofTest, RefusesEveryChangedField) {
  const Ring ring = RingWith(members_, 64);
  const TaggedProof good = ProveInRing(ring, credentials_[0], tag_base_, rng_);
  size_t changed = 0;
  const auto refused = [&](const auto& change) {
    for (bool hashed_anew : {false, true}) {
      TaggedProof bad = good;
      change(bad.proof);
      EXPECT_NE(hashed_anew ? RefusalHashedAnew(ring, bad) : Refusal(ring, bad), "") << changed;
    }
    ++changed;
  };
  const size_t points = good.proof.x.size() + 5, scalars = good.proof.f.size() + 4;
  for (size_t at = 0; at < points; ++at) {
    refused([&](RingProof& proof) {
      RistrettoPoint* const ends[] = {&proof.a, &proof.b, &proof.c, &proof.r1, &proof.r2};
      RistrettoPoint& point = at < 5 ? *ends[at] : proof.x[at - 5];
      point = Other(point);
    });
  }
  for (size_t at = 0; at < scalars; ++at) {
    refused([&](RingProof& proof) {
      Scalar* const ends[] = {&proof.z_a, &proof.z, &proof.u, &proof.v};
      Scalar& scalar = at < 4 ? *ends[at] : proof.f[at - 4];
      scalar = Other(scalar);
    });
  }
  EXPECT_EQ(changed, 9u + 4 * 3);
}

TEST_F(RingProofTest, IsBoundToRingPollAndTag) {
  const Ring ring = RingWith(members_, 64);
  const TaggedProof good = ProveInRing(ring, credentials_[0], tag_base_, rng_);
  const Ring other = RingWith({members_[0], members_[1]}, 64);
  EXPECT_NE(Refusal(other, good), "");
  EXPECT_NE(RefusalHashedAnew(other, good), "");
  EXPECT_THAT(Refusal(ring, good, TagBase(Filled32(2))), HasSubstr("u·H_e"));
  EXPECT_THAT(Refusal(ring, good, RistrettoPoint::Base()), HasSubstr("u·H_e"));
  TaggedProof bad = good;
  bad.tag = TagOf(credentials_[1], tag_base_);
  EXPECT_THAT(Refusal(ring, bad), HasSubstr("u·H_e"));
  bad = good;
  bad.challenge = Other(good.challenge);
  EXPECT_NE(Refusal(ring, bad), "");
  const Hash64 h = TestRingHash(ring, tag_base_, good.tag, good.proof.EncodeCommitments());
  bad.challenge = TagChallenge(h);
  EXPECT_NE(Refusal(ring, bad), "");
  EXPECT_THAT(Refusal(RingWith(members_, 256), good), HasSubstr("not of 4 digits"));
}

TEST_F(RingProofTest, DecodesOneEncodingOnly) {
  const Ring ring = RingWith(members_, 64);
  const RingProof proof = ProveInRing(ring, credentials_[0], tag_base_, rng_).proof;
  const Bytes commitments = proof.EncodeCommitments(), responses = proof.EncodeResponses();
  ASSERT_EQ(commitments.size(), RingCommitmentsSize(3));
  ASSERT_EQ(responses.size(), RingResponsesSize(3));
  EXPECT_EQ(RingProof::Decode(3, commitments, responses).value(), proof);
  EXPECT_FALSE(RingProof::Decode(4, commitments, responses).ok());
  EXPECT_FALSE(RingProof::Decode(3, ByteSpan(commitments).first(224), responses).ok());
  EXPECT_FALSE(RingProof::Decode(3, commitments, ByteSpan(responses).first(384)).ok());
  for (size_t at = 31; at < commitments.size(); at += 32) {
    Bytes bad = commitments;
    bad[at] |= 0x80;
    EXPECT_FALSE(RingProof::Decode(3, bad, responses).ok()) << at;
  }
  for (size_t at = 31; at < responses.size(); at += 32) {
    Bytes bad = responses;
    bad[at] |= 0x20;  // 2^253 > ℓ
    EXPECT_FALSE(RingProof::Decode(3, commitments, bad).ok()) << at;
  }
}

TEST_F(RingProofTest, NoncesDifferWithTheContextEvenIfRandomnessComesTwice) {
  const Ring ring = RingWith(members_, 64);
  std::vector<Bytes> seen;
  for (uint8_t context : {1, 1, 2}) {
    SeededRng same(5);
    seen.push_back(RingProver::Commit(ring, credentials_[0], tag_base_, Filled32(context), same)
                       ->EncodeCommitments());
  }
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_NE(seen[0], seen[2]);
}

}  // namespace
}  // namespace urna::crypto
