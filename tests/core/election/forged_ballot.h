// Ballots by someone who holds every key and keeps to the protocol as far as it suits him: any
// values in the cells, proofs that claim something else, challenges from anywhere.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/crypto/disjunctive_proof.h"
#include "core/crypto/elgamal.h"
#include "core/election/ballot.h"
#include "core/election/contest_plan.h"
#include "tests/support/election_fixture.h"

namespace urna::testing {

struct ForgedBallot {
  const crypto::Credential* credential = nullptr;
  uint64_t sequence = 1;
  uint16_t style = 2;  // of the fixture: contest 1 alone, two options and a sum 0..1
  // Of every contest of the style the cells' values: the counted ones, or all of them with slack
  // bits. Slack bits that are not given are made as for an honest ballot.
  std::vector<std::vector<int64_t>> values = {{0, 0}};
  // By contest (position in the style) and proof what the proof says; elsewhere the truth.
  std::map<std::pair<size_t, size_t>, uint64_t> claims = {};
  bool same_randomness = false;                 // one r for all cells
  std::vector<crypto::Scalar> randomness = {};  // of the first contest's cells, instead of fresh
  std::function<void(election::Ballot&)> before_hashing = {};
  // Where the challenges come from.
  std::function<crypto::Scalar(const crypto::Hash64&, uint16_t, uint16_t, crypto::ChallengeKind)>
      challenge = crypto::Challenge;
};

inline crypto::Ciphertext EncryptAny(const crypto::RistrettoPoint& key, int64_t value,
                                     const crypto::SecretScalar& r) {
  const crypto::Scalar shown = r.ExposeForOpening();
  if (value >= 0) return crypto::EncryptVarTime(key, static_cast<uint64_t>(value), shown);
  crypto::Ciphertext out = crypto::EncryptVarTime(key, 0, shown);
  out.beta =
      out.beta - crypto::MulBaseVarTime(crypto::Scalar::FromUint64(static_cast<uint64_t>(-value)));
  return out;
}

// One contest of a forged ballot, up to the commitments.
class ContestForger {
 public:
  ContestForger(const election::Contest& contest, const crypto::RistrettoPoint& key,
                const ForgedBallot& plan, size_t position, crypto::Rng& rng)
      : plan_(contest), values_(ValuesOf(plan.values[position])) {
    bytes_.contest = contest.number;
    std::vector<crypto::SecretScalar> rs;
    const crypto::SecretScalar shared = crypto::SecretScalar::Random(rng);
    for (int64_t value : values_) {
      if (position == 0 && rs.size() < plan.randomness.size()) {
        rs.push_back(crypto::SecretScalar::FromPublic(plan.randomness[rs.size()]));
      } else {
        rs.push_back(plan.same_randomness ? shared.Clone() : crypto::SecretScalar::Random(rng));
      }
      Append(bytes_.ciphertexts, EncryptAny(key, value, rs.back()).Encode());
    }
    for (size_t i = 0; i < plan_.proofs().size(); ++i) {
      const election::Claim& claim = *plan_.proofs()[i].claim;
      int64_t value = 0;
      crypto::SecretScalar r = crypto::SecretScalar::FromUint64(0);
      for (const auto* terms : {&claim.terms, &claim.slack}) {
        for (const election::Term& term : *terms) {
          value += term.coefficient * values_[term.cell];
          const auto k = crypto::Scalar::FromUint64(
              static_cast<uint64_t>(term.coefficient < 0 ? -term.coefficient : term.coefficient));
          r = r.Add(rs[term.cell].Mul(term.coefficient < 0 ? k.Negate() : k));
        }
      }
      const auto said = plan.claims.find({position, i});
      const uint64_t claimed =
          said == plan.claims.end() ? static_cast<uint64_t>(value) : said->second;
      provers_.push_back(crypto::DisjunctiveProver::Commit(key, bytes_.ciphertexts, claimed, r,
                                                           claim.proved_lo(), claim.hi, rng)
                             .value());
      Append(bytes_.commitments, crypto::EncodePoints(provers_.back().commitments()));
    }
  }

  const election::ContestBallot& bytes() const { return bytes_; }

  void Respond(const crypto::Hash64& h, const ForgedBallot& plan, election::ContestBallot& out) {
    for (size_t i = 0; i < provers_.size(); ++i) {
      const election::PlannedProof& planned = plan_.proofs()[i];
      const crypto::DisjunctiveProof proof =
          std::move(provers_[i])
              .Respond(plan.challenge(h, plan_.contest(), planned.number, planned.kind));
      Append(out.challenges, crypto::EncodeScalars(proof.challenges));
      Append(out.responses, crypto::EncodeScalars(proof.responses));
    }
  }

 private:
  static void Append(Bytes& out, ByteSpan more) { out.insert(out.end(), more.begin(), more.end()); }

  std::vector<int64_t> ValuesOf(const std::vector<int64_t>& given) const {
    if (given.size() == plan_.cells()) return given;
    const std::vector<uint64_t> filled =
        FillSlack(plan_, std::vector<uint64_t>(given.begin(), given.end()));
    return std::vector<int64_t>(filled.begin(), filled.end());
  }

  election::ContestPlan plan_;
  std::vector<int64_t> values_;
  election::ContestBallot bytes_;
  std::vector<crypto::DisjunctiveProver> provers_;
};

inline election::Ballot Forge(const election::Manifest& manifest,
                              const election::VotingContext& voting, const ForgedBallot& plan,
                              crypto::Rng& rng) {
  election::Ballot ballot;
  ballot.sequence = plan.sequence;
  ballot.style = plan.style;
  ballot.credential = plan.credential->public_key().bytes();
  std::vector<ContestForger> contests;
  for (uint16_t number : manifest.FindStyle(plan.style)->contests) {
    contests.emplace_back(*manifest.FindContest(number), voting.election_key, plan, contests.size(),
                          rng);
    ballot.contests.push_back(contests.back().bytes());
  }
  crypto::CredentialProver signer = crypto::CredentialProver::Commit(*plan.credential, {}, rng);
  ballot.commitment = signer.commitment().bytes();
  if (plan.before_hashing) plan.before_hashing(ballot);
  const crypto::Hash64 h = election::BallotTranscript(voting.poll_context, ballot);
  for (size_t q = 0; q < contests.size(); ++q) contests[q].Respond(h, plan, ballot.contests[q]);
  ballot.responses = std::move(signer)
                         .Respond(plan.challenge(h, crypto::kNoIndex, crypto::kNoIndex,
                                                 crypto::ChallengeKind::kCredential))
                         .EncodeResponses();
  return ballot;
}

inline election::Ballot Forge(ElectionFixture& election, const ForgedBallot& plan) {
  return Forge(election.manifest(), *election.state().voting(), plan, election.rng());
}

}  // namespace urna::testing
