#include "core/petition/claim.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "core/base/named_lines.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/crypto/tag_proof.h"
#include "core/crypto/transcript.h"
#include "core/roll/roll.h"

namespace urna::petition {
namespace {

constexpr absl::string_view kHeader = "urna/1 petition claim";

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("claim: ", what));
}

absl::Status CheckOrigin(absl::string_view origin) {
  return Annotate(roll::CheckOrigin(origin), "claim");
}

crypto::Scalar ChallengeOf(const Claim& claim, const crypto::RistrettoPoint& tag_base) {
  return crypto::ClaimChallenge(crypto::Transcript("petition claim")
                                    .Field("origin", AsBytes(claim.origin))
                                    .Field("poll", claim.poll)
                                    .Field("context", claim.context)
                                    .Field("claim", AsBytes(claim.sentence))
                                    .Field("tag base", tag_base.bytes())
                                    .Field("tag", claim.tag)
                                    .Field("commitment", claim.commitment)
                                    .Hash());
}

absl::Status NotProved(absl::string_view why) {
  return absl::PermissionDeniedError(absl::StrCat("the claim is not proved: ", why));
}

}  // namespace

absl::Status CheckClaimSentence(absl::string_view sentence) {
  if (sentence.empty() || sentence.size() > kMaxClaimSentence) {
    return Malformed(
        absl::StrCat("its sentence has 1 to ", kMaxClaimSentence, " bytes, not ", sentence.size()));
  }
  if (!IsUtf8Text(sentence)) return Malformed("its sentence is not UTF-8");
  if (Printable(sentence) != sentence) {
    return Malformed("its sentence has control characters; it is one line");
  }
  return absl::OkStatus();
}

std::string Claim::ToText() const {
  return absl::StrCat(kHeader, "\norigin ", origin, "\npetition ", ToHex(poll), "\ncontext ",
                      ToHex(context), "\ntag ", ToHex(tag), "\ncommitment ", ToHex(commitment),
                      "\nresponse ", ToHex(response), "\nclaim ", sentence, "\n");
}

absl::StatusOr<Claim> Claim::Parse(absl::string_view text) {
  if (text.size() > kMaxClaimSize) {
    return Malformed(absl::StrCat("it has more than ", kMaxClaimSize, " bytes"));
  }
  NamedLines lines(text, "claim");
  URNA_ASSIGN_OR_RETURN(const absl::string_view header, lines.TakeLine());
  if (header != kHeader) return Malformed(absl::StrCat("it does not begin with '", kHeader, "'"));
  Claim out;
  URNA_ASSIGN_OR_RETURN(const absl::string_view origin, lines.Take("origin"));
  URNA_RETURN_IF_ERROR(CheckOrigin(origin));
  out.origin = std::string(origin);
  URNA_RETURN_IF_ERROR(lines.TakeHex("petition", out.poll));
  URNA_RETURN_IF_ERROR(lines.TakeHex("context", out.context));
  URNA_RETURN_IF_ERROR(lines.TakeHex("tag", out.tag));
  URNA_RETURN_IF_ERROR(lines.TakeHex("commitment", out.commitment));
  URNA_RETURN_IF_ERROR(lines.TakeHex("response", out.response));
  URNA_ASSIGN_OR_RETURN(const absl::string_view sentence, lines.Take("claim"));
  URNA_RETURN_IF_ERROR(CheckClaimSentence(sentence));
  out.sentence = std::string(sentence);
  if (!lines.AtEnd()) return Malformed("there is more after its last line");
  return out;
}

absl::StatusOr<Claim> MakeClaim(absl::string_view origin, const crypto::Hash32& poll,
                                const ActContext& context, absl::string_view sentence,
                                const crypto::Credential& credential, crypto::Rng& rng) {
  URNA_RETURN_IF_ERROR(CheckOrigin(origin));
  URNA_RETURN_IF_ERROR(CheckClaimSentence(sentence));
  Claim out;
  out.origin = std::string(origin);
  out.poll = poll;
  out.context = context.poll_context;
  out.sentence = std::string(sentence);
  const crypto::RistrettoPoint& tag_base = context.anonymous->tag_base;
  // What the nonce hashes beside the secret: the whole claim, as far as it is known.
  const std::string statement = absl::StrCat("claim\n", out.ToText());
  crypto::TagProver prover =
      crypto::TagProver::Commit(credential, tag_base, AsBytes(statement), rng);
  out.tag = prover.tag().bytes();
  out.commitment = prover.commitment().bytes();
  out.response = std::move(prover).Respond(ChallengeOf(out, tag_base)).response.bytes();
  return out;
}

absl::Status VerifyClaim(const Claim& claim) {
  const auto tag = crypto::RistrettoPoint::DecodeNonIdentity(claim.tag);
  if (!tag.ok()) return NotProved(absl::StrCat("tag: ", tag.status().message()));
  const auto proof = crypto::TagProof::Decode(claim.commitment, claim.response);
  if (!proof.ok()) return NotProved(proof.status().message());
  const crypto::RistrettoPoint tag_base = crypto::TagBase(claim.context);
  const absl::Status proved =
      crypto::VerifyTagProofVarTime(tag_base, *tag, *proof, ChallengeOf(claim, tag_base));
  return proved.ok() ? proved : NotProved(proved.message());
}

}  // namespace urna::petition
