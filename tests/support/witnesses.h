// Witnesses that cosign whatever they are given, at any time, for tests of records and boards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/merkle/cosignature.h"
#include "core/merkle/witness_policy.h"
#include "tests/support/poll_fixture.h"

namespace urna::testing {

class TestWitnesses {
 public:
  // Named w0, w1, … in the policy; `needed` of them are the quorum.
  explicit TestWitnesses(size_t count = 3, size_t needed = 2, uint64_t seed = 77);

  const merkle::CosignatureSigner& signer(size_t i) const { return signers_.at(i); }
  // The lines of a policy, with `urls` behind the witnesses if there are any.
  std::string PolicyLines(const std::vector<std::string>& urls = {}) const;
  merkle::WitnessPolicy Policy() const;

  // The note with a cosignature of witness i at times[i]; none where that is 0.
  Bytes Cosign(ByteSpan note, const std::vector<uint64_t>& times) const;

 private:
  std::vector<merkle::CosignatureSigner> signers_;
  size_t needed_;
};

// The checkpoint of a log of these entries, signed by `signer` for `origin`.
Bytes SignedCheckpoint(absl::string_view origin, const Signer& signer,
                       const std::vector<Bytes>& entries);

}  // namespace urna::testing
