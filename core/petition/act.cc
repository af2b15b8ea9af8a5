// The proof of a petition act: made and verified.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/codec.h"
#include "core/base/status.h"
#include "core/crypto/credential.h"
#include "core/crypto/point.h"
#include "core/crypto/transcript.h"
#include "core/petition/state.h"

namespace urna::petition {
namespace {

crypto::Scalar ActChallenge(const ActContext& context, const PetitionAct& act) {
  return crypto::Challenge(ActTranscript(context.poll_context, context.text_hash, act),
                           crypto::kNoIndex, crypto::kNoIndex, crypto::ChallengeKind::kCredential);
}

}  // namespace

std::vector<Violation> VerifyActProof(const ActContext& context, const PetitionAct& act) {
  const std::string name = absl::StrCat(ActName(act.act), " of ", ToHex(act.credential));
  const auto credential = crypto::RistrettoPoint::DecodeNonIdentity(act.credential);
  if (!credential.ok()) {
    return {{Check::kL3, Annotate(credential.status(), absl::StrCat(name, ": credential"))}};
  }
  const auto proof = crypto::CredentialProof::Decode(act.commitment, act.responses);
  if (!proof.ok()) {
    return {{Check::kL3, Annotate(proof.status(), absl::StrCat(name, ": proof"))}};
  }
  const crypto::Scalar challenge = ActChallenge(context, act);
  if (crypto::VerifyCredentialProofVarTime(*credential, *proof, challenge).ok()) return {};
  return {{Check::kP4, absl::PermissionDeniedError(
                           absl::StrCat(name, ": the credential's proof does not verify"))}};
}

PetitionAct MakeAct(const ActContext& context, Act act, uint64_t sequence,
                    const crypto::Credential& credential, crypto::Rng& rng) {
  PetitionAct out;
  out.act = act;
  out.sequence = sequence;
  out.credential = credential.public_key().bytes();

  Writer statement;
  statement.Raw(context.poll_context);
  statement.Raw(context.text_hash);
  statement.U8(static_cast<uint8_t>(act));
  statement.U64(sequence);
  auto prover = crypto::CredentialProver::Commit(credential, statement.bytes(), rng);
  out.commitment = prover.commitment().bytes();
  out.responses = std::move(prover).Respond(ActChallenge(context, out)).EncodeResponses();
  return out;
}

}  // namespace urna::petition
