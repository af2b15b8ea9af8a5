#include "core/election/ballot_batch.h"

#include <map>
#include <optional>

#include "core/crypto/hash_to_group.h"
#include "core/crypto/transcript.h"
#include "core/crypto/vartime/batch_equation.h"
#include "core/election/ballot_proofs.h"
#include "core/election/contest_plan.h"

namespace urna::election {
namespace {

using crypto::vartime::DecodeBatch;
using crypto::vartime::DecodedBatch;
using crypto::vartime::Encoding;
using crypto::vartime::EquationBatch;
using crypto::vartime::Point;
using crypto::vartime::PublicScalar;

// One contest's points and scalars, in the order in which they stand in the ballot.
struct DecodedContest {
  const ContestPlan* plan = nullptr;
  std::vector<Point> ciphertexts;  // α, β of every cell
  std::vector<Point> commitments;
  std::vector<PublicScalar> challenges;
  std::vector<PublicScalar> responses;
};

// The plans of an election's contests, made once for many ballots.
class Plans {
 public:
  explicit Plans(const Manifest& manifest) {
    for (const Contest& contest : manifest.contests) {
      plans_.emplace(contest.number, ContestPlan(contest));
    }
  }
  // For a contest of the manifest.
  const ContestPlan& Of(uint16_t contest) const { return plans_.at(contest); }

 private:
  std::map<uint16_t, ContestPlan> plans_;
};

// A ballot of the right shape whose points and scalars all decode.
struct DecodedBallot {
  crypto::Hash64 hash{};
  Point credential, commitment;
  PublicScalar response_s, response_t;
  std::vector<DecodedContest> contests;
};

bool TakeScalars(ByteSpan bytes, std::vector<PublicScalar>& scalars) {
  scalars.reserve(bytes.size() / 32);
  for (size_t at = 0; at < bytes.size(); at += 32) {
    const absl::StatusOr<PublicScalar> scalar =
        PublicScalar::Decode(std::span<const uint8_t, 32>(bytes.data() + at, 32));
    if (!scalar.ok()) return false;
    scalars.push_back(*scalar);
  }
  return true;
}

// Nothing if a point doesn't decode or, with `alphas`, if one of even position is the identity.
std::optional<std::vector<Point>> TakePoints(ByteSpan bytes, bool alphas) {
  std::vector<Encoding> encodings(bytes.size() / 32);
  for (size_t i = 0; i < encodings.size(); ++i) {
    std::copy_n(bytes.begin() + static_cast<ptrdiff_t>(32 * i), 32, encodings[i].begin());
    if (alphas && i % 2 == 0 && encodings[i] == Encoding{}) return std::nullopt;
  }
  DecodedBatch decoded = DecodeBatch(encodings);
  if (!decoded.failed.empty()) return std::nullopt;
  return std::move(decoded.points);
}

std::optional<DecodedContest> DecodeContest(const ContestPlan& plan, const ContestBallot& bytes) {
  if (!plan.CheckLengths(bytes).ok()) return std::nullopt;
  DecodedContest out;
  out.plan = &plan;
  std::optional<std::vector<Point>> ciphertexts = TakePoints(bytes.ciphertexts, true);
  std::optional<std::vector<Point>> commitments = TakePoints(bytes.commitments, false);
  if (!ciphertexts.has_value() || !commitments.has_value() ||
      !TakeScalars(bytes.challenges, out.challenges) ||
      !TakeScalars(bytes.responses, out.responses)) {
    return std::nullopt;
  }
  out.ciphertexts = *std::move(ciphertexts);
  out.commitments = *std::move(commitments);
  return out;
}

// Nothing if the ballot is in any way not as it should be; the one-by-one verification then says
// in which.
std::optional<DecodedBallot> DecodeBallot(const Manifest& manifest, const Plans& plans,
                                          const VotingContext& context, const Ballot& ballot) {
  if (!CheckContestsOfStyle(manifest, ballot).ok()) return std::nullopt;
  DecodedBallot out;
  for (const ContestBallot& bytes : ballot.contests) {
    std::optional<DecodedContest> contest = DecodeContest(plans.Of(bytes.contest), bytes);
    if (!contest.has_value()) return std::nullopt;
    out.contests.push_back(*std::move(contest));
  }
  if (ballot.credential == Encoding{}) return std::nullopt;
  const absl::StatusOr<Point> credential = Point::Decode(ballot.credential);
  const absl::StatusOr<Point> commitment = Point::Decode(ballot.commitment);
  std::vector<PublicScalar> responses;
  if (!credential.ok() || !commitment.ok() || !TakeScalars(ballot.responses, responses)) {
    return std::nullopt;
  }
  out.credential = *credential;
  out.commitment = *commitment;
  out.response_s = responses[0];
  out.response_t = responses[1];
  out.hash = BallotTranscript(context.poll_context, ballot);
  return out;
}

PublicScalar ChallengeOf(const crypto::Hash64& hash, uint16_t i, uint16_t j,
                         crypto::ChallengeKind kind) {
  return PublicScalar::Reduce(crypto::Challenge(hash, i, j, kind).bytes());
}

// Adds the equations of ballots to a batch.
class Equations {
 public:
  Equations(const Point& election_key, const Point& credential_base, crypto::Rng& rng)
      : batch_([&rng](std::span<uint8_t> out) { rng.Fill(out); }),
        g_(batch_.AddBase(Point::Base())),
        y_(batch_.AddBase(election_key)),
        k_(batch_.AddBase(credential_base)) {}

  void Add(const DecodedBallot& ballot) {
    AddCredential(ballot);
    for (const DecodedContest& contest : ballot.contests) AddContest(ballot.hash, contest);
  }

  bool Check() const { return batch_.Check(); }

 private:
  using Base = EquationBatch::Base;

  // z_s·G + z_t·K_R = C + c·P  (§3.4)
  void AddCredential(const DecodedBallot& ballot) {
    const PublicScalar c = ChallengeOf(ballot.hash, crypto::kNoIndex, crypto::kNoIndex,
                                       crypto::ChallengeKind::kCredential);
    batch_.BeginEquation();
    batch_.Add(ballot.response_s, g_);
    batch_.Add(ballot.response_t, k_);
    batch_.Subtract(ballot.commitment);
    batch_.Subtract(c, ballot.credential);
  }

  void AddContest(const crypto::Hash64& hash, const DecodedContest& contest) {
    const ContestPlan& plan = *contest.plan;
    std::vector<Base> alphas, betas;
    for (size_t cell = 0; cell < plan.cells(); ++cell) {
      alphas.push_back(batch_.AddBase(contest.ciphertexts[2 * cell]));
      betas.push_back(batch_.AddBase(contest.ciphertexts[2 * cell + 1]));
    }
    for (const PlannedProof& proof : plan.proofs()) {
      AddProof(contest, proof, ChallengeOf(hash, plan.contest(), proof.number, proof.kind), alphas,
               betas);
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
        c = contest.challenges[proof.first_challenge + i];
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
      batch_.Add(c * PublicScalar::FromU64(claim.proved_lo() + i), g_);
    }
  }

  // c · Σ coefficient · cell.
  void SubtractTerms(const PublicScalar& c, const Claim& claim, const std::vector<Base>& cells) {
    for (const std::vector<Term>* terms : {&claim.terms, &claim.slack}) {
      for (const Term& term : *terms) {
        if (term.coefficient == 1) {
          batch_.Subtract(c, cells[term.cell]);
        } else if (term.coefficient >= 0) {
          batch_.Subtract(c * PublicScalar::FromU64(static_cast<uint64_t>(term.coefficient)),
                          cells[term.cell]);
        } else {
          batch_.Add(c * PublicScalar::FromU64(static_cast<uint64_t>(-term.coefficient)),
                     cells[term.cell]);
        }
      }
    }
  }

  EquationBatch batch_;
  Base g_, y_, k_;
};

Point PointOf(const crypto::RistrettoPoint& point) {
  // Its encoding is canonical by construction.
  return Point::Decode(point.bytes()).value_or(Point());
}

}  // namespace

std::vector<std::vector<Violation>> VerifyBallotsVarTime(const Manifest& manifest,
                                                         const VotingContext& context,
                                                         std::span<const Ballot* const> ballots,
                                                         crypto::Rng& rng) {
  std::vector<std::vector<Violation>> violations(ballots.size());
  const Plans plans(manifest);
  std::vector<DecodedBallot> decoded;
  std::vector<size_t> position;  // of each decoded ballot among all
  for (size_t i = 0; i < ballots.size(); ++i) {
    std::optional<DecodedBallot> ballot = DecodeBallot(manifest, plans, context, *ballots[i]);
    if (ballot.has_value()) {
      decoded.push_back(*std::move(ballot));
      position.push_back(i);
    } else {
      violations[i] = VerifyBallotVarTime(manifest, context, *ballots[i]);
    }
  }
  const Point election_key = PointOf(context.election_key);
  const Point credential_base = PointOf(crypto::CredentialBase());
  const auto check = [&](size_t begin, size_t end) {
    Equations equations(election_key, credential_base, rng);
    for (size_t i = begin; i < end; ++i) equations.Add(decoded[i]);
    return equations.Check();
  };
  for (size_t bad : crypto::vartime::FindFailing(decoded.size(), check)) {
    const size_t i = position[bad];
    violations[i] = VerifyBallotVarTime(manifest, context, *ballots[i]);
  }
  return violations;
}

}  // namespace urna::election
