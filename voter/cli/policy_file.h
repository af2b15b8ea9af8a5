// What a voter's program takes from a policy file: an auditor's (docs/protocol.md §11) or one of
// witnesses alone (§10.2). Their lines are the same; an auditor's others are of no matter here.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/crypto/hash.h"
#include "core/merkle/note.h"
#include "core/merkle/witness_policy.h"

namespace urna::voter {

struct VoterPolicy {
  merkle::WitnessPolicy witnesses = merkle::WitnessPolicy::WithoutWitnesses();
  std::optional<crypto::Hash32> beacon;  // of an anonymous petition, as its source gives it
  std::map<uint32_t, crypto::Hash32> epoch_beacons;  // of epochs of its roll that came later
};

// InvalidArgument naming the file and the line.
absl::StatusOr<VoterPolicy> ReadVoterPolicy(const std::string& path);

// FailedPrecondition if the policy knows the log under another key.
absl::Status CheckLog(const VoterPolicy& policy, const merkle::NoteVerifier& log);

}  // namespace urna::voter
