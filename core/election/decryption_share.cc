#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/decryption.h"
#include "core/crypto/discrete_log.h"
#include "core/election/contest_plan.h"
#include "core/election/tally.h"

namespace urna::election {
namespace {

using crypto::Ciphertext;
using crypto::EqualityProof;
using crypto::RistrettoPoint;

void AppendTo(Bytes& out, ByteSpan bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// D of every cell; InvalidArgument unless there is exactly one for each sum.
absl::StatusOr<std::vector<RistrettoPoint>> DecodeShares(const DecryptionShare& share,
                                                         size_t cells) {
  if (share.shares.size() != cells * RistrettoPoint::kSize) {
    return absl::InvalidArgumentError(absl::StrCat("shares of ", share.shares.size(),
                                                   " bytes where ", cells * RistrettoPoint::kSize,
                                                   " belong"));
  }
  auto points = crypto::DecodePoints(share.shares);
  if (!points.ok()) return Annotate(points.status(), "shares");
  return points;
}

}  // namespace

crypto::Scalar DecryptionShareChallenge(const crypto::Hash64& h, uint16_t contest, size_t cell) {
  return crypto::Challenge(h, contest, static_cast<uint16_t>(cell),
                           crypto::ChallengeKind::kDecryptionShare);
}

DecryptionShare MakeDecryptionShare(const crypto::Hash32& poll_context,
                                    const crypto::Hash32& sum_order, uint16_t trustee,
                                    uint16_t part, uint16_t contest,
                                    const RistrettoPoint& verification_key,
                                    const std::vector<Ciphertext>& sums,
                                    const crypto::SecretScalar& secret, crypto::Rng& rng) {
  DecryptionShare out;
  out.trustee = trustee;
  out.context = poll_context;
  out.part = part;
  std::vector<crypto::DecryptionShareProver> provers;
  const std::array<uint8_t, 32> no_response{};
  for (const Ciphertext& sum : sums) {
    provers.push_back(crypto::DecryptionShareProver::Commit(sum, secret, verification_key, rng));
    AppendTo(out.shares, provers.back().share().bytes());
    AppendTo(out.proofs, provers.back().EncodeCommitments());
    AppendTo(out.proofs, no_response);
  }
  // The transcript covers the commitments alone; the responses take their places after it.
  const crypto::Hash64 h = DecryptionShareTranscript(poll_context, sum_order, contest,
                                                     verification_key.bytes(), sums, out);
  out.proofs.clear();
  for (size_t cell = 0; cell < provers.size(); ++cell) {
    AppendTo(out.proofs,
             std::move(provers[cell]).Respond(DecryptionShareChallenge(h, contest, cell)).Encode());
  }
  return out;
}

absl::Status VerifyDecryptionShareVarTime(const crypto::Hash32& poll_context,
                                          const crypto::Hash32& sum_order, uint16_t contest,
                                          const RistrettoPoint& verification_key,
                                          const std::vector<Ciphertext>& sums,
                                          const DecryptionShare& share) {
  if (share.context != poll_context) {
    return absl::InvalidArgumentError("the share is bound to another poll context");
  }
  URNA_ASSIGN_OR_RETURN(const std::vector<RistrettoPoint> shares, DecodeShares(share, sums.size()));
  if (share.proofs.size() != sums.size() * EqualityProof::kSize) {
    return absl::InvalidArgumentError(absl::StrCat("proofs of ", share.proofs.size(),
                                                   " bytes where ",
                                                   sums.size() * EqualityProof::kSize, " belong"));
  }
  const crypto::Hash64 h = DecryptionShareTranscript(poll_context, sum_order, contest,
                                                     verification_key.bytes(), sums, share);
  for (size_t cell = 0; cell < sums.size(); ++cell) {
    const std::string where = absl::StrCat("cell ", cell + 1);
    auto proof = EqualityProof::Decode(
        ByteSpan(share.proofs).subspan(cell * EqualityProof::kSize, EqualityProof::kSize));
    if (!proof.ok()) return Annotate(proof.status(), absl::StrCat(where, ": proof"));
    const absl::Status status =
        crypto::VerifyDecryptionShareVarTime(sums[cell], verification_key, shares[cell], *proof,
                                             DecryptionShareChallenge(h, contest, cell));
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": the share is not proved (", status.message(), ")"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<RistrettoPoint>> DecryptPart(
    const std::vector<Ciphertext>& sums,
    const std::map<uint16_t, DecryptionShare>& shares_by_trustee, uint16_t threshold) {
  if (threshold < 1 || shares_by_trustee.size() < threshold) {
    return absl::FailedPreconditionError(absl::StrCat(
        "shares of ", shares_by_trustee.size(), " trustees where ", threshold, " are needed"));
  }
  std::vector<uint16_t> trustees;
  std::vector<std::vector<RistrettoPoint>> shares;  // by trustee, then cell
  for (const auto& [trustee, share] : shares_by_trustee) {
    if (trustees.size() == threshold) break;
    auto decoded = DecodeShares(share, sums.size());
    if (!decoded.ok()) return Annotate(decoded.status(), absl::StrCat("trustee ", trustee));
    trustees.push_back(trustee);
    shares.push_back(*std::move(decoded));
  }
  URNA_ASSIGN_OR_RETURN(const std::vector<crypto::Scalar> lagrange,
                        crypto::LagrangeAtZero(trustees));
  std::vector<RistrettoPoint> out;
  for (size_t cell = 0; cell < sums.size(); ++cell) {
    std::vector<RistrettoPoint> of_cell;
    for (const auto& list : shares) of_cell.push_back(list[cell]);
    URNA_ASSIGN_OR_RETURN(RistrettoPoint value,
                          crypto::CombineDecryptionVarTime(sums[cell], lagrange, of_cell));
    out.push_back(value);
  }
  return out;
}

namespace {

// Of every counted cell of a part, how large its total can be. InvalidArgument if the part has no
// contest, other cells, or more weight than can be searched.
absl::StatusOr<std::vector<uint64_t>> LargestTotals(const Manifest& manifest,
                                                    const poll::Part& part, size_t cells) {
  const Contest* contest = manifest.FindContest(part.contest);
  if (contest == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("there is no contest ", part.contest));
  }
  const ContestPlan plan(*contest);
  if (cells != plan.counted_cells()) {
    return absl::InvalidArgumentError(
        absl::StrCat(cells, " totals where ", plan.counted_cells(), " belong"));
  }
  std::vector<uint64_t> out;
  for (size_t cell = 0; cell < cells; ++cell) {
    if (part.weight > crypto::DiscreteLog::kMaxBound / plan.Maximum(cell)) {
      return absl::InvalidArgumentError(
          absl::StrCat("ballots of the weight ", part.weight, " are too many to be searched"));
    }
    out.push_back(plan.Maximum(cell) * part.weight);
  }
  return out;
}

}  // namespace

absl::StatusOr<std::vector<poll::PartTotals>> FindTotals(
    const Manifest& manifest, const std::vector<poll::Part>& parts,
    const std::vector<std::vector<RistrettoPoint>>& decrypted) {
  if (decrypted.size() != parts.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(decrypted.size(), " decrypted parts of ", parts.size()));
  }
  std::vector<std::vector<uint64_t>> most;  // by part, then cell
  uint64_t bound = 0;
  uint64_t queries = 0;
  for (size_t part = 0; part < parts.size(); ++part) {
    auto largest = LargestTotals(manifest, parts[part], decrypted[part].size());
    if (!largest.ok()) return Annotate(largest.status(), absl::StrCat("part ", part));
    for (uint64_t total : *largest) bound = std::max(bound, total);
    queries += largest->size();
    most.push_back(*std::move(largest));
  }
  std::vector<poll::PartTotals> out;
  if (parts.empty()) return out;
  URNA_ASSIGN_OR_RETURN(const crypto::DiscreteLog logarithms,
                        crypto::DiscreteLog::Create(bound, std::max<uint64_t>(queries, 1)));
  for (size_t part = 0; part < parts.size(); ++part) {
    poll::PartTotals& totals = out.emplace_back();
    totals.part = static_cast<uint16_t>(part);
    for (size_t cell = 0; cell < decrypted[part].size(); ++cell) {
      const std::string where = absl::StrCat("part ", part, ", cell ", cell + 1);
      auto total = logarithms.Find(decrypted[part][cell]);
      if (!total.ok()) return Annotate(total.status(), where);
      if (*total > most[part][cell]) {
        return absl::InvalidArgumentError(
            absl::StrCat(where, ": the total ", *total, " is above ", most[part][cell]));
      }
      totals.totals.push_back(*total);
    }
  }
  return out;
}

}  // namespace urna::election
