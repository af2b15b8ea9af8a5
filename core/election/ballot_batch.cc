#include "core/election/ballot_batch.h"

#include <numeric>

#include "core/crypto/hash_to_group.h"
#include "core/crypto/proof_batch.h"
#include "core/crypto/vartime/batch_equation.h"
#include "core/election/ballot_proofs.h"
#include "core/election/contest_plan.h"

namespace urna::election {
namespace {

using crypto::vartime::EquationBatch;
using crypto::vartime::Point;
using crypto::vartime::PublicScalar;

enum class Equation { kCredential, kProofs, kAll };

// The equations of ballots, of each ballot a part of one batch.
class Equations {
 public:
  Equations(const Point& election_key, const Point& credential_base, const Point& tag_base,
            Equation which, crypto::Rng& rng)
      : batch_(crypto::WeightsFrom(rng)),
        which_(which),
        g_(batch_.AddBase(Point::Base())),
        y_(batch_.AddBase(election_key)),
        k_(batch_.AddBase(credential_base)),
        h_(batch_.AddBase(tag_base)) {}

  void Add(const DecodedBallot& ballot) {
    batch_.BeginPart();
    if (which_ != Equation::kProofs) AddIdentity(ballot);
    if (which_ == Equation::kCredential) return;
    for (const DecodedContest& contest : ballot.contests) AddContest(contest);
  }

  std::vector<size_t> FindFailing() const { return crypto::vartime::FindFailing(batch_); }

 private:
  using Base = EquationBatch::Base;

  // Whose it is; of a ballot over a ring nothing.
  void AddIdentity(const DecodedBallot& ballot) {
    if (ballot.credential.has_value()) {
      crypto::AddEquation(*ballot.credential, g_, k_, batch_);
    } else if (ballot.tag.has_value()) {
      batch_.BeginEquation();
      batch_.Add(ballot.tag->response, h_);
      batch_.Subtract(ballot.tag->commitment);
      batch_.Subtract(ballot.tag->challenge, ballot.tag->tag);
    }
  }

  void AddContest(const DecodedContest& contest) {
    const ContestPlan& plan = *contest.plan;
    std::vector<Base> alphas, betas;
    for (size_t cell = 0; cell < plan.cells(); ++cell) {
      alphas.push_back(batch_.AddBase(contest.ciphertexts[2 * cell]));
      betas.push_back(batch_.AddBase(contest.ciphertexts[2 * cell + 1]));
    }
    for (size_t i = 0; i < plan.proofs().size(); ++i) {
      AddProof(contest, plan.proofs()[i], contest.challenges[i], alphas, betas);
    }
  }

  // §3.2 for the claim's ciphertext (Σ k·α, Σ k·β): for every branch z·G = A + c·Σ k·α and
  // z·Y = B + c·(Σ k·β − m·G).
  void AddProof(const DecodedContest& contest, const PlannedProof& proof,
                const PublicScalar& challenge, const std::vector<Base>& alphas,
                const std::vector<Base>& betas) {
    const Claim& claim = *proof.claim;
    PublicScalar last = challenge;
    for (size_t i = 0; i < claim.branches(); ++i) {
      PublicScalar c = last;
      if (i + 1 < claim.branches()) {
        c = contest.sent_challenges[proof.first_challenge + i];
        last = last - c;
      }
      const size_t branch = proof.first_branch + i;
      const PublicScalar& z = contest.responses[branch];
      batch_.BeginEquation();
      batch_.Add(z, g_);
      batch_.Subtract(contest.commitments[2 * branch]);
      SubtractTerms(c, claim, alphas);
      batch_.BeginEquation();
      batch_.Add(z, y_);
      batch_.Subtract(contest.commitments[2 * branch + 1]);
      SubtractTerms(c, claim, betas);
      if (claim.proved_lo() + i > 0) batch_.Add(Times(claim.proved_lo() + i, c), g_);
    }
  }

  static PublicScalar Times(uint64_t factor, const PublicScalar& scalar) {
    return factor == 1 ? scalar : scalar * PublicScalar::FromU64(factor);
  }

  // c · Σ coefficient · cell.
  void SubtractTerms(const PublicScalar& c, const Claim& claim, const std::vector<Base>& cells) {
    for (const std::vector<Term>* terms : {&claim.terms, &claim.slack}) {
      for (const Term& term : *terms) {
        if (term.coefficient >= 0) {
          batch_.Subtract(Times(static_cast<uint64_t>(term.coefficient), c), cells[term.cell]);
        } else {
          batch_.Add(Times(static_cast<uint64_t>(-term.coefficient), c), cells[term.cell]);
        }
      }
    }
  }

  EquationBatch batch_;
  const Equation which_;
  Base g_, y_, k_, h_;
};

// Those of the ballots `among` the decoded ones in which such an equation is wrong.
std::vector<size_t> FindFalse(const DecodedBallots& decoded, std::span<const size_t> among,
                              Equation which, crypto::Rng& rng) {
  const auto& anonymous = decoded.context().anonymous;
  Equations equations(
      crypto::ToVarTimePoint(decoded.context().election_key),
      crypto::ToVarTimePoint(crypto::CredentialBase()),
      anonymous == nullptr ? Point::Base() : crypto::ToVarTimePoint(anonymous->tag_base), which,
      rng);
  for (size_t i : among) equations.Add(decoded.Get(i));
  std::vector<size_t> found = equations.FindFailing();
  for (size_t& i : found) i = among[i];
  return found;
}

// Of one whose transcript there is.
std::vector<Violation> VerifyCredentialAlone(const VotingContext& context, const Ballot& ballot) {
  const crypto::Hash64 h = crypto::Sha512(*BallotTranscriptBytes(context, ballot));
  std::vector<Violation> violations;
  std::optional<Violation> wrong;
  if (const TagAnswer* answer = ballot.tag_answer()) {
    const auto statement =
        TakeTag(context.anonymous->tag_base, h, ballot.credential, *answer, violations);
    if (statement.has_value()) wrong = VerifyVarTime(*statement);
  } else {
    const auto statement =
        TakeCredential(h, ballot.credential, ballot.commitment, ballot.responses, violations);
    if (statement.has_value()) wrong = VerifyVarTime(*statement);
  }
  if (wrong.has_value()) violations.push_back(*std::move(wrong));
  return violations;
}

}  // namespace

std::vector<std::vector<Violation>> VerifyBallotsVarTime(const Manifest& manifest,
                                                         const VotingContext& context,
                                                         std::span<const Ballot* const> ballots,
                                                         crypto::Rng& rng, BatchOrder order) {
  return VerifyBallotsVarTime(DecodedBallots(manifest, context, ballots), rng, order);
}

std::vector<std::vector<Violation>> VerifyBallotsVarTime(const DecodedBallots& decoded,
                                                         crypto::Rng& rng, BatchOrder order) {
  std::vector<std::vector<Violation>> violations(decoded.ballots().size());
  const auto verify_alone = [&](size_t position) {
    violations[position] =
        VerifyBallotVarTime(decoded.manifest(), decoded.context(), *decoded.ballots()[position]);
  };
  for (size_t position : decoded.refused()) verify_alone(position);

  std::vector<size_t> left(decoded.size());
  std::iota(left.begin(), left.end(), size_t{0});
  if (order == BatchOrder::kCredentialsFirst) {
    for (size_t bad : FindFalse(decoded, left, Equation::kCredential, rng)) {
      const size_t position = decoded.Position(bad);
      violations[position] = VerifyCredentialAlone(decoded.context(), *decoded.ballots()[position]);
    }
    std::erase_if(left, [&](size_t i) { return !violations[decoded.Position(i)].empty(); });
  }
  const Equation rest = order == BatchOrder::kCredentialsFirst ? Equation::kProofs : Equation::kAll;
  for (size_t bad : FindFalse(decoded, left, rest, rng)) verify_alone(decoded.Position(bad));
  return violations;
}

}  // namespace urna::election
