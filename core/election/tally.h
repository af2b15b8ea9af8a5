// Counting without opening a ballot. docs/protocol.md §9.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "core/crypto/elgamal.h"
#include "core/election/manifest.h"
#include "core/election/messages.h"
#include "core/poll/orders.h"

namespace urna::election {

// The homomorphic sums of every option, by contest number. Ballots may be added on several threads
// into several of these, which are then merged; the outcome does not depend on the order.
class Sums {
 public:
  // The ballot must have passed VerifyBallotVarTime.
  absl::Status Add(const Ballot& ballot);
  absl::Status Merge(const Sums& other);
  // Null if no ballot had the contest.
  const std::vector<crypto::Ciphertext>* Find(uint16_t contest) const;

 private:
  std::map<uint16_t, std::vector<crypto::Ciphertext>> sums_;
};

// The sum of every part, in the order of the parts.
using PartSums = std::vector<std::vector<crypto::Ciphertext>>;
absl::StatusOr<PartSums> SumsOfParts(const Sums& sums, const std::vector<poll::Part>& parts);

crypto::Hash32 CountedHash(const crypto::Hash32& poll_context,
                           const std::vector<uint64_t>& indices);
crypto::Hash32 SumsHash(const crypto::Hash32& poll_context, const std::vector<poll::Part>& parts,
                        const PartSums& sums);

// `ballots_by_style`: how many counted ballots there are of each style.
std::vector<poll::Part> PartsOf(const Manifest& manifest,
                                const std::map<uint16_t, uint64_t>& ballots_by_style);

// T("decryption share"; …), without the challenge.
crypto::Hash64 DecryptionShareTranscript(const crypto::Hash32& poll_context,
                                         const crypto::Hash32& sum_order, uint16_t contest,
                                         ByteSpan verification_key,
                                         const std::vector<crypto::Ciphertext>& sums,
                                         const DecryptionShare& share);

// A trustee's share of one part. `secret` is x_j.
DecryptionShare MakeDecryptionShare(const crypto::Hash32& poll_context,
                                    const crypto::Hash32& sum_order, uint16_t trustee,
                                    uint16_t part, uint16_t contest,
                                    const crypto::RistrettoPoint& verification_key,
                                    const std::vector<crypto::Ciphertext>& sums,
                                    const crypto::SecretScalar& secret, crypto::Rng& rng);

// InvalidArgument naming the option whose share is not proved.
absl::Status VerifyDecryptionShareVarTime(const crypto::Hash32& poll_context,
                                          const crypto::Hash32& sum_order, uint16_t contest,
                                          const crypto::RistrettoPoint& verification_key,
                                          const std::vector<crypto::Ciphertext>& sums,
                                          const DecryptionShare& share);

// v_o·G of every option of a part from exactly t (or more) trustees' shares of it, by trustee.
absl::StatusOr<std::vector<crypto::RistrettoPoint>> DecryptPart(
    const std::vector<crypto::Ciphertext>& sums,
    const std::map<uint16_t, DecryptionShare>& shares_by_trustee, uint16_t threshold);

// The totals themselves, by discrete logarithm; `bound` = option_max · ballots of each part.
absl::StatusOr<std::vector<poll::PartTotals>> FindTotals(
    const Manifest& manifest, const std::vector<poll::Part>& parts,
    const std::vector<std::vector<crypto::RistrettoPoint>>& decrypted);

}  // namespace urna::election
