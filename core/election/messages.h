// What voters and trustees put into an election's log, as values. docs/protocol.md §5, §7, §9.
// Points and scalars are bytes as they stand in the log; the rules decode them.
#pragma once

#include <array>
#include <cstdint>
#include <variant>
#include <vector>

#include "core/base/bytes.h"
#include "core/crypto/transcript.h"

namespace urna::election {

struct ContestBallot {
  uint16_t contest = 0;
  Bytes ciphertexts;  // α ‖ β of every cell
  Bytes commitments;  // A ‖ B of every branch of every proof
  Bytes challenges;   // all branches but each proof's last
  Bytes responses;    // all branches
};

// What proves an anonymous ballot (§7.6): the first of a tag, and every later one.
struct RingAnswer {
  uint32_t ring = 0;  // its number
  Bytes commitments;  // A ‖ B ‖ X_0 ‖ … ‖ C ‖ R1 ‖ R2
  Bytes responses;    // f … ‖ z_A ‖ z ‖ u ‖ v
};
struct TagAnswer {
  std::array<uint8_t, 32> commitment{};  // R
  std::array<uint8_t, 32> response{};    // z
};

struct Ballot {
  uint64_t sequence = 0;
  uint16_t style = 0;
  std::array<uint8_t, 32> credential{};  // P; of an anonymous ballot its tag T
  std::vector<ContestBallot> contests;
  std::array<uint8_t, 32> commitment{};  // C
  std::array<uint8_t, 64> responses{};   // z_s ‖ z_t
  // If it is anonymous, and then C, z_s and z_t are not there.
  std::variant<std::monostate, RingAnswer, TagAnswer> anonymous;

  bool is_anonymous() const { return anonymous.index() != 0; }
  const RingAnswer* ring_answer() const { return std::get_if<RingAnswer>(&anonymous); }
  const TagAnswer* tag_answer() const { return std::get_if<TagAnswer>(&anonymous); }
};

// "I challenge the sealed ballot with this hash; it will not be cast." §7.4
struct BallotChallenge {
  uint64_t sequence = 0;
  std::array<uint8_t, 32> credential{};  // P
  crypto::Hash64 ballot_hash{};          // h of the sealed ballot
  std::array<uint8_t, 32> commitment{};  // C
  std::array<uint8_t, 64> responses{};   // z_s ‖ z_t
};

// What a challenged ballot holds, for everybody to see. §7.4
struct ContestOpening {
  static constexpr size_t kCellSize = 34;
  uint16_t contest = 0;
  Bytes cells;        // of every cell: value as uint16, and r
  Bytes commitments;  // as in the ballot
};
struct BallotOpening {
  uint64_t challenge = 0;  // index of the BallotChallenge in the log
  uint64_t sequence = 0;
  uint16_t style = 0;
  std::array<uint8_t, 32> credential{};
  std::vector<ContestOpening> contests;
  std::array<uint8_t, 32> commitment{};  // C of the ballot
};

struct KeyCommitment {
  uint16_t attempt = 0, trustee = 0;
  crypto::Hash32 commitment{};
};
struct KeyCoefficients {
  uint16_t attempt = 0, trustee = 0;
  Bytes coefficients;  // t points
  Bytes proofs;        // t · (R ‖ z)
  std::array<uint8_t, 32> encryption_key{};
  std::array<uint8_t, 32> salt{};
};
struct EncryptedShare {
  uint16_t recipient = 0;
  std::array<uint8_t, 24> nonce{};
  std::array<uint8_t, 48> ciphertext{};
};
struct KeyShares {
  uint16_t attempt = 0, trustee = 0;
  std::vector<EncryptedShare> shares;  // for every other trustee, ascending
};
struct KeyAcknowledgement {
  uint16_t attempt = 0, trustee = 0;
  crypto::Hash32 ceremony_digest{};
  crypto::Hash32 key_context{};
};
struct KeyComplaint {
  uint16_t attempt = 0, trustee = 0, dealer = 0;
  uint8_t reason = 0;  // 1: does not decrypt, 2: does not fit the coefficients
};
struct KeyShareOpening {
  uint16_t attempt = 0, trustee = 0, recipient = 0;
  std::array<uint8_t, 32> share{};
};
struct Drill {
  uint16_t attempt = 0, trustee = 0;
  uint32_t drill = 0;
  std::array<uint8_t, 32> share{};  // x_j · B
  std::array<uint8_t, 96> proof{};  // A1 ‖ A2 ‖ z
};
struct CountAcknowledgement {
  uint16_t trustee = 0;
  crypto::Hash32 context{};
  uint64_t size = 0;
  crypto::Hash32 root{}, sum_order{}, counted_hash{}, sums_hash{};
};
struct DecryptionShare {
  uint16_t trustee = 0;
  crypto::Hash32 context{};
  uint16_t part = 0;
  Bytes shares;  // D of every counted cell
  Bytes proofs;  // A1 ‖ A2 ‖ z of every counted cell
};

using TrusteeMessage =
    std::variant<KeyCommitment, KeyCoefficients, KeyShares, KeyAcknowledgement, KeyComplaint,
                 KeyShareOpening, Drill, CountAcknowledgement, DecryptionShare>;

// A trustee message as it lies in the log: `message` is what `type` and `fields` say.
struct SignedTrusteeMessage {
  uint8_t type = 0;
  Bytes fields;  // the signed bytes
  TrusteeMessage message;
  std::array<uint8_t, 64> signature{};

  uint16_t trustee() const;
};

// The 64 bytes that a trustee signs (§5).
crypto::Hash64 TrusteeSignatureMessage(const crypto::Hash32& poll, uint8_t type, ByteSpan fields);

}  // namespace urna::election
