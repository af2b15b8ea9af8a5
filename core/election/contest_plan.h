// What a contest's ballot is made of: its cells, and the claims that are proved about them.
// docs/protocol.md §7.1. One place for prover, verifiers, batches and the checks of totals.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/numbered_checks.h"
#include "core/crypto/transcript.h"
#include "core/election/manifest.h"
#include "core/election/messages.h"

namespace urna::election {

// `coefficient` times the value of the cell at this position.
struct Term {
  size_t cell = 0;
  int64_t coefficient = 1;
};

// "The sum of the terms is in lo..hi."
struct Claim {
  Check check = Check::kB4;  // B4 a range, B5 a sum or a list, B9 a limit
  std::vector<Term> terms;
  uint64_t lo = 0, hi = 0;
  // The slack bits with their weights; empty unless the claim is wide. With slack the sum of all
  // terms is exactly hi.
  std::vector<Term> slack;
  // Whether the ranges of the cells say it already, so that nothing is proved.
  bool left_out = false;

  // What the proof's branches stand for: lo..hi, or hi alone with slack.
  uint64_t proved_lo() const { return slack.empty() ? lo : hi; }
  size_t branches() const { return static_cast<size_t>(hi - proved_lo() + 1); }
};

// A proof's claim with its place in the vectors of a contest.
struct PlannedProof {
  const Claim* claim = nullptr;
  crypto::ChallengeKind kind = crypto::ChallengeKind::kCellRange;
  uint16_t number = 0;         // the challenge's j
  size_t first_branch = 0;     // branches of all proofs before it
  size_t first_challenge = 0;  // sent challenges of all proofs before it
};

// Immutable; refers to nothing else. Safe for every contest that passes CheckManifest.
class ContestPlan {
 public:
  explicit ContestPlan(const Contest& contest);
  ContestPlan(const ContestPlan&) = delete;
  ContestPlan& operator=(const ContestPlan&) = delete;
  ContestPlan(ContestPlan&&) = default;  // the claims stay where they are

  uint16_t contest() const { return contest_; }
  size_t counted_cells() const { return counted_cells_; }
  size_t cells() const { return cells_; }  // with slack bits
  // The maximum of a cell.
  uint64_t Maximum(size_t cell) const { return ranges_[cell].hi; }
  // The range of every cell, in the cells' order; the linear claims, left out ones among them.
  const std::vector<Claim>& ranges() const { return ranges_; }
  const std::vector<Claim>& linear() const { return linear_; }
  // All proofs, in the order of a ballot.
  const std::vector<PlannedProof>& proofs() const { return proofs_; }

  // Exact lengths in bytes of a contest's four vectors.
  size_t ciphertext_bytes() const { return 64 * cells_; }
  size_t commitment_bytes() const { return 64 * branches_; }
  size_t challenge_bytes() const { return 32 * (branches_ - proofs_.size()); }
  size_t response_bytes() const { return 32 * branches_; }
  // Bytes of a ContestBallot in an entry.
  size_t size() const {
    return 10 + ciphertext_bytes() + commitment_bytes() + challenge_bytes() + response_bytes();
  }

  // InvalidArgument naming the vector that has another length.
  absl::Status CheckLengths(const ContestBallot& ballot) const;

  // "option 2 'Trees'", "list 1 'Greens'", "blank", "slack bit 3"; of a linear claim "sum",
  // "choice of a list", "candidates of list 1 'Greens'", "limit 2 'Roads'". Counted from 1.
  std::string CellName(size_t cell) const { return cell_names_[cell]; }
  std::string LinearName(size_t claim) const { return linear_names_[claim]; }
  std::string ProofName(size_t proof) const;

 private:
  void AddCells(const Contest& contest);
  void AddSum(const Contest& contest);
  void AddLists(const Contest& contest);
  void AddLimit(const Contest& contest, size_t limit);
  void AddSlack(Claim& claim);

  uint16_t contest_;
  size_t counted_cells_;
  size_t cells_;
  size_t branches_ = 0;
  std::vector<Claim> ranges_;
  std::vector<Claim> linear_;
  std::vector<PlannedProof> proofs_;
  std::vector<std::string> cell_names_;
  std::vector<std::string> linear_names_;
};

// The claim of a limit, before slack: coefficients divided by their greatest common divisor, lo..hi
// reduced with them. lo > hi means that it cannot be kept; `left_out` that it cannot be broken.
Claim LimitClaim(const Contest& contest, const Limit& limit);

// Values of all cells of a contest, slack bits included, from those of the counted cells, which
// must keep every claim. Takes the same time whatever they are.
std::vector<uint64_t> FillSlack(const ContestPlan& plan, std::vector<uint64_t> counted);

}  // namespace urna::election
