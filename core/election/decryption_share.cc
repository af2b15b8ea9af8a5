#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/decryption.h"
#include "core/crypto/discrete_log.h"
#include "core/election/tally.h"

namespace urna::election {
namespace {

using crypto::Ciphertext;
using crypto::EqualityProof;
using crypto::RistrettoPoint;

void AppendTo(Bytes& out, ByteSpan bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

crypto::Scalar ShareChallenge(const crypto::Hash64& h, uint16_t contest, size_t option) {
  return crypto::Challenge(h, contest, static_cast<uint16_t>(option),
                           crypto::ChallengeKind::kDecryptionShare);
}

// D of every option; InvalidArgument unless there is exactly one for each sum.
absl::StatusOr<std::vector<RistrettoPoint>> DecodeShares(const DecryptionShare& share,
                                                         size_t options) {
  if (share.shares.size() != options * RistrettoPoint::kSize) {
    return absl::InvalidArgumentError(absl::StrCat("shares of ", share.shares.size(),
                                                   " bytes where ", options * RistrettoPoint::kSize,
                                                   " belong"));
  }
  auto points = crypto::DecodePoints(share.shares);
  if (!points.ok()) return Annotate(points.status(), "shares");
  return points;
}

}  // namespace

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
  for (size_t option = 0; option < provers.size(); ++option) {
    AppendTo(out.proofs,
             std::move(provers[option]).Respond(ShareChallenge(h, contest, option)).Encode());
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
  for (size_t option = 0; option < sums.size(); ++option) {
    const std::string where = absl::StrCat("option ", option + 1);
    auto proof = EqualityProof::Decode(
        ByteSpan(share.proofs).subspan(option * EqualityProof::kSize, EqualityProof::kSize));
    if (!proof.ok()) return Annotate(proof.status(), absl::StrCat(where, ": proof"));
    const absl::Status status = crypto::VerifyDecryptionShareVarTime(
        sums[option], verification_key, shares[option], *proof, ShareChallenge(h, contest, option));
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
  std::vector<std::vector<RistrettoPoint>> shares;  // by trustee, then option
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
  for (size_t option = 0; option < sums.size(); ++option) {
    std::vector<RistrettoPoint> of_option;
    for (const auto& list : shares) of_option.push_back(list[option]);
    URNA_ASSIGN_OR_RETURN(RistrettoPoint value,
                          crypto::CombineDecryptionVarTime(sums[option], lagrange, of_option));
    out.push_back(value);
  }
  return out;
}

absl::StatusOr<std::vector<poll::PartTotals>> FindTotals(
    const Manifest& manifest, const std::vector<poll::Part>& parts,
    const std::vector<std::vector<RistrettoPoint>>& decrypted) {
  if (decrypted.size() != parts.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(decrypted.size(), " decrypted parts of ", parts.size()));
  }
  uint64_t bound = 0;
  uint64_t queries = 0;
  for (size_t part = 0; part < parts.size(); ++part) {
    const Contest* contest = manifest.FindContest(parts[part].contest);
    if (contest == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("part ", part, ": there is no contest ", parts[part].contest));
    }
    if (parts[part].ballots > crypto::DiscreteLog::kMaxBound) {
      return absl::InvalidArgumentError(absl::StrCat("part ", part, ": too many ballots"));
    }
    bound = std::max(bound, contest->option_max * parts[part].ballots);
    queries += decrypted[part].size();
  }
  std::vector<poll::PartTotals> out;
  if (parts.empty()) return out;
  URNA_ASSIGN_OR_RETURN(const crypto::DiscreteLog logarithms,
                        crypto::DiscreteLog::Create(bound, std::max<uint64_t>(queries, 1)));
  for (size_t part = 0; part < parts.size(); ++part) {
    poll::PartTotals& totals = out.emplace_back();
    totals.part = static_cast<uint16_t>(part);
    const uint64_t most =
        manifest.FindContest(parts[part].contest)->option_max * parts[part].ballots;
    for (size_t option = 0; option < decrypted[part].size(); ++option) {
      const std::string where = absl::StrCat("part ", part, ", option ", option + 1);
      auto total = logarithms.Find(decrypted[part][option]);
      if (!total.ok()) return Annotate(total.status(), where);
      if (*total > most) {
        return absl::InvalidArgumentError(
            absl::StrCat(where, ": the total ", *total, " is above ", most));
      }
      totals.totals.push_back(*total);
    }
  }
  return out;
}

}  // namespace urna::election
