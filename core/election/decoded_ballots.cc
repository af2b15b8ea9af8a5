#include "core/election/decoded_ballots.h"

#include <algorithm>
#include <utility>

#include "core/crypto/transcript.h"
#include "core/crypto/vartime/sha512_batch.h"
#include "core/election/ballot_proofs.h"

namespace urna::election {
namespace {

using crypto::vartime::DecodeBatch;
using crypto::vartime::DecodedBatch;
using crypto::vartime::Encoding;
using crypto::vartime::PublicScalar;

// SHA-512 of every message: byte strings or arrays.
template <typename Message>
std::vector<crypto::Hash64> HashAll(const std::vector<Message>& messages) {
  const std::vector<ByteSpan> spans(messages.begin(), messages.end());
  std::vector<crypto::Hash64> hashes(messages.size());
  crypto::vartime::Sha512Batch(spans, hashes);
  return hashes;
}

// Takes the next `count` elements of a vector off it.
template <typename T>
class Cursor {
 public:
  Cursor(const std::vector<T>& from, size_t at) : rest_(std::span<const T>(from).subspan(at)) {}
  std::span<const T> Take(size_t count) {
    const std::span<const T> taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

 private:
  std::span<const T> rest_;
};

}  // namespace

DecodedBallots::DecodedBallots(const Manifest& manifest, const VotingContext& context,
                               std::span<const Ballot* const> ballots)
    : manifest_(manifest), context_(context), ballots_(ballots) {
  for (const Contest& contest : manifest.contests) {
    plans_.emplace(contest.number, ContestPlan(contest));
  }
  for (size_t i = 0; i < ballots.size(); ++i) {
    Ready ready = {i, ballots[i], {}, encodings_.size(), scalars_.size(), 0};
    std::optional<Bytes> transcript = BallotTranscriptBytes(context, *ballots[i]);
    if (transcript.has_value() && Collect(*ballots[i])) {
      ready.transcript = *std::move(transcript);
      ready_.push_back(std::move(ready));
    } else {
      refused_.push_back(i);
      encodings_.resize(ready.first_point);
      scalars_.resize(ready.first_scalar);
    }
  }
  DecodePoints();
  DrawChallenges();
}

// Of whose the ballot is.
bool DecodedBallots::CollectProof(const Ballot& ballot) {
  if (ballot.ring_answer() != nullptr) return true;
  if (ballot.credential == Encoding{}) return false;
  const TagAnswer* tag = ballot.tag_answer();
  CollectPoints(ballot.credential);
  CollectPoints(tag != nullptr ? tag->commitment : ballot.commitment);
  return tag != nullptr ? CollectScalars(tag->response) : CollectScalars(ballot.responses);
}

// False if the shape is wrong, a scalar is not canonical or the identity stands where it may not.
bool DecodedBallots::Collect(const Ballot& ballot) {
  if (!CheckContestsOfStyle(manifest_, ballot).ok() || !CollectProof(ballot)) return false;
  for (const ContestBallot& contest : ballot.contests) {
    if (!plans_.at(contest.contest).CheckLengths(contest).ok()) return false;
    const size_t first_alpha = encodings_.size();
    CollectPoints(contest.ciphertexts);
    for (size_t alpha = first_alpha; alpha < encodings_.size(); alpha += 2) {
      if (encodings_[alpha] == Encoding{}) return false;
    }
    CollectPoints(contest.commitments);
    if (!CollectScalars(contest.challenges) || !CollectScalars(contest.responses)) return false;
  }
  return true;
}

void DecodedBallots::CollectPoints(ByteSpan bytes) {
  for (; !bytes.empty(); bytes = bytes.subspan(32)) {
    std::copy_n(bytes.begin(), 32, encodings_.emplace_back().begin());
  }
}

bool DecodedBallots::CollectScalars(ByteSpan bytes) {
  for (; !bytes.empty(); bytes = bytes.subspan(32)) {
    const absl::StatusOr<PublicScalar> scalar = PublicScalar::Decode(bytes.first<32>());
    if (!scalar.ok()) return false;
    scalars_.push_back(*scalar);
  }
  return true;
}

// A ballot of which one does not decode is refused.
void DecodedBallots::DecodePoints() {
  DecodedBatch decoded = DecodeBatch(encodings_);
  points_ = std::move(decoded.points);
  encodings_ = {};
  std::vector<Ready> good;
  for (size_t i = 0; i < ready_.size(); ++i) {
    const size_t end = i + 1 < ready_.size() ? ready_[i + 1].first_point : points_.size();
    const auto failed = std::ranges::lower_bound(decoded.failed, ready_[i].first_point);
    if (failed != decoded.failed.end() && *failed < end) {
      refused_.push_back(ready_[i].position);
    } else {
      good.push_back(std::move(ready_[i]));
    }
  }
  ready_ = std::move(good);
  std::ranges::sort(refused_);
}

std::vector<crypto::Hash64> DecodedBallots::HashTranscripts() {
  std::vector<Bytes> transcripts;
  for (Ready& ready : ready_) transcripts.push_back(std::move(ready.transcript));
  return HashAll(transcripts);
}

void DecodedBallots::DrawChallenges() {
  const std::vector<crypto::Hash64> hashes = HashTranscripts();
  std::vector<std::array<uint8_t, 85>> inputs;
  for (size_t i = 0; i < ready_.size(); ++i) {
    ready_[i].first_challenge = inputs.size();
    if (ready_[i].ballot->ring_answer() == nullptr) {
      const bool tag = ready_[i].ballot->is_anonymous();
      inputs.push_back(crypto::ChallengeInput(
          hashes[i], crypto::kNoIndex, crypto::kNoIndex,
          tag ? crypto::ChallengeKind::kTag : crypto::ChallengeKind::kCredential));
    }
    for (const ContestBallot& contest : ready_[i].ballot->contests) {
      for (const PlannedProof& proof : plans_.at(contest.contest).proofs()) {
        inputs.push_back(
            crypto::ChallengeInput(hashes[i], contest.contest, proof.number, proof.kind));
      }
    }
  }
  challenges_.reserve(inputs.size());
  for (const crypto::Hash64& hash : HashAll(inputs)) {
    challenges_.push_back(PublicScalar::Reduce(hash));
  }
}

DecodedBallot DecodedBallots::Get(size_t i) const {
  const Ready& ready = ready_[i];
  Cursor points(points_, ready.first_point);
  Cursor scalars(scalars_, ready.first_scalar);
  Cursor challenges(challenges_, ready.first_challenge);
  DecodedBallot out;
  if (ready.ballot->tag_answer() != nullptr) {
    const auto two = points.Take(2);
    out.tag = TagEquation{two[0], two[1], scalars.Take(1)[0], challenges.Take(1)[0]};
  } else if (!ready.ballot->is_anonymous()) {
    const auto two = points.Take(2);
    const auto responses = scalars.Take(2);
    out.credential = crypto::CredentialEquation{two[0], two[1], responses[0], responses[1],
                                                challenges.Take(1)[0]};
  }
  for (const ContestBallot& contest : ready.ballot->contests) {
    const ContestPlan& plan = plans_.at(contest.contest);
    DecodedContest& decoded = out.contests.emplace_back();
    decoded.plan = &plan;
    decoded.ciphertexts = points.Take(plan.ciphertext_bytes() / 32);
    decoded.commitments = points.Take(plan.commitment_bytes() / 32);
    decoded.sent_challenges = scalars.Take(plan.challenge_bytes() / 32);
    decoded.responses = scalars.Take(plan.response_bytes() / 32);
    decoded.challenges = challenges.Take(plan.proofs().size());
  }
  return out;
}

}  // namespace urna::election
