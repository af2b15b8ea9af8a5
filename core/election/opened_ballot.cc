#include "core/election/opened_ballot.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/scalar.h"

namespace urna::election {
namespace {

// L3 about what has a whole number of points and scalars; the shape is a matter of B11.
absl::Status CheckCanonical(const BallotOpening& opening) {
  URNA_RETURN_IF_ERROR(Annotate(
      crypto::RistrettoPoint::DecodeNonIdentity(opening.credential).status(), "credential"));
  URNA_RETURN_IF_ERROR(
      Annotate(crypto::RistrettoPoint::Decode(opening.commitment).status(), "commitment"));
  for (const ContestOpening& contest : opening.contests) {
    const std::string where = absl::StrCat("contest ", contest.contest);
    const ByteSpan cells = contest.cells;
    for (size_t at = 0; at + ContestOpening::kCellSize <= cells.size();
         at += ContestOpening::kCellSize) {
      URNA_RETURN_IF_ERROR(
          Annotate(crypto::Scalar::Decode(cells.subspan(at + 2, 32)).status(),
                   absl::StrCat(where, ", cell ", at / ContestOpening::kCellSize + 1)));
    }
    if (contest.commitments.size() % 32 != 0) continue;
    URNA_RETURN_IF_ERROR(Annotate(crypto::DecodePoints(contest.commitments).status(),
                                  absl::StrCat(where, ": commitments")));
  }
  return absl::OkStatus();
}

}  // namespace

OpenedBallot OpenBallotVarTime(const Manifest& manifest, const VotingContext& context,
                               const BallotOpening& opening) {
  OpenedBallot out;
  if (absl::Status status = CheckCanonical(opening); !status.ok()) {
    out.violations.push_back({Check::kL3, Annotate(std::move(status), "opening")});
    return out;
  }
  absl::StatusOr<crypto::Hash64> hash = OpenedBallotHash(manifest, context, opening);
  if (hash.ok()) {
    out.hash = *hash;
  } else {
    out.violations.push_back({Check::kB11, Annotate(hash.status(), "opening")});
  }
  return out;
}

}  // namespace urna::election
