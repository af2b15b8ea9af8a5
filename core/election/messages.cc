#include "core/election/messages.h"

namespace urna::election {

uint16_t SignedTrusteeMessage::trustee() const {
  return std::visit([](const auto& m) { return m.trustee; }, message);
}

crypto::Hash64 TrusteeSignatureMessage(const crypto::Hash32& poll, uint8_t type, ByteSpan fields) {
  return crypto::Transcript("trustee message")
      .Field("poll", poll)
      .FieldU8("type", type)
      .Field("message", fields)
      .Hash();
}

}  // namespace urna::election
