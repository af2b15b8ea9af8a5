#include "core/crypto/enrolment.h"

#include "core/crypto/transcript.h"

namespace urna::crypto {

Scalar EnrolmentChallenge(const Hash32& roll_id, std::span<const uint8_t, 32> nonce,
                          std::span<const uint8_t, 32> credential,
                          std::span<const uint8_t, 32> commitment) {
  const Hash64 h = Transcript("enrolment")
                       .Field("roll", roll_id)
                       .Field("nonce", nonce)
                       .Field("credential", credential)
                       .Field("commitment", commitment)
                       .Hash();
  return Challenge(h, kNoIndex, kNoIndex, ChallengeKind::kEnrolment);
}

}  // namespace urna::crypto
