// What an ElectionState holds, for the sources of this folder. docs/protocol.md §5-§9.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "core/crypto/signature.h"
#include "core/election/state.h"

namespace urna::election {

struct ElectionState::Impl {
  explicit Impl(SignedManifest signed_manifest);

  // S8: OK if phase and attempt allow the order now. An order that has no place changes nothing
  // but the chain's number, hash and time.
  absl::Status PlaceOf(const poll::Order& order) const;
  // S8: OK if the phase allows the message now and, for messages of the count, if trustee and part
  // exist and it is the first of its kind. Rounds of the ceremony are Ceremony's.
  absl::Status PlaceOf(const SignedTrusteeMessage& message) const;

  void CheckOpening(const poll::OpenElection& order, const roll::RollState* pinned,
                    std::vector<Violation>& out) const;
  void CheckSum(const poll::Sum& order, uint64_t index, const PartSums* sums,
                std::vector<Violation>& out) const;
  void CheckResult(const poll::ElectionResult& order, std::vector<Violation>& out) const;
  void CheckContent(const CountAcknowledgement& message, std::vector<Violation>& out) const;
  void CheckContent(const DecryptionShare& message, std::vector<Violation>& out) const;

  uint16_t trustees() const { return static_cast<uint16_t>(manifest().trustees.size()); }
  const Manifest& manifest() const { return signed_manifest.manifest; }
  // Whether all its fields are what the log says.
  bool Fits(const CountAcknowledgement& message) const;
  bool EnoughAcknowledgements() const;
  std::vector<uint64_t> Counted() const;
  std::vector<poll::Part> Parts() const;
  // v·G of every option of every part.
  absl::StatusOr<std::vector<std::vector<crypto::RistrettoPoint>>> DecryptPoints() const;

  SignedManifest signed_manifest;
  crypto::Hash32 poll_id;
  std::vector<std::optional<crypto::VerifyKey>> trustee_keys;
  poll::OrderChain orders;
  Ceremony ceremony;
  Phase phase = Phase::kSetup;

  // Since the opening.
  std::optional<poll::OpenElection> opening;
  std::optional<VotingContext> voting;
  std::vector<std::optional<crypto::RistrettoPoint>> verification_keys;  // X_j of the opening
  std::shared_ptr<const roll::RollState> roll;

  using Bytes32 = std::array<uint8_t, 32>;
  absl::flat_hash_map<Bytes32, LastBallot> last_ballots;  // by credential
  absl::flat_hash_set<Bytes32> alphas;                    // of all accepted ballots
  uint64_t ballots = 0;

  // Since the order sum.
  std::optional<Summed> summed;
  std::map<uint16_t, CountAcknowledgement> acknowledgements;
  std::vector<std::map<uint16_t, DecryptionShare>> shares;  // [part][trustee]
  std::optional<poll::ElectionResult> published;
};

absl::string_view PhaseName(Phase phase);  // "set-up", "voting", …

}  // namespace urna::election
