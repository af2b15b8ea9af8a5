// A sealed ballot on the voter's device, between sealing and the choice, and what is left of it
// afterwards. docs/protocol.md §7.4. Not part of the protocol; nothing of it is published.
//
// The file is JSON: {"urna": "sealed ballot/1", "state", "origin", "poll", "credential",
// "sequence", "hash"}, and
//
//   sealed       "box": the ballot without responses, the votes, their randomness and all nonces
//   cast         "entry": the ballot, which is public; nothing else is left
//   challenged   "entry": the challenge, which is public; "box": the opening. No nonce is left, so
//                that the ballot can never be cast
//
// A box is base64 of core/crypto/password_box.h, under the passphrase of the credential; what
// stands in the clear is repeated in it and compared when it is opened. A file goes from 'sealed'
// to one of the others, and never back (voter/step_file.h).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/crypto/password_box.h"
#include "core/crypto/rng.h"
#include "core/crypto/secret_bytes.h"
#include "core/election/sealed_ballot.h"
#include "voter/step_file.h"

namespace urna::voter {

enum class SealedState { kSealed, kCast, kChallenged };
absl::string_view SealedStateName(SealedState state);  // "sealed", "cast", "challenged"

// What a file says in the clear in every state.
struct SealedLabel {
  std::string origin;                    // of the poll
  crypto::Hash32 poll_id{};              // manifest hash
  std::array<uint8_t, 32> credential{};  // P
  uint64_t sequence = 0;
  crypto::Hash64 hash{};  // h

  bool operator==(const SealedLabel&) const = default;
};

// One such file, held for this process alone. Move-only.
class SealedStore {
 public:
  // AlreadyExists rather than overwrite. The file is durable when it returns.
  static absl::Status Create(const std::string& path, const SealedLabel& label,
                             const election::SealedBallot& sealed,
                             const crypto::SecretBytes& passphrase,
                             crypto::PasswordStrength strength, crypto::Rng& rng);
  // InvalidArgument if it is no such file; otherwise as StepFile::Open.
  static absl::StatusOr<SealedStore> Open(const std::string& path);

  const std::string& path() const { return file_.path(); }
  SealedState state() const { return state_; }
  const SealedLabel& label() const { return label_; }

  // While 'sealed'. PermissionDenied if the passphrase is wrong or the clear part was changed.
  struct Sealed {
    election::SealedBallot::Stored stored;
    crypto::PasswordStrength strength = crypto::PasswordStrength::kModerate;
  };
  absl::StatusOr<Sealed> ReadSealed(const crypto::SecretBytes& passphrase) const;

  // From 'sealed' to 'cast': what is left is this entry.
  absl::Status TurnIntoCast(ByteSpan ballot_entry);
  // From 'sealed' to 'challenged'. `opening`: the entry, with challenge 0.
  absl::Status TurnIntoChallenged(ByteSpan challenge_entry, ByteSpan opening,
                                  const crypto::SecretBytes& passphrase,
                                  crypto::PasswordStrength strength, crypto::Rng& rng);

  // While 'cast' or 'challenged': the ballot or the challenge.
  const Bytes& entry() const { return entry_; }
  // While 'challenged'. Errors as ReadSealed.
  absl::StatusOr<Bytes> ReadOpening(const crypto::SecretBytes& passphrase) const;

 private:
  explicit SealedStore(StepFile file) : file_(std::move(file)) {}
  absl::Status Parse();
  absl::Status CheckState(SealedState wanted) const;

  StepFile file_;
  SealedState state_ = SealedState::kSealed;
  SealedLabel label_;
  Bytes entry_;
  Bytes box_;
};

}  // namespace urna::voter
