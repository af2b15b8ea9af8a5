#include "core/base/status.h"
#include "core/record/entry.h"
#include "core/record/entry_types.h"
#include "core/record/field_reader.h"

namespace urna::record {
namespace {

// What every message of the key ceremony begins with.
template <typename Message>
Message Begin(FieldReader& in) {
  Message message;
  message.attempt = in.U16("attempt");
  message.trustee = in.U16("trustee");
  return message;
}

election::KeyCommitment ReadKeyCommitment(FieldReader& in) {
  auto message = Begin<election::KeyCommitment>(in);
  in.Array(message.commitment, "commitment");
  return message;
}

election::KeyCoefficients ReadKeyCoefficients(FieldReader& in) {
  auto message = Begin<election::KeyCoefficients>(in);
  message.coefficients = in.Bytes16(32, "coefficients");
  message.proofs = in.Bytes16(64, "proofs");
  in.Array(message.encryption_key, "encryption_key");
  in.Array(message.salt, "salt");
  return message;
}

election::KeyShares ReadKeyShares(FieldReader& in) {
  auto message = Begin<election::KeyShares>(in);
  message.shares = in.List<election::EncryptedShare>(0, "shares", [](FieldReader& inner) {
    election::EncryptedShare share;
    share.recipient = inner.U16("recipient");
    inner.Array(share.nonce, "nonce");
    inner.Array(share.ciphertext, "ciphertext");
    return share;
  });
  return message;
}

election::KeyAcknowledgement ReadKeyAcknowledgement(FieldReader& in) {
  auto message = Begin<election::KeyAcknowledgement>(in);
  in.Array(message.ceremony_digest, "ceremony_digest");
  in.Array(message.key_context, "key_context");
  return message;
}

election::KeyComplaint ReadKeyComplaint(FieldReader& in) {
  auto message = Begin<election::KeyComplaint>(in);
  message.dealer = in.U16("dealer");
  message.reason = in.U8("reason");
  return message;
}

election::KeyShareOpening ReadKeyShareOpening(FieldReader& in) {
  auto message = Begin<election::KeyShareOpening>(in);
  message.recipient = in.U16("recipient");
  in.Array(message.share, "share");
  return message;
}

election::Drill ReadDrill(FieldReader& in) {
  auto message = Begin<election::Drill>(in);
  message.drill = in.U32("drill");
  in.Array(message.share, "share");
  in.Array(message.proof, "proof");
  return message;
}

election::CountAcknowledgement ReadCountAcknowledgement(FieldReader& in) {
  election::CountAcknowledgement message;
  message.trustee = in.U16("trustee");
  in.Array(message.context, "context");
  message.size = in.U64("size");
  in.Array(message.root, "root");
  in.Array(message.sum_order, "sum_order");
  in.Array(message.counted_hash, "counted_hash");
  in.Array(message.sums_hash, "sums_hash");
  return message;
}

election::DecryptionShare ReadDecryptionShare(FieldReader& in) {
  election::DecryptionShare message;
  message.trustee = in.U16("trustee");
  in.Array(message.context, "context");
  message.part = in.U16("part");
  message.shares = in.Bytes16(32, "shares");
  message.proofs = in.Bytes16(96, "proofs");
  return message;
}

election::TrusteeMessage ReadFields(EntryType type, FieldReader& in) {
  switch (type) {
    case EntryType::kKeyCommitment:
      return ReadKeyCommitment(in);
    case EntryType::kKeyCoefficients:
      return ReadKeyCoefficients(in);
    case EntryType::kKeyShares:
      return ReadKeyShares(in);
    case EntryType::kKeyAcknowledgement:
      return ReadKeyAcknowledgement(in);
    case EntryType::kKeyComplaint:
      return ReadKeyComplaint(in);
    case EntryType::kKeyShareOpening:
      return ReadKeyShareOpening(in);
    case EntryType::kDrill:
      return ReadDrill(in);
    case EntryType::kCountAcknowledgement:
      return ReadCountAcknowledgement(in);
    case EntryType::kDecryptionShare:
      return ReadDecryptionShare(in);
    default:
      in.Keep(absl::InvalidArgumentError("not a trustee message"));
      return election::KeyCommitment();
  }
}

}  // namespace

absl::StatusOr<election::TrusteeMessage> DecodeTrusteeMessage(uint8_t type, ByteSpan fields) {
  const std::optional<EntryType> known = ParseType(type);
  if (!known.has_value() || !IsTrusteeMessage(*known)) {
    return absl::InvalidArgumentError(
        absl::StrCat("0x", absl::Hex(type, absl::kZeroPad2), " is no type of trustee message"));
  }
  FieldReader in(fields);
  election::TrusteeMessage message = ReadFields(*known, in);
  URNA_RETURN_IF_ERROR(in.Finish("message"));
  return message;
}

}  // namespace urna::record
