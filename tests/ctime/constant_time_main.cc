// Secrets are marked undefined, and valgrind complains wherever a branch or an address depends on
// one (Langley, ctgrind). Run under valgrind by the test `constant_time`; by itself it proves
// nothing. What may depend on secret *points* is listed by name in constant_time.supp.
#include <valgrind/memcheck.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <vector>

#include "core/base/check.h"
#include "core/crypto/credential.h"
#include "core/crypto/decryption.h"
#include "core/crypto/disjunctive_proof.h"
#include "core/crypto/drill.h"
#include "core/crypto/elgamal.h"
#include "core/crypto/key_ceremony.h"
#include "core/crypto/ring_prover.h"
#include "core/crypto/ring_verifier.h"
#include "core/crypto/rng.h"
#include "core/crypto/signature.h"
#include "core/crypto/sodium_init.h"
#include "core/crypto/tag_proof.h"
#include "core/election/sealed_ballot.h"
#include "core/election/tally.h"

namespace urna::crypto {
namespace {

// Everything drawn from it is a secret.
class SecretRng final : public Rng {
 public:
  void Fill(std::span<uint8_t> out) override {
    rng_.Fill(out);
    VALGRIND_MAKE_MEM_UNDEFINED(out.data(), out.size());
  }

 private:
  SeededRng rng_{4711};
};

// What is published is a secret no longer.
template <typename T>
T Published(T value) {
  VALGRIND_MAKE_MEM_DEFINED(&value, sizeof(value));
  return value;
}

template <typename T>
void PublishAll(const std::vector<T>& values) {
  VALGRIND_MAKE_MEM_DEFINED(values.data(), values.size() * sizeof(T));
}

// A value of 0..hi. `hi` = 20 takes two digits of the table of multiples.
void Vote(uint64_t value, uint64_t hi, Rng& rng) {
  const RistrettoPoint key = MulBaseVarTime(Scalar::FromUint64(99));
  VALGRIND_MAKE_MEM_UNDEFINED(&value, sizeof(value));
  const SecretScalar r = SecretScalar::Random(rng);
  const SmallMultiples multiples(hi);
  const Ciphertext ciphertext = Published(Encrypt(key, multiples, value, hi, r));
  auto prover = DisjunctiveProver::Commit(key, ciphertext.Encode(), value, r, 0, hi, rng);
  URNA_CHECK(prover.ok(), "a vote in its range can be proved");
  PublishAll(prover->commitments());
  const Scalar challenge = Scalar::FromUint64(31337);
  DisjunctiveProof proof = std::move(*prover).Respond(challenge);
  PublishAll(proof.commitments);
  PublishAll(proof.challenges);
  PublishAll(proof.responses);
  URNA_CHECK(VerifyDisjunctiveProofVarTime(key, ciphertext, 0, hi, proof, challenge).ok(),
             "the proof verifies");
}

void SignIn(Rng& rng) {
  const Hash32 roll{};
  const Credential credential = Credential::Generate(rng);
  const RistrettoPoint p = Published(credential.public_key());
  const CredentialProof proof = Published(MakeEnrolmentProof(roll, roll, credential, rng));
  URNA_CHECK(VerifyEnrolmentProofVarTime(roll, roll, p, proof).ok(), "the proof verifies");
}

// Which of the ring signs is a secret: the points are public, whose is the signer's is not.
Ring RingOf(const Credential& credential) {
  std::vector<RistrettoPoint> points = {Published(credential.public_key())};
  for (uint64_t i = 1; i < 64; ++i) points.push_back(MulBaseVarTime(Scalar::FromUint64(i)));
  std::sort(points.begin(), points.end());
  return Ring::Create(std::move(points)).value();
}

void SignInARing(Rng& rng) {
  const Credential credential = Credential::Generate(rng);
  const Ring ring = RingOf(credential);
  const RistrettoPoint tag_base = TagBase({});
  auto prover = RingProver::Commit(ring, credential, tag_base, {}, rng);
  URNA_CHECK(prover.ok(), "the credential is in the ring");
  const RistrettoPoint tag = Published(prover->tag());
  const Scalar challenge = Scalar::FromUint64(31337);
  RingProof proof = std::move(*prover).Respond(challenge);
  for (RistrettoPoint* point : {&proof.a, &proof.b, &proof.c, &proof.r1, &proof.r2}) {
    VALGRIND_MAKE_MEM_DEFINED(point, sizeof(*point));
  }
  for (Scalar* scalar : {&proof.z_a, &proof.z, &proof.u, &proof.v}) {
    VALGRIND_MAKE_MEM_DEFINED(scalar, sizeof(*scalar));
  }
  PublishAll(proof.x);
  PublishAll(proof.f);
  URNA_CHECK(VerifyRingProofVarTime(DecodedRing(ring), tag_base, tag, proof, challenge).ok(),
             "the ring proof verifies");

  const TagProof tag_proof =
      Published(TagProver::Commit(credential, tag_base, {}, rng).Respond(challenge));
  URNA_CHECK(VerifyTagProofVarTime(tag_base, tag, tag_proof, challenge).ok(),
             "the tag proof verifies");
}

void ShareKey(Rng& rng) {
  const SecretScalar x = SecretScalar::Random(rng);
  const RistrettoPoint key = Published(MulBase(x));
  const Hash32 context{};
  const Drill drill = Published(MakeDrill(context, 1, 1, x, key, rng));
  URNA_CHECK(VerifyDrillVarTime(context, 1, key, drill).ok(), "the drill verifies");

  const KeyPolynomial polynomial = KeyPolynomial::Random(2, rng);
  PublishAll(polynomial.commitments());
  const SecretScalar share = polynomial.ShareFor(3);
  const ShareEncryptionKey dealer = ShareEncryptionKey::Generate(rng);
  const ShareEncryptionKey recipient = ShareEncryptionKey::Generate(rng);
  const ShareContext binding{context, 1, context, 1, 3};
  const auto sealed = SealShare(binding, dealer, Published(recipient.public_key()), share, rng);
  URNA_CHECK(sealed.ok(), "the share is sealed");
  const auto opened =
      OpenShare(binding, recipient, Published(dealer.public_key()), Published(*sealed));
  URNA_CHECK(opened.ok(), "the share opens");

  const SigningKey signer = SigningKey::Generate(rng);
  const Signature signature = Published(signer.Sign(context));
  URNA_CHECK(Published(signer.public_key()).Verify(context, signature).ok(), "it is signed");
}

// A style with everything: a limit with slack bits, lists with blank, and a wide score.
election::Manifest WithEverything() {
  using election::Contest;
  const LocalizedTexts name = {{"en", "name"}};
  const auto contest = [&](uint16_t number, election::Rule rule, size_t options, uint16_t most,
                           uint32_t sum_max) {
    Contest out;
    out.number = number;
    out.title = name;
    out.rule = rule;
    out.option_max = most;
    out.sum_max = sum_max;
    for (size_t i = 0; i < options; ++i) out.options.push_back({std::to_string(i), name, 2 + i, 0});
    return out;
  };
  Contest budget = contest(1, election::Rule::kKOfN, 4, 1, 4);
  budget.limits = {{name, election::Limit::Measure::kCost, 0, 10, {0, 1, 2, 3}}};
  Contest lists = contest(2, election::Rule::kLists, 4, 1, 1);
  lists.blank = true;
  lists.lists = {{"a", name}, {"b", name}};
  lists.options[2].list = lists.options[3].list = 1;
  const Contest score = contest(3, election::Rule::kScore, 2, 20, 25);
  election::Manifest out;
  out.contests = {budget, lists, score};
  out.styles = {{1, {1, 2, 3}}};
  return out;
}

// Whole ballots, sealed and then cast or challenged, with secret selections.
void CastAndChallenge(election::Selections selections, Rng& rng) {
  const election::Manifest manifest = WithEverything();
  election::VotingContext voting;
  voting.election_key = MulBaseVarTime(Scalar::FromUint64(99));
  const Credential credential = Credential::Generate(rng);
  VALGRIND_MAKE_MEM_DEFINED(&credential.public_key(), sizeof(RistrettoPoint));
  URNA_CHECK(CheckSelections(manifest, 1, selections).ok(), "the selections keep the rules");
  for (std::vector<uint32_t>& contest : selections) {
    VALGRIND_MAKE_MEM_UNDEFINED(contest.data(), 4 * contest.size());
  }
  for (bool cast : {true, false}) {
    auto sealed =
        election::SealedBallot::SealChecked(manifest, voting, 1, selections, 1, credential, rng);
    URNA_CHECK(sealed.ok(), "a ballot is sealed");
    const Hash64 h = Published(sealed->hash());
    if (!cast) {
      const auto [challenge, opening] = std::move(*sealed).Challenge(voting, credential, rng);
      URNA_CHECK(Published(challenge).ballot_hash == h, "the challenge names the sealed ballot");
      continue;
    }
    election::Ballot ballot = std::move(*sealed).Cast();
    VALGRIND_MAKE_MEM_DEFINED(ballot.commitment.data(), 32);
    VALGRIND_MAKE_MEM_DEFINED(ballot.responses.data(), 64);
    for (election::ContestBallot& contest : ballot.contests) {
      for (Bytes* bytes :
           {&contest.ciphertexts, &contest.commitments, &contest.challenges, &contest.responses}) {
        VALGRIND_MAKE_MEM_DEFINED(bytes->data(), bytes->size());
      }
    }
    URNA_CHECK(VerifyBallotVarTime(manifest, voting, ballot).empty(), "the ballot verifies");
  }
}

void DecryptAShare(Rng& rng) {
  const SecretScalar x = SecretScalar::Random(rng);
  const RistrettoPoint key = Published(MulBase(x));
  const std::vector<Ciphertext> sums = {EncryptVarTime(key, 3, Scalar::FromUint64(5))};
  election::DecryptionShare share =
      election::MakeDecryptionShare({}, {}, 1, 0, 1, key, sums, x, rng);
  for (Bytes* bytes : {&share.shares, &share.proofs}) {
    VALGRIND_MAKE_MEM_DEFINED(bytes->data(), bytes->size());
  }
  URNA_CHECK(election::VerifyDecryptionShareVarTime({}, {}, 1, key, sums, share).ok(),
             "the share is proved");
}

// How a prover must not look for its place.
[[gnu::noinline]] int BranchOnThePlace(Rng& rng) {
  const Credential credential = Credential::Generate(rng);
  const Ring ring = RingOf(credential);
  for (const RistrettoPoint& point : ring.points()) {
    if (point == credential.public_key()) return std::puts("found");
  }
  return std::puts("not found");
}

// What none of the above may do.
[[gnu::noinline]] int BranchOnASecret(Rng& rng) {
  uint8_t secret = 0;
  rng.Fill({&secret, 1});
  if (secret > 100) return std::puts("a branch");
  return std::puts("the other branch");
}

}  // namespace
}  // namespace urna::crypto

int main(int argc, char** argv) {
  using namespace urna::crypto;
  if (!InitializeCrypto().ok()) return 2;
  SecretRng rng;
  if (argc > 1 && std::strcmp(argv[1], "--branch") == 0) {
    BranchOnASecret(rng);
    return VALGRIND_COUNT_ERRORS != 0 ? 1 : 0;
  }
  if (argc > 1 && std::strcmp(argv[1], "--place") == 0) {
    BranchOnThePlace(rng);
    return VALGRIND_COUNT_ERRORS != 0 ? 1 : 0;
  }
  for (uint64_t value : {0u, 1u, 2u}) Vote(value, 2, rng);
  for (uint64_t value : {0u, 1u}) Vote(value, 1, rng);
  Vote(0, 0, rng);
  Vote(17, 20, rng);
  SignIn(rng);
  SignInARing(rng);
  ShareKey(rng);
  CastAndChallenge({{1, 1, 0, 1}, {0, 0, 1, 0, 0, 1, 0}, {20, 3}}, rng);
  CastAndChallenge({{0, 0, 0, 0}, {0, 0, 0, 0, 0, 0, 1}, {0, 0}}, rng);
  DecryptAShare(rng);
  if (VALGRIND_COUNT_ERRORS != 0) return 1;
  std::printf("no branch and no address depends on a secret\n");
  return 0;
}
