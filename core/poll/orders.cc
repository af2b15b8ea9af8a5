#include "core/poll/orders.h"

namespace urna::poll {

absl::string_view OrderName(OrderKind kind) {
  switch (kind) {
    case OrderKind::kOpenElection:
    case OrderKind::kOpenPetition:
    case OrderKind::kOpenAnonymousPetition:
      return "open";
    case OrderKind::kClose:
      return "close";
    case OrderKind::kNewAttempt:
      return "new attempt";
    case OrderKind::kSum:
      return "sum";
    case OrderKind::kElectionResult:
    case OrderKind::kPetitionResult:
      return "result";
    case OrderKind::kRevoke:
      return "revoke";
    case OrderKind::kRestore:
      return "restore";
  }
  return "unknown";
}

const OpenPetition* PetitionOpening(const Order& order) {
  if (const auto* anonymous = std::get_if<OpenAnonymousPetition>(&order.act)) return anonymous;
  return std::get_if<OpenPetition>(&order.act);
}

crypto::Hash32 ManifestHash(ByteSpan manifest_body) {
  return crypto::Transcript("manifest").Field("body", manifest_body).Hash32();
}

crypto::Hash32 OrderHash(const crypto::Hash32& poll, ByteSpan order_body) {
  return crypto::Transcript("order").Field("poll", poll).Field("body", order_body).Hash32();
}

crypto::Hash32 PollContext(const crypto::Hash32& poll, ByteSpan opening_body) {
  return crypto::Transcript("poll context")
      .Field("poll", poll)
      .Field("opening", opening_body)
      .Hash32();
}

crypto::Hash64 ManifestSignatureMessage(const crypto::Hash32& poll) {
  return crypto::Transcript("manifest signature").Field("manifest", poll).Hash();
}

crypto::Hash64 OrderSignatureMessage(const crypto::Hash32& poll, ByteSpan order_body) {
  return crypto::Transcript("order signature").Field("poll", poll).Field("body", order_body).Hash();
}

}  // namespace urna::poll
