#include "core/merkle/cosignature.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/codec.h"
#include "core/base/status.h"

namespace urna::merkle {

std::string CosignedMessage(absl::string_view text, uint64_t time) {
  return absl::StrCat("cosignature/v1\ntime ", time, "\n", text);
}

CosignatureVerifier::CosignatureVerifier(VerifierKey key) : key_(std::move(key)) {}

absl::StatusOr<CosignatureVerifier> CosignatureVerifier::Create(absl::string_view name,
                                                                const crypto::VerifyKey& key) {
  URNA_ASSIGN_OR_RETURN(VerifierKey verifier_key,
                        VerifierKey::Create(name, kCosignatureKeyType, key));
  return CosignatureVerifier(std::move(verifier_key));
}

absl::StatusOr<CosignatureVerifier> CosignatureVerifier::Parse(absl::string_view vkey) {
  URNA_ASSIGN_OR_RETURN(VerifierKey key, VerifierKey::Parse(vkey, kCosignatureKeyType));
  return CosignatureVerifier(std::move(key));
}

bool CosignatureVerifier::Matches(const NoteSignature& signature) const {
  return signature.key_id == key_id() && signature.name == name();
}

absl::StatusOr<uint64_t> CosignatureVerifier::Verify(absl::string_view text,
                                                     const NoteSignature& signature) const {
  const auto refused = [this](absl::string_view why) {
    return absl::PermissionDeniedError(
        absl::StrCat("the cosignature by '", name(), "' does not verify", why));
  };
  if (!Matches(signature)) return refused(": it names another key");
  if (signature.signature.size() != kCosignatureSize) {
    return refused(
        absl::StrCat(": it has ", signature.signature.size(), " bytes, not ", kCosignatureSize));
  }
  Reader reader(signature.signature);
  URNA_ASSIGN_OR_RETURN(const uint64_t time, reader.U64("time"));
  URNA_ASSIGN_OR_RETURN(const crypto::Signature bytes, reader.Array<64>("signature"));
  if (time == 0 || time > kMaxCosignatureTime) {
    return refused(absl::StrCat(": ", time, " is no time"));
  }
  if (!key().Verify(AsBytes(CosignedMessage(text, time)), bytes).ok()) return refused("");
  return time;
}

CosignatureSigner::CosignatureSigner(CosignatureVerifier verifier, crypto::SigningKey key)
    : verifier_(std::move(verifier)), key_(std::move(key)) {}

absl::StatusOr<CosignatureSigner> CosignatureSigner::Create(absl::string_view name,
                                                            crypto::SigningKey key) {
  URNA_ASSIGN_OR_RETURN(CosignatureVerifier verifier,
                        CosignatureVerifier::Create(name, key.public_key()));
  return CosignatureSigner(std::move(verifier), std::move(key));
}

absl::StatusOr<NoteSignature> CosignatureSigner::Sign(absl::string_view text, uint64_t time) const {
  if (time == 0 || time > kMaxCosignatureTime) {
    return absl::InvalidArgumentError(absl::StrCat(time, " is no time of a cosignature"));
  }
  Writer signature;
  signature.U64(time);
  signature.Raw(key_.Sign(AsBytes(CosignedMessage(text, time))));
  return NoteSignature{verifier_.name(), verifier_.key_id(), signature.Take()};
}

}  // namespace urna::merkle
