#include "tally/trustee_state.h"

#include "absl/strings/str_cat.h"
#include "core/base/codec.h"
#include "core/base/status.h"
#include "core/record/entry.h"

namespace urna::tally {
namespace {

constexpr uint8_t kVersion = 1;

void PutHash(const std::optional<crypto::Hash32>& hash, Writer& out) {
  out.Vector8(hash ? ByteSpan(*hash) : ByteSpan());
}

// A vector that is empty, or has exactly N bytes.
template <size_t N>
absl::StatusOr<std::optional<std::array<uint8_t, N>>> TakeOptional(Reader& reader,
                                                                   absl::string_view what) {
  URNA_ASSIGN_OR_RETURN(const ByteSpan bytes, reader.Vector8(what));
  if (bytes.empty()) return std::optional<std::array<uint8_t, N>>();
  absl::StatusOr<std::array<uint8_t, N>> array = ToArray<N>(bytes);
  if (!array.ok()) return Annotate(array.status(), what);
  return std::optional(*array);
}

absl::StatusOr<bool> TakeFlag(Reader& reader, absl::string_view what) {
  URNA_ASSIGN_OR_RETURN(const uint8_t flag, reader.U8(what));
  if (flag > 1) return absl::InvalidArgumentError(absl::StrCat(what, " is neither 0 nor 1"));
  return flag == 1;
}

absl::Status TakeSecrets(Reader& reader, TrusteeState& out) {
  URNA_ASSIGN_OR_RETURN(const ByteSpan polynomial, reader.Vector16("polynomial"));
  if (!polynomial.empty()) {
    URNA_ASSIGN_OR_RETURN(out.polynomial, crypto::KeyPolynomial::FromKeyFile(polynomial));
  }
  URNA_ASSIGN_OR_RETURN(const ByteSpan key, reader.Vector8("encryption key"));
  if (!key.empty()) {
    URNA_ASSIGN_OR_RETURN(out.encryption_key, crypto::ShareEncryptionKey::FromKeyFile(key));
  }
  URNA_ASSIGN_OR_RETURN(const ByteSpan share, reader.Vector8("key share"));
  if (!share.empty()) {
    URNA_ASSIGN_OR_RETURN(out.key_share, crypto::SecretScalar::FromCanonicalSecretBytes(share));
  }
  return absl::OkStatus();
}

absl::Status TakeBindings(Reader& reader, TrusteeState& out) {
  URNA_ASSIGN_OR_RETURN(out.ceremony, TakeOptional<32>(reader, "ceremony hash"));
  URNA_ASSIGN_OR_RETURN(out.key_context, TakeOptional<32>(reader, "key context"));
  URNA_ASSIGN_OR_RETURN(out.poll_context, TakeOptional<32>(reader, "poll context"));
  URNA_ASSIGN_OR_RETURN(const auto pinned, TakeOptional<96>(reader, "pinned set"));
  if (pinned) {
    out.pinned = PinnedSet{*ToArray<32>(ByteSpan(*pinned).subspan(0, 32)),
                           *ToArray<32>(ByteSpan(*pinned).subspan(32, 32)),
                           *ToArray<32>(ByteSpan(*pinned).subspan(64, 32))};
  }
  URNA_ASSIGN_OR_RETURN(const bool verified, TakeFlag(reader, "verified"));
  if (verified) {
    audit::VerifiedPrefix prefix;
    URNA_ASSIGN_OR_RETURN(prefix.size, reader.U64("verified size"));
    URNA_ASSIGN_OR_RETURN(prefix.root, reader.Array<32>("verified root"));
    out.verified = prefix;
  }
  URNA_ASSIGN_OR_RETURN(out.forgotten, TakeFlag(reader, "forgotten"));
  return absl::OkStatus();
}

}  // namespace

void TrusteeState::BeginAttempt(uint16_t number) {
  attempt = number;
  polynomial.reset();
  encryption_key.reset();
  key_share.reset();
  ceremony.reset();
  key_context.reset();
  messages.clear();
}

crypto::SecretBytes TrusteeState::Encode() const {
  Writer out;
  out.U8(kVersion);
  out.U8(rehearsal ? 1 : 0);
  PutHash(poll, out);
  out.U16(trustee);
  out.U16(attempt);
  out.Vector16(polynomial ? polynomial->ExposeForKeyFile().ExposeSpan() : ByteSpan());
  out.Vector8(encryption_key ? encryption_key->ExposeForKeyFile().ExposeSpan() : ByteSpan());
  out.Vector8(key_share ? key_share->ExposeForKeyFile().ExposeSpan() : ByteSpan());
  PutHash(ceremony, out);
  PutHash(key_context, out);
  PutHash(poll_context, out);
  Writer set;
  if (pinned) {
    set.Raw(pinned->sum_order);
    set.Raw(pinned->counted_hash);
    set.Raw(pinned->sums_hash);
  }
  out.Vector8(set.bytes());
  out.U8(verified ? 1 : 0);
  if (verified) {
    out.U64(verified->size);
    out.Raw(verified->root);
  }
  out.U8(forgotten ? 1 : 0);
  for (const Bytes& message : messages) out.Vector16(message);
  Bytes bytes = out.Take();
  crypto::SecretBytes secret = crypto::SecretBytes::CopyOf(bytes);
  crypto::Wipe(bytes);
  return secret;
}

absl::StatusOr<TrusteeState> TrusteeState::Decode(ByteSpan bytes) {
  TrusteeState out;
  if (bytes.empty()) return out;
  Reader reader(bytes);
  URNA_ASSIGN_OR_RETURN(const uint8_t version, reader.U8("version"));
  if (version != kVersion) {
    return absl::InvalidArgumentError(absl::StrCat("trustee state of version ", version));
  }
  URNA_ASSIGN_OR_RETURN(out.rehearsal, TakeFlag(reader, "rehearsal"));
  URNA_ASSIGN_OR_RETURN(out.poll, TakeOptional<32>(reader, "poll"));
  URNA_ASSIGN_OR_RETURN(out.trustee, reader.U16("trustee"));
  URNA_ASSIGN_OR_RETURN(out.attempt, reader.U16("attempt"));
  URNA_RETURN_IF_ERROR(TakeSecrets(reader, out));
  URNA_RETURN_IF_ERROR(TakeBindings(reader, out));
  while (!reader.empty()) {
    URNA_ASSIGN_OR_RETURN(const ByteSpan entry, reader.Vector16("message"));
    URNA_RETURN_IF_ERROR(DecodeStored(entry).status());
    out.messages.push_back(ToBytes(entry));
  }
  return out;
}

absl::StatusOr<election::SignedTrusteeMessage> DecodeStored(ByteSpan entry) {
  URNA_ASSIGN_OR_RETURN(const record::Entry decoded, record::DecodeEntry(entry));
  if (const auto* message = std::get_if<election::SignedTrusteeMessage>(&decoded)) return *message;
  return absl::InvalidArgumentError(
      absl::StrCat(record::NameAnEntry(decoded), " is no trustee's message"));
}

}  // namespace urna::tally
