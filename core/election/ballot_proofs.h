// A ballot taken apart: every point and scalar decoded once, every proof with its statement and its
// challenge. What is left is equations, which may be checked one by one or many ballots at a time.
// docs/protocol.md §7; checks L3 and B1 of §12.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/numbered_checks.h"
#include "core/crypto/credential.h"
#include "core/crypto/disjunctive_proof.h"
#include "core/crypto/elgamal.h"
#include "core/election/ballot.h"

namespace urna::election {

// The plan of a contest's vectors: the proofs of all options, then that of the sum if there is one.
class ContestLayout {
 public:
  explicit ContestLayout(const Contest& contest);

  size_t options() const { return options_; }
  size_t option_branches() const { return option_branches_; }  // R + 1
  size_t sum_branches() const { return sum_branches_; }        // 0 without a sum proof

  // Exact lengths in bytes of a contest's four vectors.
  size_t ciphertext_bytes() const;
  size_t commitment_bytes() const;
  size_t challenge_bytes() const;
  size_t response_bytes() const;

  // InvalidArgument naming the vector that has another length.
  absl::Status Check(const ContestBallot& ballot) const;

  // One proof's own bytes in a contest of the right lengths.
  struct ProofBytes {
    ByteSpan commitments, challenges, responses;
  };
  ByteSpan Ciphertext(const ContestBallot& ballot, size_t option) const;
  ProofBytes OptionProof(const ContestBallot& ballot, size_t option) const;
  ProofBytes SumProof(const ContestBallot& ballot) const;  // only with a sum proof

 private:
  size_t options_;
  size_t option_branches_;
  size_t sum_branches_;
};

// "The ciphertext holds lo..hi" of a selection (B4) or of a contest's sum (B5).
struct RangeStatement {
  Check check;
  uint16_t contest = 0;
  uint16_t option = 0;  // position from 0; of no meaning for a sum
  crypto::Ciphertext ciphertext;
  uint64_t lo = 0, hi = 0;
  crypto::DisjunctiveProof proof;
  crypto::Scalar challenge;

  // "contest 3, option 2" (options counted from 1, as people do) or "contest 3, sum".
  std::string Where() const;
};

struct CredentialStatement {
  crypto::RistrettoPoint credential;
  crypto::CredentialProof proof;
  crypto::Scalar challenge;
};

struct BallotProofs {
  std::vector<Violation> violations;  // L3 and B1
  // Of the parts that are well formed; all of them if there are no violations.
  std::vector<RangeStatement> ranges;
  std::optional<CredentialStatement> credential;
};

BallotProofs TakeApart(const Manifest& manifest, const VotingContext& context,
                       const Ballot& ballot);

// The violations that these statements amount to when their equations do not hold.
Violation RangeViolation(const RangeStatement& statement, const absl::Status& why);
Violation CredentialViolation(const absl::Status& why);

}  // namespace urna::election
