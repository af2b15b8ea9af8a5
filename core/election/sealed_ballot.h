// A ballot between sealing and the voter's choice: cast or challenge. docs/protocol.md §7.4. All
// that may leave the device before the choice is hash().
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "core/crypto/credential.h"
#include "core/crypto/disjunctive_proof.h"
#include "core/crypto/elgamal.h"
#include "core/crypto/ring_prover.h"
#include "core/crypto/rng.h"
#include "core/crypto/secret.h"
#include "core/crypto/secret_bytes.h"
#include "core/crypto/tag_proof.h"
#include "core/election/ballot.h"
#include "core/election/contest_plan.h"

namespace urna::election {

// Move-only; holds the votes, their randomness and the nonces of all proofs. Cast() and Challenge()
// use it up: who did both would give the votes away, or the credential.
class SealedBallot {
 public:
  // InvalidArgument if the selections break a rule, or the sequence is 0.
  static absl::StatusOr<SealedBallot> Seal(const Manifest& manifest, const VotingContext& context,
                                           uint16_t style, const Selections& selections,
                                           uint64_t sequence, const crypto::Credential& credential,
                                           crypto::Rng& rng);
  // The same for selections that have passed CheckSelections and a sequence that is not 0: what it
  // does and how long it takes does not depend on the selections.
  static absl::StatusOr<SealedBallot> SealChecked(const Manifest& manifest,
                                                  const VotingContext& context, uint16_t style,
                                                  const Selections& selections, uint64_t sequence,
                                                  const crypto::Credential& credential,
                                                  crypto::Rng& rng);

  // Of an anonymous election, as MakeAnonymousBallot has it. Such a ballot is cast at once: nobody
  // can challenge it (§7.6).
  static absl::StatusOr<SealedBallot> SealAnonymous(const Manifest& manifest,
                                                    const VotingContext& context, uint16_t style,
                                                    const Selections& selections, uint64_t sequence,
                                                    std::optional<uint32_t> ring,
                                                    const crypto::Credential& credential,
                                                    crypto::Rng& rng);

  // h: binds the device to cells and commitments.
  const crypto::Hash64& hash() const { return hash_; }
  uint64_t sequence() const { return ballot_.sequence; }
  uint16_t style() const { return ballot_.style; }
  const std::array<uint8_t, 32>& credential() const { return ballot_.credential; }

  // The ballot with its responses, to be sent.
  Ballot Cast() &&;

  // Only of ballots that are not anonymous, as what follows:
  //
  // The challenge, to be sent, and the opening, for the voter's second device once the challenge is
  // in the log; its `challenge` is 0 until then. Nonces of proofs go with this object.
  struct Challenged {
    BallotChallenge challenge;
    BallotOpening opening;
  };
  Challenged Challenge(const VotingContext& context, const crypto::Credential& credential,
                       crypto::Rng& rng) &&;

  // For a device that is put down between sealing and the choice: the secrets of a sealed ballot
  // and, apart from them, the ballot without responses.
  struct Stored {
    Ballot statement;
    crypto::SecretBytes secrets;
  };
  Stored ExposeForStorage() const;
  // InvalidArgument if the parts do not belong together or to this poll and credential.
  static absl::StatusOr<SealedBallot> FromStorage(const Manifest& manifest,
                                                  const VotingContext& context,
                                                  const Stored& stored,
                                                  const crypto::Credential& credential);

 private:
  struct Cell {
    uint16_t value;
    crypto::SecretScalar r;
  };
  struct SealedContest {
    ContestPlan plan;
    std::vector<Cell> cells;
    std::vector<crypto::DisjunctiveProver> provers;  // of the plan's proofs
  };

  using Signer = std::variant<crypto::CredentialProver, crypto::TagProver, crypto::RingProver>;

  explicit SealedBallot(Signer signer) : signer_(std::move(signer)) {}
  // Cells and proofs; `ballot` has all else but what proves whose it is.
  static absl::StatusOr<std::vector<SealedContest>> Fill(const Manifest& manifest,
                                                         const VotingContext& context,
                                                         const Selections& selections,
                                                         crypto::Rng& rng, Ballot& ballot);
  static absl::StatusOr<Signer> Sign(const VotingContext& context, std::optional<uint32_t> ring,
                                     const crypto::Credential& credential,
                                     const crypto::Hash64& statement, crypto::Rng& rng,
                                     Ballot& ballot);
  // The cells, and then the commitments of their proofs, whose nonces are bound to `statement`.
  static SealedContest EncryptCells(const Contest& contest, const crypto::RistrettoPoint& key,
                                    const crypto::SmallMultiples& multiples,
                                    const std::vector<uint32_t>& selections, crypto::Rng& rng,
                                    ContestBallot& bytes);
  static absl::Status CommitProofs(const crypto::RistrettoPoint& key,
                                   const crypto::Hash64& statement, crypto::Rng& rng,
                                   SealedContest& contest, ContestBallot& bytes);

  Ballot ballot_;  // without responses
  crypto::Hash64 hash_{};
  std::vector<SealedContest> contests_;
  Signer signer_;
};

}  // namespace urna::election
