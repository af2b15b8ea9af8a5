#include "core/crypto/drill.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/codec.h"
#include "core/base/status.h"
#include "core/crypto/hash_to_group.h"
#include "core/crypto/transcript.h"

namespace urna::crypto {
namespace {

Scalar DrillChallenge(const Hash32& key_context, uint32_t number, uint16_t trustee,
                      const EqualityStatement& statement,
                      const std::array<uint8_t, 64>& commitments) {
  const Hash64 h = Transcript("drill")
                       .Field("context", key_context)
                       .FieldU32("drill", number)
                       .FieldU16("trustee", trustee)
                       .Field("verification key", statement.key.bytes())
                       .Field("base", statement.base.bytes())
                       .Field("share", statement.share.bytes())
                       .Field("commitments", commitments)
                       .Hash();
  return Challenge(h, trustee, kNoIndex, ChallengeKind::kDrill);
}

}  // namespace

RistrettoPoint DrillBase(const Hash32& key_context, uint32_t number, uint16_t trustee) {
  Writer message;
  message.Raw(key_context);
  message.U32(number);
  message.U16(trustee);
  return HashToGroup("drill base", message.bytes());
}

Drill MakeDrill(const Hash32& key_context, uint32_t number, uint16_t trustee,
                const SecretScalar& key_share, const RistrettoPoint& verification_key, Rng& rng) {
  const RistrettoPoint base = DrillBase(key_context, number, trustee);
  const EqualityStatement statement{verification_key, base, Mul(key_share, base)};
  EqualityProver prover = EqualityProver::Commit(key_share, statement, rng);
  const Scalar c =
      DrillChallenge(key_context, number, trustee, statement, prover.EncodeCommitments());
  return Drill{number, statement.share, std::move(prover).Respond(c)};
}

absl::Status VerifyDrillVarTime(const Hash32& key_context, uint16_t trustee,
                                const RistrettoPoint& verification_key, const Drill& drill) {
  const EqualityStatement statement{verification_key, DrillBase(key_context, drill.number, trustee),
                                    drill.share};
  const Scalar c = DrillChallenge(key_context, drill.number, trustee, statement,
                                  drill.proof.EncodeCommitments());
  return Annotate(VerifyEqualityProofVarTime(statement, drill.proof, c),
                  absl::StrCat("drill ", drill.number, " of trustee ", trustee));
}

}  // namespace urna::crypto
