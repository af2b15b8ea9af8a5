#include "core/election/tally.h"

#include "core/crypto/equality_proof.h"

namespace urna::election {
namespace {

// α ‖ β of all cells.
Bytes EncodeAll(const std::vector<crypto::Ciphertext>& ciphertexts) {
  Bytes out;
  out.reserve(ciphertexts.size() * crypto::Ciphertext::kSize);
  for (const crypto::Ciphertext& ciphertext : ciphertexts) {
    const auto bytes = ciphertext.Encode();
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  return out;
}

}  // namespace

crypto::Hash32 CountedHash(const crypto::Hash32& poll_context,
                           const std::vector<uint64_t>& indices) {
  crypto::Transcript transcript("counted set");
  transcript.Field("context", poll_context)
      .BeginField("indices", static_cast<uint32_t>(8 * indices.size()));
  for (uint64_t index : indices) {
    std::array<uint8_t, 8> bytes;
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<uint8_t>(index >> (56 - 8 * i));
    transcript.Append(bytes);
  }
  return transcript.Hash32();
}

crypto::Hash32 SumsHash(const crypto::Hash32& poll_context, const std::vector<poll::Part>& parts,
                        const PartSums& sums) {
  crypto::Transcript transcript("sums");
  transcript.Field("context", poll_context);
  for (size_t i = 0; i < parts.size() && i < sums.size(); ++i) {
    transcript.FieldU16("part", parts[i].contest).Field("ciphertexts", EncodeAll(sums[i]));
  }
  return transcript.Hash32();
}

crypto::Hash64 DecryptionShareTranscript(const crypto::Hash32& poll_context,
                                         const crypto::Hash32& sum_order, uint16_t /*contest*/,
                                         ByteSpan verification_key,
                                         const std::vector<crypto::Ciphertext>& sums,
                                         const DecryptionShare& share) {
  constexpr size_t kProof = crypto::EqualityProof::kSize;
  Bytes commitments;  // A1 ‖ A2 of every cell
  for (size_t at = 0; at + kProof <= share.proofs.size(); at += kProof) {
    commitments.insert(commitments.end(), share.proofs.begin() + static_cast<ptrdiff_t>(at),
                       share.proofs.begin() + static_cast<ptrdiff_t>(at + 64));
  }
  return crypto::Transcript("decryption share")
      .Field("context", poll_context)
      .Field("sum", sum_order)
      .FieldU16("trustee", share.trustee)
      .FieldU16("part", share.part)
      .Field("verification key", verification_key)
      .Field("ciphertexts", EncodeAll(sums))
      .Field("shares", share.shares)
      .Field("commitments", commitments)
      .Hash();
}

}  // namespace urna::election
