// Who holds a synthetic election: all their keys are made here, by one hand.
#pragma once

#include <string>
#include <vector>

#include "core/audit/policy.h"
#include "core/crypto/rng.h"
#include "core/crypto/signature.h"
#include "core/merkle/note.h"
#include "core/roll/entries.h"

namespace urna::bench {

struct Person {
  roll::NamedKey named;
  crypto::SigningKey key;
};

// Immutable.
struct People {
  static constexpr uint16_t kOfficerQuorum = 2;
  static constexpr uint16_t kTrusteeThreshold = 2;

  static People Make(crypto::Rng& rng);

  merkle::NoteSigner poll_log, roll_log;  // named by their origins
  Person registrar;
  std::vector<Person> officers;
  std::vector<Person> trustees;

  std::vector<roll::NamedKey> OfficerKeys() const;
  std::vector<roll::NamedKey> TrusteeKeys() const;
  // What an auditor must know of them.
  audit::Policy Policy() const;
};

}  // namespace urna::bench
