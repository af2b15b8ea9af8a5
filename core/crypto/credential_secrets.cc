#include "core/crypto/credential_secrets.h"

#include "core/crypto/secret_bytes.h"

namespace urna::crypto {

CredentialSecrets CredentialSecrets::Of(const Credential& credential) {
  const SecretBytes both = credential.ExposeForKeyFile();
  // A credential's own scalars are canonical.
  return {SecretScalar::FromCanonicalSecretBytes(both.ExposeSpan().first(32)).value(),
          SecretScalar::FromCanonicalSecretBytes(both.ExposeSpan().last(32)).value()};
}

}  // namespace urna::crypto
