#include "core/base/status.h"
#include "core/record/entry.h"
#include "core/record/entry_types.h"
#include "core/record/field_writer.h"

namespace urna::record {
namespace {

struct WriteFields {
  FieldWriter& out;

  // What every message of the key ceremony begins with.
  template <typename Message>
  void Begin(const Message& message) const {
    out.U16(message.attempt);
    out.U16(message.trustee);
  }

  void operator()(const election::KeyCommitment& message) const {
    Begin(message);
    out.Raw(message.commitment);
  }
  void operator()(const election::KeyCoefficients& message) const {
    Begin(message);
    out.Vector16(message.coefficients, "coefficients");
    out.Vector16(message.proofs, "proofs");
    out.Raw(message.encryption_key);
    out.Raw(message.salt);
  }
  void operator()(const election::KeyShares& message) const {
    Begin(message);
    out.List(message.shares, "shares",
             [](FieldWriter& inner, const election::EncryptedShare& share) {
               inner.U16(share.recipient);
               inner.Raw(share.nonce);
               inner.Raw(share.ciphertext);
             });
  }
  void operator()(const election::KeyAcknowledgement& message) const {
    Begin(message);
    out.Raw(message.ceremony_digest);
    out.Raw(message.key_context);
  }
  void operator()(const election::KeyComplaint& message) const {
    Begin(message);
    out.U16(message.dealer);
    out.U8(message.reason);
  }
  void operator()(const election::KeyShareOpening& message) const {
    Begin(message);
    out.U16(message.recipient);
    out.Raw(message.share);
  }
  void operator()(const election::Drill& message) const {
    Begin(message);
    out.U32(message.drill);
    out.Raw(message.share);
    out.Raw(message.proof);
  }
  void operator()(const election::CountAcknowledgement& message) const {
    out.U16(message.trustee);
    out.Raw(message.context);
    out.U64(message.size);
    out.Raw(message.root);
    out.Raw(message.sum_order);
    out.Raw(message.counted_hash);
    out.Raw(message.sums_hash);
  }
  void operator()(const election::DecryptionShare& message) const {
    out.U16(message.trustee);
    out.Raw(message.context);
    out.U16(message.part);
    out.Vector16(message.shares, "shares");
    out.Vector16(message.proofs, "proofs");
  }
};

// In the order of election::TrusteeMessage.
constexpr EntryType kTypes[] = {
    EntryType::kKeyCommitment,   EntryType::kKeyCoefficients,
    EntryType::kKeyShares,       EntryType::kKeyAcknowledgement,
    EntryType::kKeyComplaint,    EntryType::kKeyShareOpening,
    EntryType::kDrill,           EntryType::kCountAcknowledgement,
    EntryType::kDecryptionShare,
};
static_assert(std::size(kTypes) == std::variant_size_v<election::TrusteeMessage>);

}  // namespace

uint8_t TypeOf(const election::TrusteeMessage& message) {
  return static_cast<uint8_t>(kTypes[message.index()]);
}

absl::StatusOr<Bytes> EncodeFields(const election::TrusteeMessage& message) {
  FieldWriter out;
  std::visit(WriteFields{out}, message);
  URNA_ASSIGN_OR_RETURN(Bytes fields, out.Take());
  URNA_RETURN_IF_ERROR(DecodeTrusteeMessage(TypeOf(message), fields).status());
  return fields;
}

}  // namespace urna::record
