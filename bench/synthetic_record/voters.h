// The voters of a synthetic election and their roll. docs/protocol.md §4. Throwaway secrets: see
// throwaway.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/synthetic_record/people.h"
#include "bench/synthetic_record/throwaway.h"
#include "core/roll/roll.h"
#include "tally/context.h"

namespace urna::bench {

// Voters by number, from 0. They keep P alone, 32 bytes each; s and t are drawn anew. Immutable.
class Voters {
 public:
  using Credential = crypto::vartime::Encoding;  // P

  Voters(uint64_t seed, uint64_t count, const tally::Context& context);

  uint64_t seed() const { return seed_; }
  uint64_t size() const { return credentials_.size(); }
  const Credential& credential(uint64_t voter) const { return credentials_[voter]; }

  struct Secret {
    crypto::vartime::PublicScalar s, t;
  };
  Secret SecretOf(uint64_t voter) const;

  // (k/2)·G and (k/2)·K_R.
  const HalfMultiples& half_g() const { return half_g_; }
  const HalfMultiples& half_k() const { return half_k_; }

 private:
  uint64_t seed_;
  HalfMultiples half_g_;
  HalfMultiples half_k_;
  std::vector<Credential> credentials_;
};

// A sealed roll of these voters, all in district 1 with weight 1, in the directory that the record
// has for it.
absl::StatusOr<roll::RollPin> WriteRoll(const std::string& record, const Voters& voters,
                                        const People& people, const tally::Context& context);

}  // namespace urna::bench
