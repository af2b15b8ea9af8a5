// The key ceremony's public side: which message may come next, what is proved, and which keys come
// out. docs/protocol.md §5; checks S8, S10, S12 and S13 of §12.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "core/base/numbered_checks.h"
#include "core/crypto/point.h"
#include "core/election/messages.h"

namespace urna::election {

// One attempt. A copyable value.
class Ceremony {
 public:
  Ceremony(const crypto::Hash32& poll, uint16_t attempt, uint16_t trustees, uint16_t threshold);

  // S8 (round, once, numbers in range), L3 (points and scalars), S10, S13 (a drill's proof and
  // number). Only messages 0x20-0x26; signatures are not looked at here.
  std::vector<Violation> Check(const SignedTrusteeMessage& message) const;
  // Safe for any content. A message that breaks S8 changes nothing, any other takes its place.
  void Apply(const SignedTrusteeMessage& message);

  uint16_t attempt() const { return attempt_; }
  uint16_t trustees() const { return trustees_; }
  uint16_t threshold() const { return threshold_; }

  const std::map<uint16_t, KeyCommitment>& commitments() const { return commitments_; }
  const std::map<uint16_t, KeyCoefficients>& coefficients() const { return coefficients_; }
  const std::map<uint16_t, KeyShares>& shares() const { return shares_; }
  const std::map<uint16_t, KeyAcknowledgement>& acknowledgements() const { return acks_; }
  const std::vector<KeyComplaint>& complaints() const { return complaints_; }
  const std::map<uint16_t, uint32_t>& last_drill() const { return drills_; }

  // Once all coefficients are there (and decode).
  const std::optional<crypto::Hash32>& ceremony_hash() const { return ceremony_hash_; }
  // Once all shares are there.
  const std::optional<crypto::Hash32>& digest() const { return digest_; }
  struct Keys {
    crypto::RistrettoPoint election_key;                    // Y
    std::vector<crypto::RistrettoPoint> verification_keys;  // X_1 … X_n
    crypto::Hash32 key_context{};
  };
  // Once all coefficients are there (and decode, and no key is the identity).
  const std::optional<Keys>& keys() const { return keys_; }

  // What still keeps the attempt from being opened; empty if nothing does: all acknowledgements
  // there and right (S11), no complaint (S11), a drill of everybody (S13).
  std::vector<Violation> CheckReady() const;

 private:
  // S8 of each kind of message, once attempt and trustee are known to be right.
  absl::Status CheckPlace(const TrusteeMessage& message) const;
  absl::Status Place(const KeyCommitment& message) const;
  absl::Status Place(const KeyCoefficients& message) const;
  absl::Status Place(const KeyShares& message) const;
  absl::Status Place(const KeyAcknowledgement& message) const;
  absl::Status Place(const KeyComplaint& message) const;
  absl::Status Place(const KeyShareOpening& message) const;
  absl::Status Place(const Drill& message) const;
  // What a message says: L3, S10, S13.
  void CheckContent(const KeyCoefficients& message, std::vector<Violation>& out) const;
  void CheckContent(const KeyShareOpening& message, std::vector<Violation>& out) const;
  void CheckContent(const Drill& message, std::vector<Violation>& out) const;
  void ComputeKeys();

  crypto::Hash32 poll_;
  uint16_t attempt_;
  uint16_t trustees_;
  uint16_t threshold_;
  std::map<uint16_t, KeyCommitment> commitments_;
  std::map<uint16_t, KeyCoefficients> coefficients_;
  std::map<uint16_t, Bytes> coefficient_messages_;
  std::map<uint16_t, KeyShares> shares_;
  std::map<uint16_t, Bytes> share_messages_;
  std::map<uint16_t, KeyAcknowledgement> acks_;
  std::vector<KeyComplaint> complaints_;
  std::vector<KeyShareOpening> openings_;
  std::map<uint16_t, uint32_t> drills_;
  std::optional<crypto::Hash32> ceremony_hash_;
  std::optional<crypto::Hash32> digest_;
  std::optional<Keys> keys_;
};

}  // namespace urna::election
