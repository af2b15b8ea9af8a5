#include "bench/synthetic_record/ballots.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "core/base/check.h"
#include "core/crypto/transcript.h"
#include "core/record/entry.h"

namespace urna::bench {
namespace {

using crypto::vartime::Encoding;
using crypto::vartime::Point;
using crypto::vartime::PublicScalar;
using election::PlannedProof;
using election::Term;

Point ToVartime(const crypto::RistrettoPoint& point) {
  const auto decoded = Point::Decode(point.bytes());
  URNA_CHECK(decoded.ok(), "a valid element decodes");
  return *decoded;
}

PublicScalar FromInt64(int64_t value) {
  return value < 0 ? -PublicScalar::FromU64(static_cast<uint64_t>(-value))
                   : PublicScalar::FromU64(static_cast<uint64_t>(value));
}

void Append(Bytes& out, ByteSpan bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// The secrets of one proof 3.2 about the ciphertext with randomness r that holds lo + real.
struct ProofSecrets {
  PublicScalar r;
  size_t real = 0;
  std::vector<PublicScalar> u;  // of every branch: A_i = u_i·G, z_i = u_i + c_i·r
  std::vector<PublicScalar> c;  // drawn beforehand, of every branch but the real one
};

struct Cells {
  std::vector<uint64_t> values;
  std::vector<PublicScalar> r;
};

}  // namespace

KnownSums ZeroSums(const election::Manifest& manifest) {
  KnownSums out;
  for (const election::Contest& contest : manifest.contests) {
    out.emplace_back(contest.CountedCells());
  }
  return out;
}

void AddTo(KnownSums& sums, const KnownSums& summands) {
  for (size_t contest = 0; contest < sums.size(); ++contest) {
    for (size_t cell = 0; cell < sums[contest].size(); ++cell) {
      sums[contest][cell].votes += summands[contest][cell].votes;
      sums[contest][cell].r += summands[contest][cell].r;
    }
  }
}

// One ballot in two steps, between which the points of many are encoded.
class BallotMaker::Draft {
 public:
  Draft(const BallotMaker& maker, uint64_t number, const CastingOrder::Cast& cast)
      : maker_(maker), cast_(cast), draws_(maker.voters_.seed(), Draw::kBallot, number) {
    ballot_.sequence = cast.sequence;
    ballot_.style = maker.manifest_.styles[0].number;
    ballot_.credential = maker.voters_.credential(cast.voter);
  }

  // Draws all there is to draw. Halves of the ballot's points go to `halves`, in the ballot's
  // order.
  void Commit(std::vector<Point>& halves) {
    for (const election::ContestPlan& plan : maker_.plans_) {
      CommitCells(plan, halves);
      for (const PlannedProof& planned : plan.proofs()) {
        CommitProof(planned, cells_.back(), halves);
      }
    }
    a_ = draws_.DrawScalar();
    b_ = draws_.DrawScalar();
    halves.push_back(maker_.voters_.half_g()(a_) + maker_.voters_.half_k()(b_));
  }

  // Takes the encodings of its points off the front and computes the responses.
  Bytes Finish(std::span<const Encoding>& encodings) {
    for (const election::ContestPlan& plan : maker_.plans_) {
      election::ContestBallot& contest = ballot_.contests.emplace_back();
      contest.contest = plan.contest();
      contest.ciphertexts = Take(encodings, plan.ciphertext_bytes() / 32);
      contest.commitments = Take(encodings, plan.commitment_bytes() / 32);
    }
    ballot_.commitment = encodings.front();
    encodings = encodings.subspan(1);
    Respond();
    absl::StatusOr<Bytes> entry = record::EncodeEntry(ballot_);
    URNA_CHECK(entry.ok(), "a ballot can be encoded");
    return *std::move(entry);
  }

  void AddTo(KnownSums& sums) const {
    if (!cast_.counts) return;
    for (size_t i = 0; i < sums.size(); ++i) {
      for (size_t cell = 0; cell < sums[i].size(); ++cell) {
        sums[i][cell].votes += cells_[i].values[cell];
        sums[i][cell].r += cells_[i].r[cell];
      }
    }
  }

 private:
  // α = r·G and β = v·G + r·Y of every cell.
  void CommitCells(const election::ContestPlan& plan, std::vector<Point>& halves) {
    std::vector<uint64_t> counted(plan.counted_cells(), 0);
    // The lower of two draws, so that the options do not all get as many votes.
    const uint64_t choice =
        std::min(draws_.DrawBelow(counted.size()), draws_.DrawBelow(counted.size()));
    counted[choice] = 1;
    Cells& cells = cells_.emplace_back();
    cells.values = election::FillSlack(plan, std::move(counted));
    for (uint64_t value : cells.values) {
      const PublicScalar r = draws_.DrawScalar();
      cells.r.push_back(r);
      halves.push_back(G(r));
      halves.push_back(value == 0 ? Y(r) : G(PublicScalar::FromU64(value)) + Y(r));
    }
  }

  // A_i = u_i·G and B_i = u_i·Y − c_i·(v − m_i)·G, with c_i to be had only afterwards of the real
  // branch, where it does not matter.
  void CommitProof(const PlannedProof& planned, const Cells& cells, std::vector<Point>& halves) {
    const election::Claim& claim = *planned.claim;
    ProofSecrets& proof = proofs_.emplace_back();
    uint64_t value = 0;
    for (const std::vector<Term>* terms : {&claim.terms, &claim.slack}) {
      for (const Term& term : *terms) {
        value += static_cast<uint64_t>(term.coefficient) * cells.values[term.cell];
        proof.r += FromInt64(term.coefficient) * cells.r[term.cell];
      }
    }
    proof.real = value - claim.proved_lo();
    for (size_t i = 0; i < claim.branches(); ++i) {
      const PublicScalar& u = proof.u.emplace_back(draws_.DrawScalar());
      halves.push_back(G(u));
      if (i == proof.real) {
        proof.c.emplace_back();
        halves.push_back(Y(u));
        continue;
      }
      const PublicScalar& c = proof.c.emplace_back(draws_.DrawScalar());
      const int64_t off = static_cast<int64_t>(proof.real) - static_cast<int64_t>(i);
      halves.push_back(Y(u) - G(c * FromInt64(off)));
    }
  }

  void Respond() {
    const crypto::Hash64 h = election::BallotTranscript(maker_.context_.poll_context, ballot_);
    auto proof = proofs_.begin();
    for (size_t i = 0; i < maker_.plans_.size(); ++i) {
      for (const PlannedProof& planned : maker_.plans_[i].proofs()) {
        Answer(*proof++,
               bench::ToVartime(
                   crypto::Challenge(h, maker_.plans_[i].contest(), planned.number, planned.kind)),
               ballot_.contests[i]);
      }
    }
    const PublicScalar c = bench::ToVartime(crypto::Challenge(h, crypto::kNoIndex, crypto::kNoIndex,
                                                              crypto::ChallengeKind::kCredential));
    const Voters::Secret secret = maker_.voters_.SecretOf(cast_.voter);
    const auto z_s = (a_ + c * secret.s).bytes();
    const auto z_t = (b_ + c * secret.t).bytes();
    std::copy(z_s.begin(), z_s.end(), ballot_.responses.begin());
    std::copy(z_t.begin(), z_t.end(), ballot_.responses.begin() + 32);
  }

  // The real branch's challenge is what the others leave of c.
  static void Answer(ProofSecrets& proof, const PublicScalar& c, election::ContestBallot& out) {
    PublicScalar rest = c;
    for (const PublicScalar& other : proof.c) rest = rest - other;
    proof.c[proof.real] = rest;
    for (size_t i = 0; i < proof.c.size(); ++i) {
      if (i + 1 < proof.c.size()) Append(out.challenges, proof.c[i].bytes());
      Append(out.responses, (proof.u[i] + proof.c[i] * proof.r).bytes());
    }
  }

  static Bytes Take(std::span<const Encoding>& encodings, size_t count) {
    Bytes out;
    out.reserve(32 * count);
    for (const Encoding& encoding : encodings.first(count)) Append(out, encoding);
    encodings = encodings.subspan(count);
    return out;
  }

  Point G(const PublicScalar& k) const { return maker_.voters_.half_g()(k); }
  Point Y(const PublicScalar& k) const { return maker_.half_y_(k); }

  const BallotMaker& maker_;
  CastingOrder::Cast cast_;
  Throwaway draws_;
  election::Ballot ballot_;
  std::vector<Cells> cells_;          // of every contest
  std::vector<ProofSecrets> proofs_;  // of all contests
  PublicScalar a_, b_;                // C = a·G + b·K_R
};

BallotMaker::BallotMaker(const election::Manifest& manifest, const election::VotingContext& context,
                         const Voters& voters)
    : manifest_(manifest),
      context_(context),
      voters_(voters),
      half_y_(ToVartime(context.election_key)) {
  for (const election::Contest& contest : manifest.contests) {
    URNA_CHECK(contest.rule == election::Rule::kOneOfN, "the contests are one-of-n");
    plans_.emplace_back(contest);
  }
}

std::vector<Bytes> BallotMaker::Make(const CastingOrder& order, uint64_t first, size_t count,
                                     KnownSums& sums) const {
  std::deque<Draft> drafts;  // which do not move
  std::vector<Point> halves;
  for (uint64_t number = first; number < first + count; ++number) {
    drafts.emplace_back(*this, number, order.At(number)).Commit(halves);
    drafts.back().AddTo(sums);
  }
  const std::vector<Encoding> encoded = crypto::vartime::EncodeDoubled(halves);
  std::span<const Encoding> left = encoded;
  std::vector<Bytes> entries;
  for (Draft& draft : drafts) entries.push_back(draft.Finish(left));
  return entries;
}

}  // namespace urna::bench
