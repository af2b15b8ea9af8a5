// Ballots of a synthetic election, some fifty times as many a second as voters' devices make.
// docs/protocol.md §3 and §7. What is encrypted and proved is what core/election/sealed_ballot.h
// makes, and looks the same to everybody; but whoever makes it hides nothing from who watches: see
// throwaway.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bench/synthetic_record/casting_order.h"
#include "bench/synthetic_record/throwaway.h"
#include "bench/synthetic_record/voters.h"
#include "core/base/bytes.h"
#include "core/election/ballot.h"
#include "core/election/contest_plan.h"
#include "core/election/manifest.h"

namespace urna::bench {

// What the ballots that count add up to in one counted cell: Σ r·G and Σ v·G + Σ r·Y are the sum
// that is decrypted.
struct CellSum {
  uint64_t votes = 0;               // Σ v
  crypto::vartime::PublicScalar r;  // Σ r
};
// Of every contest of the manifest and every counted cell of it.
using KnownSums = std::vector<std::vector<CellSum>>;

KnownSums ZeroSums(const election::Manifest& manifest);
void AddTo(KnownSums& sums, const KnownSums& summands);

// Const methods may run on several threads. What is passed in must outlive it.
class BallotMaker {
 public:
  // A manifest whose contests are all one-of-n, in one style.
  BallotMaker(const election::Manifest& manifest, const election::VotingContext& context,
              const Voters& voters);

  // Ballots first, first + 1, … of the order: `count` of them, as entries. Those that count are
  // added to `sums`.
  std::vector<Bytes> Make(const CastingOrder& order, uint64_t first, size_t count,
                          KnownSums& sums) const;

 private:
  class Draft;

  const election::Manifest& manifest_;
  const election::VotingContext& context_;
  const Voters& voters_;
  HalfMultiples half_y_;
  std::vector<election::ContestPlan> plans_;
};

}  // namespace urna::bench
