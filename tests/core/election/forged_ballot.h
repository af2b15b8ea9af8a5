// Ballots of style 2 (contest 1 alone: two options and a sum proof 0..1) by someone who keeps to
// the protocol as far as it suits him.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "core/crypto/disjunctive_proof.h"
#include "core/crypto/elgamal.h"
#include "core/election/ballot.h"
#include "tests/support/election_fixture.h"

namespace urna::testing {

struct ForgedBallot {
  const crypto::Credential* credential = nullptr;
  uint64_t sequence = 1;
  std::vector<int> values = {0, 0};        // what is encrypted
  std::vector<uint64_t> claims = {};       // what the proofs say; empty: the values
  std::optional<uint64_t> sum_claim = {};  // nothing: the sum of the values
  bool same_randomness = false;            // one r for both options
  // Where the challenges come from.
  std::function<crypto::Scalar(const crypto::Hash64&, uint16_t, uint16_t, crypto::ChallengeKind)>
      challenge = crypto::Challenge;
};

inline crypto::Ciphertext EncryptAny(const crypto::RistrettoPoint& key, int value,
                                     const crypto::SecretScalar& r) {
  if (value >= 0) return crypto::Encrypt(key, static_cast<uint64_t>(value), r);
  crypto::Ciphertext out = crypto::Encrypt(key, 0, r);
  out.beta =
      out.beta - crypto::MulBaseVarTime(crypto::Scalar::FromUint64(static_cast<uint64_t>(-value)));
  return out;
}

inline election::Ballot Forge(ElectionFixture& election, const ForgedBallot& plan) {
  using crypto::DisjunctiveProver;
  using crypto::SecretScalar;
  const election::VotingContext& voting = *election.state().voting();
  const crypto::RistrettoPoint& key = voting.election_key;
  const auto append = [](Bytes& out, ByteSpan more) {
    out.insert(out.end(), more.begin(), more.end());
  };

  election::Ballot ballot;
  ballot.sequence = plan.sequence;
  ballot.style = 2;
  ballot.credential = plan.credential->public_key().bytes();
  election::ContestBallot contest;
  contest.contest = 1;

  std::vector<DisjunctiveProver> provers;
  SecretScalar sum_r = SecretScalar::FromUint64(0);
  crypto::Ciphertext sum;
  int total = 0;
  const SecretScalar shared = SecretScalar::Random(election.rng());
  for (size_t i = 0; i < plan.values.size(); ++i) {
    const SecretScalar r =
        plan.same_randomness ? shared.Clone() : SecretScalar::Random(election.rng());
    const crypto::Ciphertext ciphertext = EncryptAny(key, plan.values[i], r);
    const uint64_t claim =
        plan.claims.empty() ? static_cast<uint64_t>(plan.values[i]) : plan.claims[i];
    provers.push_back(
        DisjunctiveProver::Commit(key, ciphertext, claim, r, 0, 1, election.rng()).value());
    append(contest.ciphertexts, ciphertext.Encode());
    sum = sum + ciphertext;
    sum_r = sum_r.Add(r);
    total += plan.values[i];
  }
  provers.push_back(DisjunctiveProver::Commit(key, sum,
                                              plan.sum_claim.value_or(static_cast<uint64_t>(total)),
                                              sum_r, 0, 1, election.rng())
                        .value());
  for (const DisjunctiveProver& prover : provers) {
    append(contest.commitments, crypto::EncodePoints(prover.commitments()));
  }
  ballot.contests = {contest};
  crypto::CredentialProver signer =
      crypto::CredentialProver::Commit(*plan.credential, {}, election.rng());
  ballot.commitment = signer.commitment().bytes();

  const crypto::Hash64 h = election::BallotTranscript(voting.poll_context, ballot);
  for (size_t i = 0; i < provers.size(); ++i) {
    const bool is_sum = i == plan.values.size();
    const crypto::DisjunctiveProof proof =
        std::move(provers[i])
            .Respond(plan.challenge(
                h, 1, is_sum ? crypto::kNoIndex : static_cast<uint16_t>(i),
                is_sum ? crypto::ChallengeKind::kContestSum : crypto::ChallengeKind::kSelection));
    append(ballot.contests[0].challenges, crypto::EncodeScalars(proof.challenges));
    append(ballot.contests[0].responses, crypto::EncodeScalars(proof.responses));
  }
  ballot.responses = std::move(signer)
                         .Respond(plan.challenge(h, crypto::kNoIndex, crypto::kNoIndex,
                                                 crypto::ChallengeKind::kCredential))
                         .EncodeResponses();
  return ballot;
}

}  // namespace urna::testing
