// The two secrets of a credential, for the provers of this folder alone.
#pragma once

#include "core/crypto/credential.h"
#include "core/crypto/secret.h"

namespace urna::crypto {

struct CredentialSecrets {
  static CredentialSecrets Of(const Credential& credential);

  SecretScalar s, t;
};

}  // namespace urna::crypto
