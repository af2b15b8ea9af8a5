// Trustees' messages in an election's log.
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/equality_proof.h"
#include "core/election/share_batch.h"
#include "core/election/state_impl.h"

namespace urna::election {
namespace {

template <typename... Words>
absl::Status NotNow(const Words&... words) {
  return absl::FailedPreconditionError(absl::StrCat(words...));
}

// L3: points and scalars of a message whose lengths are right.
void CheckCanonical(const DecryptionShare& message, const std::string& where,
                    std::vector<Violation>& out) {
  absl::Status status = crypto::DecodePoints(message.shares).status();
  for (size_t at = 0; status.ok() && at < message.proofs.size();
       at += crypto::EqualityProof::kSize) {
    status = crypto::EqualityProof::Decode(
                 ByteSpan(message.proofs).subspan(at, crypto::EqualityProof::kSize))
                 .status();
  }
  if (!status.ok()) out.push_back({Check::kL3, Annotate(std::move(status), where)});
}

}  // namespace

absl::Status ElectionState::Impl::PlaceOf(const SignedTrusteeMessage& message) const {
  const uint16_t trustee = message.trustee();
  if (trustee < 1 || trustee > trustees()) {
    return absl::InvalidArgumentError(
        absl::StrCat("trustee ", trustee, " is not in 1..", trustees()));
  }
  const auto* acknowledgement = std::get_if<CountAcknowledgement>(&message.message);
  const auto* share = std::get_if<DecryptionShare>(&message.message);
  if (acknowledgement == nullptr && share == nullptr) {
    const bool drill = std::holds_alternative<Drill>(message.message);
    if (phase == Phase::kFinal || (!drill && phase != Phase::kSetup)) {
      return NotNow("a message of the key ceremony in the phase '", PhaseName(phase), "'");
    }
    return absl::OkStatus();
  }
  if (phase != Phase::kSummed) {
    return NotNow("a message of the count in the phase '", PhaseName(phase), "'");
  }
  if (acknowledgement != nullptr) {
    if (!acknowledgements.contains(trustee)) return absl::OkStatus();
    return absl::AlreadyExistsError(
        absl::StrCat("trustee ", trustee, " has already acknowledged the count"));
  }
  if (share->part >= shares.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("part ", share->part, " where there are ", shares.size(), " parts"));
  }
  if (!shares[share->part].contains(trustee)) return absl::OkStatus();
  return absl::AlreadyExistsError(
      absl::StrCat("trustee ", trustee, " has already given shares of part ", share->part));
}

std::vector<Violation> ElectionState::CheckTrusteeMessage(const SignedTrusteeMessage& message,
                                                          bool share_proved) const {
  const Impl& s = *impl_;
  std::vector<Violation> out;
  const uint16_t trustee = message.trustee();
  if (trustee >= 1 && trustee <= s.trustees()) {
    const std::optional<crypto::VerifyKey>& key = s.trustee_keys[trustee - 1];
    const crypto::Hash64 signed_bytes =
        TrusteeSignatureMessage(s.poll_id, message.type, message.fields);
    if (!key.has_value() || !key->Verify(signed_bytes, message.signature).ok()) {
      out.push_back(
          {Check::kS9, absl::PermissionDeniedError(absl::StrCat(
                           "the signature of trustee ", trustee, " '",
                           s.manifest().trustees[trustee - 1].name, "' does not verify"))});
    }
  }
  if (absl::Status status = s.PlaceOf(message); !status.ok()) {
    out.push_back({Check::kS8, std::move(status)});
    return out;
  }
  if (const auto* ack = std::get_if<CountAcknowledgement>(&message.message)) {
    s.CheckContent(*ack, out);
  } else if (const auto* share = std::get_if<DecryptionShare>(&message.message)) {
    s.CheckContent(*share, share_proved, out);
  } else {
    for (Violation& violation : s.ceremony.Check(message)) out.push_back(std::move(violation));
  }
  return out;
}

bool ElectionState::Impl::Fits(const CountAcknowledgement& message) const {
  return summed.has_value() && message.context == voting->poll_context &&
         message.size == summed->index + 1 && message.root == summed->root &&
         message.sum_order == summed->order_hash &&
         message.counted_hash == summed->sum.counted_hash &&
         message.sums_hash == summed->sum.sums_hash;
}

void ElectionState::Impl::CheckContent(const CountAcknowledgement& message,
                                       std::vector<Violation>& out) const {
  if (Fits(message)) return;
  const char* what = message.context != voting->poll_context            ? "poll context"
                     : message.size != summed->index + 1                ? "size"
                     : message.root != summed->root                     ? "root"
                     : message.sum_order != summed->order_hash          ? "hash of order 'sum'"
                     : message.counted_hash != summed->sum.counted_hash ? "counted set"
                                                                        : "sums";
  out.push_back({Check::kC4, absl::InvalidArgumentError(
                                 absl::StrCat("count acknowledgement of trustee ", message.trustee,
                                              ": its ", what, " is not that of the log"))});
}

void ElectionState::Impl::CheckContent(const DecryptionShare& message, bool proved,
                                       std::vector<Violation>& out) const {
  const std::string where =
      absl::StrCat("decryption share of trustee ", message.trustee, ", part ", message.part);
  if (!acknowledgements.contains(message.trustee)) {
    out.push_back({Check::kC4, NotNow(where, ": the trustee has not acknowledged the count")});
  }
  if (!EnoughAcknowledgements()) {
    const int needed = (trustees() + manifest().trustee_threshold - 1) / 2 + 1;
    out.push_back({Check::kC4, NotNow(where, ": fewer than the ", needed,
                                      " acknowledgements that it needs stand before it")});
  }
  const Contest* contest = manifest().FindContest(summed->sum.parts[message.part].contest);
  const size_t j = message.trustee - 1;
  if (contest == nullptr) return;  // not a part of this election: C2 says so
  if (message.shares.size() != 32 * contest->CountedCells() ||
      message.proofs.size() != crypto::EqualityProof::kSize * contest->CountedCells()) {
    out.push_back({Check::kC5, absl::InvalidArgumentError(
                                   absl::StrCat(where, ": not one share and proof for each of ",
                                                contest->CountedCells(), " counted cells"))});
    return;
  }
  if (proved) return;
  const size_t before = out.size();
  CheckCanonical(message, where, out);
  if (out.size() != before || !summed->sums.has_value()) return;
  if (j >= verification_keys.size() || !verification_keys[j].has_value()) {
    out.push_back({Check::kC5, NotNow(where, ": the opening has no verification key for it")});
    return;
  }
  const absl::Status status =
      VerifyDecryptionShareVarTime(voting->poll_context, summed->order_hash, contest->number,
                                   *verification_keys[j], (*summed->sums)[message.part], message);
  if (!status.ok()) out.push_back({Check::kC5, Annotate(status, where)});
}

std::vector<bool> ElectionState::FindProvedShares(std::span<const DecryptionShare* const> shares,
                                                  crypto::Rng& rng) const {
  const Impl& s = *impl_;
  std::vector<bool> proved(shares.size());
  if (!s.summed.has_value() || !s.summed->sums.has_value()) return proved;
  std::vector<ShareToVerify> to_verify;
  std::vector<size_t> places;
  for (size_t i = 0; i < shares.size(); ++i) {
    const DecryptionShare& share = *shares[i];
    const size_t j = size_t{share.trustee} - 1;  // of trustee 0 beyond all
    if (share.part >= s.summed->sums->size() || share.part >= s.summed->sum.parts.size()) continue;
    if (j >= s.verification_keys.size() || !s.verification_keys[j].has_value()) continue;
    to_verify.push_back({s.summed->sum.parts[share.part].contest, *s.verification_keys[j],
                         &(*s.summed->sums)[share.part], &share});
    places.push_back(i);
    proved[i] = true;
  }
  for (size_t unproved :
       FindUnprovedShares(s.voting->poll_context, s.summed->order_hash, to_verify, rng)) {
    proved[places[unproved]] = false;
  }
  return proved;
}

bool ElectionState::Impl::EnoughAcknowledgements() const {
  uint64_t fitting = 0;
  for (const auto& [trustee, message] : acknowledgements) fitting += Fits(message) ? 1 : 0;
  // More than (n + t − 1)/2.
  return 2 * fitting + 1 > uint64_t{trustees()} + manifest().trustee_threshold;
}

void ElectionState::ApplyTrusteeMessage(const SignedTrusteeMessage& message, uint64_t /*index*/) {
  Impl& s = *impl_;
  if (!s.PlaceOf(message).ok()) return;
  if (const auto* ack = std::get_if<CountAcknowledgement>(&message.message)) {
    s.acknowledgements.emplace(ack->trustee, *ack);
  } else if (const auto* share = std::get_if<DecryptionShare>(&message.message)) {
    s.shares[share->part].emplace(share->trustee, *share);
  } else {
    s.ceremony.Apply(message);
  }
}

absl::StatusOr<std::vector<std::vector<crypto::RistrettoPoint>>>
ElectionState::Impl::DecryptPoints() const {
  if (!summed.has_value() || !summed->sums.has_value()) {
    return NotNow("there are no sums to decrypt");
  }
  std::vector<std::vector<crypto::RistrettoPoint>> out;
  for (size_t part = 0; part < summed->sums->size(); ++part) {
    auto points = DecryptPart((*summed->sums)[part], shares[part], manifest().trustee_threshold);
    if (!points.ok()) return Annotate(points.status(), absl::StrCat("part ", part));
    out.push_back(*std::move(points));
  }
  return out;
}

absl::StatusOr<std::vector<poll::PartTotals>> ElectionState::Decrypt() const {
  URNA_ASSIGN_OR_RETURN(const auto points, impl_->DecryptPoints());
  return FindTotals(manifest(), impl_->summed->sum.parts, points);
}

}  // namespace urna::election
