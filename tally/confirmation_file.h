// What an initiator gives the officers: the signature with which it confirms a petition's text.
// JSON, {"urna": "confirmation/1", "origin", "invitation", "name", "text_hash", "signature"}.
// docs/protocol.md §6.1. Not part of the protocol itself.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/crypto/signature.h"
#include "core/petition/state.h"

namespace urna::tally {

struct Confirmation {
  std::string origin;  // of the petition
  std::string name;    // of the initiator
  crypto::Hash32 text_hash{};
  poll::Confirm confirm;
};

// Confirms the text in force with an initiator's key. NotFound if no invitation names this key that
// is open at `now` (seconds since 1970); FailedPrecondition if the petition is no draft;
// AlreadyExists if it is confirmed.
absl::StatusOr<Confirmation> MakeConfirmation(const petition::PetitionState& petition,
                                              const crypto::SigningKey& key, uint64_t now);

// InvalidArgument naming file and field.
absl::StatusOr<Confirmation> ReadConfirmationFile(const std::string& path);
// Replaces what is there.
absl::Status WriteConfirmationFile(const std::string& path, const Confirmation& confirmation);

}  // namespace urna::tally
