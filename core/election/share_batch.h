// Many decryption shares verified together, in one multi-scalar multiplication (docs/protocol.md
// §3.6). What VerifyDecryptionShareVarTime takes one by one is found to be proved here; of the rest
// it says what is wrong.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/crypto/rng.h"
#include "core/election/tally.h"

namespace urna::election {

// A trustee's share of one part with what it is about. Nothing pointed at may be null.
struct ShareToVerify {
  uint16_t contest = 0;                     // of the part
  crypto::RistrettoPoint verification_key;  // X_j
  const std::vector<crypto::Ciphertext>* sums = nullptr;
  const DecryptionShare* share = nullptr;
};

// Positions, ascending, of those that VerifyDecryptionShareVarTime refuses. A false one is missing
// with probability below 2^-124, over `rng`, which must be the operating system's. A batch of all
// trustees' shares of a part decodes the sums once.
std::vector<size_t> FindUnprovedShares(const crypto::Hash32& poll_context,
                                       const crypto::Hash32& sum_order,
                                       std::span<const ShareToVerify> shares, crypto::Rng& rng);

}  // namespace urna::election
