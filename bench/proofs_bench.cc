// What the proofs beside those of ballots cost: an enrolment, a petition act, a challenge of a
// sealed ballot, a decrypted cell of a decryption share. One by one through libsodium (the
// yardstick), and in batches; the argument is the number in a batch.
#include <benchmark/benchmark.h>

#include "core/base/check.h"
#include "core/crypto/credential.h"
#include "core/crypto/proof_batch.h"
#include "core/crypto/sodium_init.h"
#include "core/crypto/transcript.h"
#include "core/election/challenge_batch.h"
#include "core/election/share_batch.h"
#include "core/petition/act_batch.h"
#include "core/roll/enrolment_batch.h"

namespace urna {
namespace {

// Things of one kind and the pointers to them that batches take.
template <typename T>
struct Many {
  std::vector<T> things;
  std::vector<const T*> pointers;

  template <typename Make>
  Many(size_t count, const Make& make) {
    for (size_t i = 0; i < count; ++i) things.push_back(make());
    for (const T& thing : things) pointers.push_back(&thing);
  }
};

struct Start {
  Start() { URNA_CHECK(crypto::InitializeCrypto().ok(), "libsodium starts"); }
};

struct Scene : Start {
  crypto::SystemRng rng;
  crypto::Credential credential = crypto::Credential::Generate(rng);
  crypto::Hash32 id = rng.Array<32>();
  petition::ActContext signing{rng.Array<32>(), rng.Array<32>()};
  election::VotingContext voting{rng.Array<32>(), {}};

  // Of many people: nobody's point is decoded twice.
  roll::RollMember Member() {
    const auto own = crypto::Credential::Generate(rng);
    roll::RollMember out;
    const auto proof = crypto::MakeEnrolmentProof(id, out.nonce, own, rng);
    out.credential = own.public_key().bytes();
    out.commitment = proof.commitment.bytes();
    out.responses = proof.EncodeResponses();
    return out;
  }
  petition::PetitionAct Act() {
    return petition::MakeAct(signing, petition::Act::kSign, 1, credential, rng);
  }
  election::BallotChallenge Challenge() {
    auto prover = crypto::CredentialProver::Commit(credential, {}, rng);
    election::BallotChallenge out;
    out.sequence = 1;
    out.credential = credential.public_key().bytes();
    out.commitment = prover.commitment().bytes();
    const crypto::Hash64 h = election::BallotChallengeTranscript(voting.poll_context, out);
    out.responses = std::move(prover)
                        .Respond(crypto::Challenge(h, crypto::kNoIndex, crypto::kNoIndex,
                                                   crypto::ChallengeKind::kCredential))
                        .EncodeResponses();
    return out;
  }
};

// Calls `verify`, which says whether all are good.
template <typename Verify>
void Measure(benchmark::State& state, size_t things, const Verify& verify) {
  for (auto _ : state) URNA_CHECK(verify(), "all are good");
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(things));
}

bool AllEmpty(const std::vector<std::vector<Violation>>& violations) {
  for (const auto& one : violations) {
    if (!one.empty()) return false;
  }
  return true;
}

void EnrolmentOneByOne(benchmark::State& state) {
  Scene scene;
  const roll::RollMember member = scene.Member();
  Measure(state, 1, [&] { return roll::VerifyEnrolment(scene.id, member).empty(); });
}
void EnrolmentBatch(benchmark::State& state) {
  Scene scene;
  const Many<roll::RollMember> many(static_cast<size_t>(state.range(0)),
                                    [&] { return scene.Member(); });
  Measure(state, many.things.size(),
          [&] { return AllEmpty(roll::VerifyEnrolments(scene.id, many.pointers, 1, scene.rng)); });
}

void ActOneByOne(benchmark::State& state) {
  Scene scene;
  const petition::PetitionAct act = scene.Act();
  Measure(state, 1, [&] { return petition::VerifyActProof(scene.signing, act).empty(); });
}
void ActBatch(benchmark::State& state) {
  Scene scene;
  const Many<petition::PetitionAct> many(static_cast<size_t>(state.range(0)),
                                         [&] { return scene.Act(); });
  Measure(state, many.things.size(), [&] {
    return AllEmpty(petition::VerifyActProofs(scene.signing, many.pointers, 1, scene.rng));
  });
}

void ChallengeOneByOne(benchmark::State& state) {
  Scene scene;
  const election::BallotChallenge challenge = scene.Challenge();
  Measure(state, 1,
          [&] { return election::VerifyBallotChallengeVarTime(scene.voting, challenge).empty(); });
}
void ChallengeBatch(benchmark::State& state) {
  Scene scene;
  const Many<election::BallotChallenge> many(static_cast<size_t>(state.range(0)),
                                             [&] { return scene.Challenge(); });
  Measure(state, many.things.size(), [&] {
    return AllEmpty(
        election::VerifyBallotChallengesVarTime(scene.voting, many.pointers, scene.rng));
  });
}

// Shares of three trustees of as many parts as are asked for, ten cells each.
struct Shares : Start {
  static constexpr size_t kCells = 10;
  static constexpr uint16_t kTrustees = 3;

  explicit Shares(size_t parts) : sums(parts) {
    std::vector<crypto::SecretScalar> keys;
    for (size_t j = 0; j < kTrustees; ++j) keys.push_back(crypto::SecretScalar::Random(rng));
    for (std::vector<crypto::Ciphertext>& part : sums) {
      for (size_t cell = 0; cell < kCells; ++cell) {
        part.push_back({crypto::RistrettoPoint::FromUniform(rng.Array<64>()),
                        crypto::RistrettoPoint::FromUniform(rng.Array<64>())});
      }
    }
    shares.reserve(parts * kTrustees);
    for (size_t i = 0; i < parts * kTrustees; ++i) {
      const size_t part = i / kTrustees;
      const uint16_t trustee = static_cast<uint16_t>(1 + i % kTrustees);
      const crypto::SecretScalar& x = keys[trustee - 1];
      const crypto::RistrettoPoint key = crypto::MulBase(x);
      shares.push_back(election::MakeDecryptionShare(
          context, order, trustee, static_cast<uint16_t>(part), 1, key, sums[part], x, rng));
      to_verify.push_back({1, key, &sums[part], &shares.back()});
    }
  }

  crypto::SystemRng rng;
  crypto::Hash32 context{}, order{};
  election::PartSums sums;
  std::vector<election::DecryptionShare> shares;
  std::vector<election::ShareToVerify> to_verify;
};

void ShareCellOneByOne(benchmark::State& state) {
  const Shares scene(1);
  const election::ShareToVerify& one = scene.to_verify[0];
  Measure(state, Shares::kCells, [&] {
    return election::VerifyDecryptionShareVarTime(scene.context, scene.order, one.contest,
                                                  one.verification_key, *one.sums, *one.share)
        .ok();
  });
}
void ShareCellBatch(benchmark::State& state) {
  Shares scene(static_cast<size_t>(state.range(0)));
  Measure(state, Shares::kCells * scene.shares.size(), [&] {
    return election::FindUnprovedShares(scene.context, scene.order, scene.to_verify, scene.rng)
        .empty();
  });
}

BENCHMARK(EnrolmentOneByOne)->Unit(benchmark::kMicrosecond);
BENCHMARK(EnrolmentBatch)
    ->ArgName("batch")
    ->Arg(1)
    ->Arg(16)
    ->Arg(128)
    ->Arg(512)
    ->Arg(crypto::kProofBatch)
    ->Arg(4 * crypto::kProofBatch)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(ActOneByOne)->Unit(benchmark::kMicrosecond);
BENCHMARK(ActBatch)
    ->ArgName("batch")
    ->Arg(16)
    ->Arg(crypto::kProofBatch)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(ChallengeOneByOne)->Unit(benchmark::kMicrosecond);
BENCHMARK(ChallengeBatch)->ArgName("batch")->Arg(16)->Arg(128)->Unit(benchmark::kMicrosecond);
BENCHMARK(ShareCellOneByOne)->Unit(benchmark::kMicrosecond);
BENCHMARK(ShareCellBatch)->ArgName("parts")->Arg(1)->Arg(5)->Arg(50)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace urna

BENCHMARK_MAIN();
