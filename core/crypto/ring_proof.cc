#include "core/crypto/ring_proof.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::crypto {

Scalar RingChallenge(const Hash64& h) {
  return Challenge(h, kNoIndex, kNoIndex, ChallengeKind::kRing);
}

absl::StatusOr<RingProof> RingProof::Decode(size_t digits, ByteSpan commitments,
                                            ByteSpan responses) {
  if (commitments.size() != RingCommitmentsSize(digits) ||
      responses.size() != RingResponsesSize(digits)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a ring proof over ", digits, " digits has ", RingCommitmentsSize(digits),
                     " bytes of ", "commitments and ", RingResponsesSize(digits),
                     " of responses, not ", commitments.size(), " and ", responses.size()));
  }
  absl::StatusOr<std::vector<RistrettoPoint>> points = DecodePoints(commitments);
  if (!points.ok()) return Annotate(points.status(), "commitments of a ring proof");
  absl::StatusOr<std::vector<Scalar>> scalars = DecodeScalars(responses);
  if (!scalars.ok()) return Annotate(scalars.status(), "responses of a ring proof");
  RingProof out;
  auto point = points->begin();
  out.a = *point++;
  out.b = *point++;
  out.x.assign(point, std::prev(points->end(), 3));
  point = std::prev(points->end(), 3);
  out.c = *point++;
  out.r1 = *point++;
  out.r2 = *point++;
  auto scalar = std::prev(scalars->end(), 4);
  out.f.assign(scalars->begin(), scalar);
  out.z_a = *scalar++;
  out.z = *scalar++;
  out.u = *scalar++;
  out.v = *scalar++;
  return out;
}

Bytes RingProof::EncodeCommitments() const {
  std::vector<RistrettoPoint> points = {a, b};
  points.insert(points.end(), x.begin(), x.end());
  points.insert(points.end(), {c, r1, r2});
  return EncodePoints(points);
}

Bytes RingProof::EncodeResponses() const {
  std::vector<Scalar> scalars = f;
  scalars.insert(scalars.end(), {z_a, z, u, v});
  return EncodeScalars(scalars);
}

}  // namespace urna::crypto
