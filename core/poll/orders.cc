#include "core/poll/orders.h"

#include "core/base/codec.h"

namespace urna::poll {
namespace {

// The vector of texts with its length.
Bytes EncodeTexts(const LocalizedTexts& texts) {
  Writer inner;
  for (const LocalizedText& text : texts) {
    inner.Vector8(AsBytes(text.language));
    inner.Vector16(AsBytes(text.text));
  }
  Writer out;
  out.Vector16(inner.bytes());
  return out.Take();
}

}  // namespace

absl::string_view StepName(StepKind step) {
  switch (step) {
    case StepKind::kSubmit:
      return "submit";
    case StepKind::kAccept:
      return "accept";
    case StepKind::kReturn:
      return "return";
    case StepKind::kReject:
      return "reject";
    case StepKind::kPublish:
      return "publish";
    case StepKind::kVerify:
      return "verify";
    case StepKind::kHandOver:
      return "hand over";
    case StepKind::kRespond:
      return "respond";
    case StepKind::kArchive:
      return "archive";
    case StepKind::kWithdraw:
      return "withdraw";
    case StepKind::kExpire:
      return "expire";
    case StepKind::kMark:
      return "mark";
  }
  return "unknown";
}

absl::string_view OrderName(OrderKind kind) {
  switch (kind) {
    case OrderKind::kOpenElection:
    case OrderKind::kOpenAnonymousElection:
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
    case OrderKind::kAnonymousResult:
      return "result";
    case OrderKind::kRevoke:
      return "revoke";
    case OrderKind::kRestore:
      return "restore";
    case OrderKind::kStep:
      return "step";
    case OrderKind::kInvite:
      return "invite";
    case OrderKind::kConfirm:
      return "confirm";
    case OrderKind::kRevise:
      return "revise";
    case OrderKind::kPaperBatch:
      return "paper batch";
    case OrderKind::kRollEpoch:
      return "roll epoch";
  }
  return "unknown";
}

absl::string_view OrderName(const Order& order) {
  if (const auto* step = std::get_if<Step>(&order.act)) return StepName(step->step);
  return OrderName(order.kind());
}

bool IsTimedOrder(const Order& order) {
  const auto* step = std::get_if<Step>(&order.act);
  return ElectionOpening(order) != nullptr || PetitionOpening(order) != nullptr ||
         std::holds_alternative<Close>(order.act) || std::holds_alternative<RollEpoch>(order.act) ||
         (step != nullptr && step->step == StepKind::kMark);
}

const OpenPetition* PetitionOpening(const Order& order) {
  if (const auto* anonymous = std::get_if<OpenAnonymousPetition>(&order.act)) return anonymous;
  return std::get_if<OpenPetition>(&order.act);
}

const OpenElection* ElectionOpening(const Order& order) {
  if (const auto* anonymous = std::get_if<OpenAnonymousElection>(&order.act)) return anonymous;
  return std::get_if<OpenElection>(&order.act);
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

crypto::Hash32 PetitionTextHash(const LocalizedTexts& title, const LocalizedTexts& text) {
  return crypto::Transcript("petition text")
      .Field("title", EncodeTexts(title))
      .Field("text", EncodeTexts(text))
      .Hash32();
}

crypto::Hash64 ConfirmationMessage(const crypto::Hash32& poll, const crypto::Hash32& invite,
                                   const crypto::Hash32& revision,
                                   const crypto::Hash32& text_hash) {
  return crypto::Transcript("initiator confirmation")
      .Field("poll", poll)
      .Field("invitation", invite)
      .Field("revision", revision)
      .Field("text", text_hash)
      .Hash();
}

crypto::Hash64 ManifestSignatureMessage(const crypto::Hash32& poll) {
  return crypto::Transcript("manifest signature").Field("manifest", poll).Hash();
}

crypto::Hash64 OrderSignatureMessage(const crypto::Hash32& poll, ByteSpan order_body) {
  return crypto::Transcript("order signature").Field("poll", poll).Field("body", order_body).Hash();
}

}  // namespace urna::poll
