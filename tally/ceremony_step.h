// A trustee's next step in the key ceremony and the drill, from what the log says. docs/protocol.md
// §5. Pure: the caller saves the state, then sends the entry.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/crypto/rng.h"
#include "core/crypto/signature.h"
#include "tally/poll_replay.h"
#include "tally/trustee_state.h"

namespace urna::tally {

struct CeremonyStep {
  enum class Kind {
    kSend,  // `entry` is to be sent, once the state is saved
    kWait,  // for others
    kDone,  // the own drill is in the log
  };
  Kind kind = Kind::kWait;
  Bytes entry;
  std::string what;  // for people: "key commitment", "waiting for the coefficients of bob"
};

// The trustee's number in an election, from 1. PermissionDenied if the key is none of its
// trustees'.
absl::StatusOr<uint16_t> TrusteeNumber(const election::Manifest& manifest,
                                       const crypto::VerifyKey& key);

// What comes next, and the state with it: a message that is to be sent is in state.messages, and
// what is not needed any more is gone. Errors: the log breaks the rules, or does not fit the state
// (this key belongs to another poll, the log has gone back, another copy of the key was used).
absl::StatusOr<CeremonyStep> NextCeremonyStep(const PollReplay& replay,
                                              const crypto::SigningKey& key, TrusteeState& state,
                                              crypto::Rng& rng);

// One more drill, any day between the ceremony and the result. A drill that was made and is not in
// the log yet is given again.
absl::StatusOr<CeremonyStep> NextDrill(const PollReplay& replay, const crypto::SigningKey& key,
                                       TrusteeState& state, crypto::Rng& rng);

// Signs a trustee message of this poll. docs/protocol.md §5.
absl::StatusOr<Bytes> SignTrusteeMessage(const crypto::Hash32& poll,
                                         const election::TrusteeMessage& message,
                                         const crypto::SigningKey& key);

// OK if the state is of this poll, or of none yet: then it is bound to it.
absl::Status BindToPoll(const PollReplay& replay, const crypto::VerifyKey& key,
                        TrusteeState& state);

}  // namespace urna::tally
