// Counting without opening a ballot. docs/protocol.md §9.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "core/crypto/elgamal.h"
#include "core/election/manifest.h"
#include "core/election/messages.h"
#include "core/election/parts.h"
#include "core/poll/orders.h"

namespace urna::election {

// The sum of every counted cell of every part, in the order of the parts.
using PartSums = std::vector<std::vector<crypto::Ciphertext>>;

crypto::Hash32 CountedHash(const crypto::Hash32& poll_context,
                           const std::vector<uint64_t>& indices);
crypto::Hash32 SumsHash(const crypto::Hash32& poll_context, const std::vector<poll::Part>& parts,
                        const PartSums& sums);

// T("decryption share"; …), without the challenge.
crypto::Hash64 DecryptionShareTranscript(const crypto::Hash32& poll_context,
                                         const crypto::Hash32& sum_order, uint16_t contest,
                                         ByteSpan verification_key,
                                         const std::vector<crypto::Ciphertext>& sums,
                                         const DecryptionShare& share);
// Challenge(h, contest, cell, 6), of a counted cell.
crypto::Scalar DecryptionShareChallenge(const crypto::Hash64& h, uint16_t contest, size_t cell);

// A trustee's share of one part. `secret` is x_j.
DecryptionShare MakeDecryptionShare(const crypto::Hash32& poll_context,
                                    const crypto::Hash32& sum_order, uint16_t trustee,
                                    uint16_t part, uint16_t contest,
                                    const crypto::RistrettoPoint& verification_key,
                                    const std::vector<crypto::Ciphertext>& sums,
                                    const crypto::SecretScalar& secret, crypto::Rng& rng);

// InvalidArgument naming the cell whose share is not proved.
absl::Status VerifyDecryptionShareVarTime(const crypto::Hash32& poll_context,
                                          const crypto::Hash32& sum_order, uint16_t contest,
                                          const crypto::RistrettoPoint& verification_key,
                                          const std::vector<crypto::Ciphertext>& sums,
                                          const DecryptionShare& share);

// v·G of every counted cell of a part from exactly t (or more) trustees' shares of it, by trustee.
absl::StatusOr<std::vector<crypto::RistrettoPoint>> DecryptPart(
    const std::vector<crypto::Ciphertext>& sums,
    const std::map<uint16_t, DecryptionShare>& shares_by_trustee, uint16_t threshold);

// The totals themselves, by discrete logarithm up to the cell's maximum times the part's weight.
absl::StatusOr<std::vector<poll::PartTotals>> FindTotals(
    const Manifest& manifest, const std::vector<poll::Part>& parts,
    const std::vector<std::vector<crypto::RistrettoPoint>>& decrypted);

}  // namespace urna::election
