// What a trustee's key file remembers beside the signing key: the secrets of the key ceremony,
// every message that was made, and what the key is bound to. Never published; docs/protocol.md §5
// and §9 for what the values are.
//
// A message is kept before it is sent, because its proofs have fresh nonces: made again it would be
// another one, and the log takes only one. So a crash, or an answer that got lost, ends in the same
// bytes being sent once more.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "core/audit/audit.h"
#include "core/base/bytes.h"
#include "core/crypto/key_polynomial.h"
#include "core/crypto/secret.h"
#include "core/crypto/secret_bytes.h"
#include "core/crypto/share_box.h"
#include "core/election/messages.h"

namespace urna::tally {

// The one set that this key will ever decrypt.
struct PinnedSet {
  crypto::Hash32 sum_order{};
  crypto::Hash32 counted_hash{};
  crypto::Hash32 sums_hash{};
  bool operator==(const PinnedSet&) const = default;
};

// Move-only, because of the secrets.
struct TrusteeState {
  bool rehearsal = false;  // strength of the file's box

  // Bound with the first message: the poll and the trustee's number in it.
  std::optional<crypto::Hash32> poll;  // manifest hash
  uint16_t trustee = 0;                // from 1
  uint16_t attempt = 0;                // the last one that this key took part in; 0: none

  std::optional<crypto::KeyPolynomial> polynomial;           // until all have acknowledged
  std::optional<crypto::ShareEncryptionKey> encryption_key;  // until the own acknowledgement
  std::optional<crypto::SecretScalar> key_share;             // x_j, from then until `forget`
  std::optional<crypto::Hash32> ceremony;     // ceremony hash that the own KeyShares are made for
  std::optional<crypto::Hash32> key_context;  // acknowledged

  std::optional<crypto::Hash32> poll_context;     // bound with the first count acknowledgement
  std::optional<PinnedSet> pinned;                // with it
  std::optional<audit::VerifiedPrefix> verified;  // what the verifier has proved here before
  bool forgotten = false;                         // the shares were erased after the result

  std::vector<Bytes> messages;  // entries, in the order they were made

  // Starts a new attempt: secrets, hashes and messages of the one before are gone.
  void BeginAttempt(uint16_t number);

  // The secret part of a key file after the seed. Canonical: one state has one encoding. Decode
  // takes exactly what Encode writes, and nothing at all as a new, empty state. InvalidArgument.
  crypto::SecretBytes Encode() const;
  static absl::StatusOr<TrusteeState> Decode(ByteSpan bytes);
};

// The trustee message that an entry of `messages` is.
absl::StatusOr<election::SignedTrusteeMessage> DecodeStored(ByteSpan entry);

}  // namespace urna::tally
