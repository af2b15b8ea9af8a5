// What is hashed and how: labelled fields with lengths, and challenges drawn from the hash.
// Implements docs/protocol.md §2.
#pragma once

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/crypto/hash.h"
#include "core/crypto/scalar.h"

namespace urna::crypto {

namespace internal {

// What transcripts are made of: the one place that knows how a field is encoded. `Sink` is the
// class that derives from this one; it takes the bytes with Write(ByteSpan).
template <typename Sink>
class TranscriptFields {
 public:
  Sink& Field(absl::string_view label, ByteSpan value);
  Sink& FieldU8(absl::string_view label, uint8_t value);    // 1 byte
  Sink& FieldU16(absl::string_view label, uint16_t value);  // 2 bytes, big-endian
  Sink& FieldU32(absl::string_view label, uint32_t value);  // 4 bytes
  Sink& FieldU64(absl::string_view label, uint64_t value);  // 8 bytes
  Sink& FieldText(absl::string_view label, absl::string_view value);

  // A field in pieces: exactly `length` bytes must be appended before anything else is called.
  Sink& BeginField(absl::string_view label, uint32_t length);
  Sink& Append(ByteSpan piece);

 protected:
  // The fields that every transcript begins with.
  void Begin(absl::string_view purpose);
  void CheckComplete() const;

 private:
  Sink& sink() { return static_cast<Sink&>(*this); }

  uint64_t missing_ = 0;  // bytes of the streamed field that are still to come
};

}  // namespace internal

// T(purpose; fields…) over public data:
//   SHA-512( field("protocol", "urna/1") ‖ field("purpose", purpose) ‖ f1 ‖ f2 ‖ … ),
//   field(label, value) = u8(len label) ‖ label ‖ u32(len value) ‖ value.
//
//   Hash64 h = Transcript("enrolment").Field("roll", roll_id).Field("nonce", nonce).Hash();
//
// A copy continues from the same point. A label longer than 255 bytes, a value longer than 2^32 − 1
// bytes and a streamed field that is not filled exactly abort the process.
class Transcript : public internal::TranscriptFields<Transcript> {
 public:
  explicit Transcript(absl::string_view purpose) { Begin(purpose); }

  // T and T32. The transcript may go on afterwards.
  Hash64 Hash() const;
  std::array<uint8_t, 32> Hash32() const;

 private:
  friend class internal::TranscriptFields<Transcript>;
  void Write(ByteSpan bytes) { hasher_.Update(bytes); }

  Sha512Hasher hasher_;
};

// The same, but kept instead of hashed, so that many can be hashed at once: T is the SHA-512 of
// what Take() gives.
class TranscriptBytes : public internal::TranscriptFields<TranscriptBytes> {
 public:
  // `size`: how many bytes to make room for.
  explicit TranscriptBytes(absl::string_view purpose, size_t size = 0) {
    bytes_.reserve(size);
    Begin(purpose);
  }

  Bytes Take() &&;

 private:
  friend class internal::TranscriptFields<TranscriptBytes>;
  void Write(ByteSpan bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  Bytes bytes_;
};

extern template class internal::TranscriptFields<Transcript>;
extern template class internal::TranscriptFields<TranscriptBytes>;

// Which proof a challenge is for; the table in docs/protocol.md §2.
enum class ChallengeKind : uint8_t {
  kCellRange = 0,        // i: contest number, j: position of the cell
  kLinearClaim = 1,      // i: contest number, j: position of the claim
  kCredential = 2,       // kNoIndex, kNoIndex
  kEnrolment = 3,        // kNoIndex, kNoIndex
  kCoefficient = 4,      // i: trustee, j: coefficient
  kDrill = 5,            // i: trustee, j: kNoIndex
  kDecryptionShare = 6,  // i: contest number, j: position of the counted cell
  kTag = 7,              // kNoIndex, kNoIndex
  kRing = 8,             // kNoIndex, kNoIndex
  kClaim = 9,            // kNoIndex, kNoIndex
};

inline constexpr uint16_t kNoIndex = 65535;

// "urna/1/challenge" ‖ h ‖ u16(i) ‖ u16(j) ‖ u8(kind)
std::array<uint8_t, 85> ChallengeInput(const Hash64& h, uint16_t i, uint16_t j, ChallengeKind kind);

// SHA-512 of that, little-endian, modulo ℓ.
Scalar Challenge(const Hash64& h, uint16_t i, uint16_t j, ChallengeKind kind);

}  // namespace urna::crypto
