#include "core/petition/anonymous_act.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/status.h"
#include "core/crypto/ring_proof.h"
#include "core/crypto/ring_prover.h"
#include "core/crypto/tag_proof.h"
#include "core/crypto/transcript.h"
#include "core/petition/turn.h"

namespace urna::petition {
namespace {

Violation NotCanonical(const std::string& name, absl::string_view field,
                       const absl::Status& status) {
  return {Check::kL3, Annotate(status, absl::StrCat(name, ": ", field))};
}

Violation NotProved(const std::string& name, const absl::Status& why) {
  return {Check::kP4, absl::PermissionDeniedError(absl::StrCat(name, ": ", why.message()))};
}

// The first whole element that is none; T is crypto::RistrettoPoint or crypto::Scalar.
template <typename T>
absl::Status CheckElements(ByteSpan elements) {
  for (size_t i = 0; 32 * (i + 1) <= elements.size(); ++i) {
    const auto decoded = T::Decode(elements.subspan(32 * i, 32));
    if (!decoded.ok()) return Annotate(decoded.status(), absl::StrCat("element ", i));
  }
  return absl::OkStatus();
}

// What a prover's nonces hash beside the secrets: whatever the act says.
Bytes Statement(const ActContext& context, uint8_t act, uint64_t sequence, uint32_t epoch,
                uint32_t ring) {
  Writer out;
  out.Raw(context.poll_context);
  out.Raw(context.text_hash);
  out.U8(act);
  out.U64(sequence);
  out.U32(epoch);
  out.U32(ring);
  return out.Take();
}

}  // namespace

crypto::Scalar RingActChallenge(const ActContext& context, const RingAct& act,
                                const crypto::Hash32& ring_hash) {
  const EpochRings* epoch = context.anonymous->epochs.Find(act.epoch);
  URNA_CHECK(epoch != nullptr, "an order has brought the epoch in");
  crypto::Transcript transcript("ring act");
  transcript.Field("context", context.poll_context)
      .Field("text", context.text_hash)
      .FieldU64("sequence", act.sequence)
      .FieldU32("epoch", act.epoch)
      .Field("epoch order", epoch->order)
      .FieldU32("number", act.ring);
  crypto::AddRingFields(transcript, ring_hash, context.anonymous->tag_base, act.tag,
                        act.commitments);
  return crypto::RingChallenge(transcript.Hash());
}

crypto::Scalar TagActChallenge(const ActContext& context, const TagAct& act) {
  return crypto::TagChallenge(crypto::Transcript("tag act")
                                  .Field("context", context.poll_context)
                                  .Field("text", context.text_hash)
                                  .FieldU8("act", static_cast<uint8_t>(act.act))
                                  .FieldU64("sequence", act.sequence)
                                  .Field("tag base", context.anonymous->tag_base.bytes())
                                  .Field("tag", act.tag)
                                  .Field("commitment", act.commitment)
                                  .Hash());
}

std::vector<Violation> CheckCanonical(const RingAct& act) {
  std::vector<Violation> out;
  const auto check = [&](absl::string_view field, const absl::Status& status) {
    if (!status.ok()) out.push_back(NotCanonical(NameAnAct(act), field, status));
  };
  check("tag", crypto::RistrettoPoint::DecodeNonIdentity(act.tag).status());
  check("ring_commitments", CheckElements<crypto::RistrettoPoint>(act.commitments));
  check("ring_responses", CheckElements<crypto::Scalar>(act.responses));
  return out;
}

std::vector<Violation> CheckCanonical(const TagAct& act) {
  std::vector<Violation> out;
  const auto check = [&](absl::string_view field, const absl::Status& status) {
    if (!status.ok()) out.push_back(NotCanonical(NameAnAct(act), field, status));
  };
  check("tag", crypto::RistrettoPoint::DecodeNonIdentity(act.tag).status());
  check("commitment", crypto::RistrettoPoint::Decode(act.commitment).status());
  check("response", crypto::Scalar::Decode(act.response).status());
  return out;
}

std::vector<Violation> VerifyActProof(const ActContext& context, const RingAct& act,
                                      const crypto::DecodedRing* ring) {
  std::vector<Violation> wrong = CheckCanonical(act);
  if (!wrong.empty() || ring == nullptr) return wrong;
  if (context.anonymous->epochs.Find(act.epoch) == nullptr) {
    return {NotProved(NameAnAct(act), absl::NotFoundError(absl::StrCat(
                                          "there are no rings of epoch ", act.epoch)))};
  }
  const auto proof =
      crypto::RingProof::Decode(ring->ring().digits(), act.commitments, act.responses);
  if (!proof.ok()) return {NotProved(NameAnAct(act), proof.status())};
  const absl::Status proved = crypto::VerifyRingProofVarTime(
      *ring, context.anonymous->tag_base, *crypto::RistrettoPoint::DecodeNonIdentity(act.tag),
      *proof, RingActChallenge(context, act, ring->ring().hash()));
  if (!proved.ok()) wrong.push_back(NotProved(NameAnAct(act), proved));
  return wrong;
}

std::vector<Violation> VerifyActProof(const ActContext& context, const TagAct& act) {
  std::vector<Violation> wrong = CheckCanonical(act);
  if (!wrong.empty() || context.anonymous == nullptr) return wrong;
  const absl::Status proved = crypto::VerifyTagProofVarTime(
      context.anonymous->tag_base, *crypto::RistrettoPoint::DecodeNonIdentity(act.tag),
      *crypto::TagProof::Decode(act.commitment, act.response), TagActChallenge(context, act));
  if (!proved.ok()) wrong.push_back(NotProved(NameAnAct(act), proved));
  return wrong;
}

absl::StatusOr<RingAct> MakeRingAct(const ActContext& context, uint64_t sequence, uint32_t epoch,
                                    uint32_t number, const crypto::Ring& ring,
                                    const crypto::Credential& credential, crypto::Rng& rng) {
  if (context.anonymous->epochs.Find(epoch) == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("no order has brought epoch ", epoch, " of the roll into the petition"));
  }
  RingAct out;
  out.sequence = sequence;
  out.epoch = epoch;
  out.ring = number;
  URNA_ASSIGN_OR_RETURN(
      crypto::RingProver prover,
      crypto::RingProver::Commit(
          ring, credential, context.anonymous->tag_base,
          Statement(context, static_cast<uint8_t>(Act::kSign), sequence, epoch, number), rng));
  out.tag = prover.tag().bytes();
  out.commitments = prover.EncodeCommitments();
  out.responses =
      std::move(prover).Respond(RingActChallenge(context, out, ring.hash())).EncodeResponses();
  return out;
}

TagAct MakeTagAct(const ActContext& context, Act act, uint64_t sequence,
                  const crypto::Credential& credential, crypto::Rng& rng) {
  TagAct out;
  out.act = act;
  out.sequence = sequence;
  crypto::TagProver prover =
      crypto::TagProver::Commit(credential, context.anonymous->tag_base,
                                Statement(context, static_cast<uint8_t>(act), sequence, 0, 0), rng);
  out.tag = prover.tag().bytes();
  out.commitment = prover.commitment().bytes();
  out.response = std::move(prover).Respond(TagActChallenge(context, out)).response.bytes();
  return out;
}

}  // namespace urna::petition
