#include "core/crypto/disjunctive_proof.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status.h"
#include "core/crypto/nonce_source.h"

namespace urna::crypto {
namespace {

constexpr uint64_t kMaxBranches = 4096;

absl::StatusOr<size_t> BranchCount(uint64_t lo, uint64_t hi) {
  if (lo > hi)
    return absl::InvalidArgumentError(absl::StrCat("the range ", lo, "..", hi, " is empty"));
  if (hi - lo >= kMaxBranches) {
    return absl::InvalidArgumentError(
        absl::StrCat("the range ", lo, "..", hi, " has more than ", kMaxBranches, " values"));
  }
  return static_cast<size_t>(hi - lo + 1);
}

// 0xff if the difference is zero, else 0x00, without a branch.
uint8_t ZeroMask(uint64_t difference) {
  return static_cast<uint8_t>(0 - (1 & ((~difference & (difference - 1)) >> 63)));
}

// The only place where the prover branches on the vote: whether it is one at all. A function of its
// own, so that the test of constant time can except it by name.
[[gnu::noinline]] absl::Status CheckOneBranchIsReal(uint8_t any_mask, uint64_t lo, uint64_t hi) {
  if (any_mask != 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the value to be proved is not in ", lo, "..", hi));
}

Bytes RangeBytes(uint64_t lo, uint64_t hi) {
  const Scalar low = Scalar::FromUint64(lo);
  const Scalar high = Scalar::FromUint64(hi);
  return EncodeScalars(std::array<Scalar, 2>{low, high});
}

}  // namespace

absl::StatusOr<DisjunctiveProof> DisjunctiveProof::Decode(size_t branches, ByteSpan commitments,
                                                          ByteSpan challenges, ByteSpan responses) {
  if (branches == 0 || commitments.size() != CommitmentBytes(branches) ||
      challenges.size() != ChallengeBytes(branches) ||
      responses.size() != ResponseBytes(branches)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a proof over ", branches, " values has the wrong size"));
  }
  DisjunctiveProof proof;
  absl::StatusOr<std::vector<RistrettoPoint>> points = DecodePoints(commitments);
  if (!points.ok()) return Annotate(points.status(), "commitments");
  absl::StatusOr<std::vector<Scalar>> parts = DecodeScalars(challenges);
  if (!parts.ok()) return Annotate(parts.status(), "challenges");
  absl::StatusOr<std::vector<Scalar>> answers = DecodeScalars(responses);
  if (!answers.ok()) return Annotate(answers.status(), "responses");
  proof.commitments = *std::move(points);
  proof.challenges = *std::move(parts);
  proof.responses = *std::move(answers);
  return proof;
}

// With r known, u_i = z̃_i − c̃_i·r gives A_i = u_i·G and B_i = u_i·Y − c̃_i·(v − m_i)·G. The last
// term is zero in the real branch and nowhere else (SubtractSimulated).
absl::StatusOr<DisjunctiveProver> DisjunctiveProver::Commit(const RistrettoPoint& election_key,
                                                            ByteSpan statement, uint64_t value,
                                                            const SecretScalar& r, uint64_t lo,
                                                            uint64_t hi, Rng& rng) {
  URNA_ASSIGN_OR_RETURN(const size_t branches, BranchCount(lo, hi));
  DisjunctiveProver prover(r, branches);
  uint8_t any = 0;
  for (size_t i = 0; i < branches; ++i) {
    const uint8_t mask = ZeroMask(value ^ (lo + i));
    prover.real_branch_masks_.MutableSpan()[i] = mask;
    any |= mask;
  }
  URNA_RETURN_IF_ERROR(CheckOneBranchIsReal(any, lo, hi));

  NonceSource nonces("disjunctive proof", rng);
  nonces.Secret(r).Secret(SecretScalar::FromUint64(value)).Public(election_key);
  nonces.Public(statement).Public(RangeBytes(lo, hi));
  std::vector<RistrettoPoint> by_base, by_key;
  for (size_t i = 0; i < branches; ++i) {
    SecretScalar c = nonces.Next();
    SecretScalar z = nonces.Next();
    const SecretScalar u = z.Sub(c.Mul(r));
    by_base.push_back(MulBase(u));
    by_key.push_back(Mul(u, election_key));
    prover.simulated_challenges_.push_back(std::move(c));
    prover.simulated_responses_.push_back(std::move(z));
  }
  prover.SubtractSimulated(value, lo, by_key);
  for (size_t i = 0; i < branches; ++i) {
    prover.commitments_.push_back(by_base[i]);
    prover.commitments_.push_back(by_key[i]);
  }
  return prover;
}

// Takes c̃_i·(v − m_i)·G from every by_key[i] but that of the real branch k, b − 1 times whatever k
// is: the j-th time it is branch j, or j + 1 if k ≤ j, so that k is the one left out. No factor is
// zero but by a chance of 2^-252, c̃_i being uniform and v − m_i not zero.
void DisjunctiveProver::SubtractSimulated(uint64_t value, uint64_t lo,
                                          std::span<RistrettoPoint> by_key) const {
  const SecretScalar secret_value = SecretScalar::FromUint64(value);
  uint8_t passed = 0;  // 0xff once k ≤ j
  for (size_t j = 0; j + 1 < by_key.size(); ++j) {
    passed |= real_branch_masks_.ExposeSpan()[j];
    const uint64_t step = passed & 1;
    const SecretScalar c = simulated_challenges_[j]
                               .Masked(static_cast<uint8_t>(~passed))
                               .Add(simulated_challenges_[j + 1].Masked(passed));
    const SecretScalar e = c.Mul(secret_value.Sub(SecretScalar::FromUint64(lo + j + step)));
    const std::array<RistrettoPoint, 2> were = {by_key[j], by_key[j + 1]};
    const RistrettoPoint changed = SelectPoint(were, step) - MulBase(e);
    by_key[j] = SelectPoint(std::array<RistrettoPoint, 2>{changed, were[0]}, step);
    by_key[j + 1] = SelectPoint(std::array<RistrettoPoint, 2>{were[1], changed}, step);
  }
}

DisjunctiveProof DisjunctiveProver::Respond(const Scalar& challenge) && {
  const size_t branches = simulated_challenges_.size();
  URNA_CHECK(branches != 0, "a prover answers once");
  // δ = c − Σ c̃_i goes into the real branch, whichever that is.
  SecretScalar delta = SecretScalar::FromPublic(challenge);
  for (const SecretScalar& c : simulated_challenges_) delta = delta.Sub(c);
  const SecretScalar delta_r = delta.Mul(r_);

  DisjunctiveProof proof;
  proof.commitments = std::move(commitments_);
  for (size_t i = 0; i < branches; ++i) {
    const uint8_t mask = real_branch_masks_.ExposeSpan()[i];
    const SecretScalar c = simulated_challenges_[i].Add(delta.Masked(mask));
    const SecretScalar z = simulated_responses_[i].Add(delta_r.Masked(mask));
    if (i + 1 < branches) proof.challenges.push_back(c.ExposeForProofResponse());
    proof.responses.push_back(z.ExposeForProofResponse());
  }
  simulated_challenges_.clear();
  simulated_responses_.clear();
  return proof;
}

SecretBytes DisjunctiveProver::ExposeForStorage() const {
  const size_t branches = simulated_challenges_.size();
  URNA_CHECK(branches != 0, "a prover that has answered keeps nothing");
  SecretBytes out(StorageBytes(branches));
  uint8_t* at = out.data();
  const auto put = [&at](ByteSpan bytes) { at = std::copy(bytes.begin(), bytes.end(), at); };
  put(r_.ExposeSpan());
  put(real_branch_masks_.ExposeSpan());
  for (size_t i = 0; i < branches; ++i) {
    put(simulated_challenges_[i].ExposeSpan());
    put(simulated_responses_[i].ExposeSpan());
  }
  return out;
}

absl::StatusOr<DisjunctiveProver> DisjunctiveProver::FromStorage(
    std::vector<RistrettoPoint> commitments, ByteSpan stored) {
  const size_t branches = commitments.size() / 2;
  if (branches == 0 || commitments.size() % 2 != 0 || stored.size() != StorageBytes(branches)) {
    return absl::InvalidArgumentError("a stored prover has the wrong size");
  }
  const auto scalar = [&stored](size_t at) {
    return SecretScalar::FromCanonicalSecretBytes(stored.subspan(at, 32));
  };
  URNA_ASSIGN_OR_RETURN(const SecretScalar r, scalar(0));
  DisjunctiveProver prover(r, branches);
  prover.commitments_ = std::move(commitments);
  size_t real = 0, strange = 0;
  for (size_t i = 0; i < branches; ++i) {
    const uint8_t mask = stored[32 + i];
    prover.real_branch_masks_.MutableSpan()[i] = mask;
    real += mask & 1;
    strange |= (mask & 1) ^ (mask >> 7) ^ ((mask + (mask & 1)) & 0xff);
    URNA_ASSIGN_OR_RETURN(SecretScalar c, scalar(32 + branches + 64 * i));
    URNA_ASSIGN_OR_RETURN(SecretScalar z, scalar(64 + branches + 64 * i));
    prover.simulated_challenges_.push_back(std::move(c));
    prover.simulated_responses_.push_back(std::move(z));
  }
  if (real != 1 || strange != 0) {
    return absl::InvalidArgumentError("a stored prover does not say which branch is real");
  }
  return prover;
}

absl::Status VerifyDisjunctiveProofVarTime(const RistrettoPoint& election_key,
                                           const Ciphertext& ciphertext, uint64_t lo, uint64_t hi,
                                           const DisjunctiveProof& proof, const Scalar& challenge) {
  URNA_ASSIGN_OR_RETURN(const size_t branches, BranchCount(lo, hi));
  if (proof.commitments.size() != 2 * branches || proof.challenges.size() != branches - 1 ||
      proof.responses.size() != branches) {
    return absl::InvalidArgumentError(
        absl::StrCat("a proof over ", branches, " values has the wrong number of elements"));
  }
  Scalar last = challenge;
  for (const Scalar& c : proof.challenges) last = last - c;
  RistrettoPoint shifted = ciphertext.beta;  // β − m_i·G
  if (lo != 0) shifted = shifted - MulBaseVarTime(Scalar::FromUint64(lo));

  for (size_t i = 0; i < branches; ++i) {
    const Scalar& c = i + 1 < branches ? proof.challenges[i] : last;
    const Scalar& z = proof.responses[i];
    if (MulBaseVarTime(z) != proof.commitments[2 * i] + MulVarTime(c, ciphertext.alpha)) {
      return absl::InvalidArgumentError(
          absl::StrCat("branch ", i, " (value ", lo + i, "): z·G is not A + c·alpha"));
    }
    if (i != 0) shifted = shifted - RistrettoPoint::Base();
    if (MulVarTime(z, election_key) != proof.commitments[2 * i + 1] + MulVarTime(c, shifted)) {
      return absl::InvalidArgumentError(
          absl::StrCat("branch ", i, " (value ", lo + i, "): z·Y is not B + c·(beta − value·G)"));
    }
  }
  return absl::OkStatus();
}

}  // namespace urna::crypto
