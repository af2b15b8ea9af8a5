// The ballots of a batch, ready for their equations: every point and scalar decoded once, every
// challenge drawn once, each of these for all ballots together. docs/protocol.md §7.2.
//
// Variable time: all of it is public.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "core/crypto/proof_batch.h"
#include "core/crypto/vartime/point.h"
#include "core/crypto/vartime/scalar_vartime.h"
#include "core/election/ballot.h"
#include "core/election/contest_plan.h"

namespace urna::election {

// One contest's points and scalars, in the order in which they stand in the ballot.
struct DecodedContest {
  const ContestPlan* plan = nullptr;
  std::span<const crypto::vartime::Point> ciphertexts;             // α, β of every cell
  std::span<const crypto::vartime::Point> commitments;             // A, B of every branch
  std::span<const crypto::vartime::PublicScalar> sent_challenges;  // of all branches but the last
  std::span<const crypto::vartime::PublicScalar> responses;        // z of every branch
  std::span<const crypto::vartime::PublicScalar> challenges;       // c of every proof
};

// z·H_e = R + c·T  (§3.7)
struct TagEquation {
  crypto::vartime::Point tag;         // T
  crypto::vartime::Point commitment;  // R
  crypto::vartime::PublicScalar response, challenge;
};

struct DecodedBallot {
  // One of the two; neither of a ballot that is proved over a ring (ring_ballots.h).
  std::optional<crypto::CredentialEquation> credential;
  std::optional<TagEquation> tag;
  std::vector<DecodedContest> contests;
};

class DecodedBallots {
 public:
  // All of it must outlive the object.
  DecodedBallots(const Manifest& manifest, const VotingContext& context,
                 std::span<const Ballot* const> ballots);
  DecodedBallots(const DecodedBallots&) = delete;
  DecodedBallots& operator=(const DecodedBallots&) = delete;

  // Positions of the ballots that are in any way other than B1 and L3 want them, ascending, or that
  // name a ring that there is not; which way, the one-by-one verification says. (Of a ballot over a
  // ring tag and proof are not looked at here.)
  const std::vector<size_t>& refused() const { return refused_; }

  const Manifest& manifest() const { return manifest_; }
  const VotingContext& context() const { return context_; }
  std::span<const Ballot* const> ballots() const { return ballots_; }

  // All other ballots, in the order given; `i` is below size().
  size_t size() const { return ready_.size(); }
  size_t Position(size_t i) const { return ready_[i].position; }
  // Spans are valid as long as this object.
  DecodedBallot Get(size_t i) const;

 private:
  // Where a ballot's parts begin in the vectors of the batch: in points_ P, C (or T, R), then of
  // each contest ciphertexts and commitments; in scalars_ z_s, z_t (or z), then of each contest the
  // challenges and responses that were sent; in challenges_ the credential's or tag's, then of each
  // contest every proof's. Of a ballot over a ring there is nothing before the contests.
  struct Ready {
    size_t position = 0;
    const Ballot* ballot = nullptr;
    Bytes transcript;  // until it is hashed
    size_t first_point = 0, first_scalar = 0, first_challenge = 0;
  };

  bool Collect(const Ballot& ballot);
  bool CollectProof(const Ballot& ballot);
  void CollectPoints(ByteSpan bytes);
  bool CollectScalars(ByteSpan bytes);
  void DecodePoints();
  std::vector<crypto::Hash64> HashTranscripts();
  void DrawChallenges();

  const Manifest& manifest_;
  const VotingContext& context_;
  std::span<const Ballot* const> ballots_;
  std::map<uint16_t, ContestPlan> plans_;
  std::vector<crypto::vartime::Encoding> encodings_;  // until they are decoded
  std::vector<crypto::vartime::Point> points_;
  std::vector<crypto::vartime::PublicScalar> scalars_;
  std::vector<crypto::vartime::PublicScalar> challenges_;
  std::vector<Ready> ready_;
  std::vector<size_t> refused_;
};

}  // namespace urna::election
