// Adding up ballots. All of it is public: the ciphertexts stand in the log.
#include <algorithm>
#include <bit>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status.h"
#include "core/crypto/vartime/multi_scalar.h"
#include "core/crypto/vartime/point.h"
#include "core/election/tally.h"

namespace urna::election {
namespace {

using crypto::Ciphertext;
using crypto::vartime::Encoding;
using crypto::vartime::Point;

// weight·point, from the highest bit down.
Point Times(uint32_t weight, const Point& point) {
  if (weight == 0) return Point();
  Point out = point;
  for (int bit = std::bit_width(weight) - 2; bit >= 0; --bit) {
    out = out.Doubled();
    if ((weight >> bit & 1) != 0) out = out + point;
  }
  return out;
}

crypto::RistrettoPoint Encoded(const Point& point) {
  absl::StatusOr<crypto::RistrettoPoint> out = crypto::RistrettoPoint::Decode(point.Encode());
  URNA_CHECK(out.ok(), "a point's encoding is canonical");
  return *out;
}

}  // namespace

struct Sums::Impl {
  // The part of a contest's ballots in a district.
  struct Place {
    size_t first = 0;  // of the part's sums
    size_t cells = 0;  // counted ones
  };
  using Places = std::map<std::pair<uint16_t, uint16_t>, Place>;  // by contest and district

  // Ciphertexts on their way to their sums.
  struct Batch {
    std::vector<Encoding> encodings;
    std::vector<uint32_t> places;
    std::vector<uint32_t> weights;
    std::vector<std::pair<size_t, uint16_t>> contests;  // where each contest begins
  };
  absl::Status Collect(const Counted& counted, Batch& batch) const;

  std::shared_ptr<const Places> places;
  std::vector<Point> sums;    // of every part in turn α and β of every counted cell
  std::vector<size_t> parts;  // where each part's begin, and the end
};

Sums::Sums(const Manifest& manifest, const std::vector<poll::Part>& parts)
    : impl_(std::make_unique<Impl>()) {
  Impl::Places places;
  impl_->parts.push_back(0);
  for (const poll::Part& part : parts) {
    const Contest* contest = manifest.FindContest(part.contest);
    const size_t cells = contest == nullptr ? 0 : contest->CountedCells();
    for (uint16_t district : part.districts) {
      places.try_emplace({part.contest, district}, Impl::Place{impl_->parts.back(), cells});
    }
    impl_->parts.push_back(impl_->parts.back() + 2 * cells);
  }
  impl_->sums.resize(impl_->parts.back());
  impl_->places = std::make_shared<const Impl::Places>(std::move(places));
}

Sums::Sums(Sums&&) noexcept = default;
Sums& Sums::operator=(Sums&&) noexcept = default;
Sums::~Sums() = default;

absl::Status Sums::Impl::Collect(const Counted& counted, Batch& batch) const {
  std::set<uint16_t> contests;
  for (const ContestBallot& contest : counted.ballot->contests) {
    const std::string where = absl::StrCat("contest ", contest.contest);
    if (!contests.insert(contest.contest).second) {
      return absl::InvalidArgumentError(absl::StrCat(where, " stands twice"));
    }
    const auto at = places->find({contest.contest, counted.member.district});
    if (at == places->end()) continue;
    const auto& [first, cells] = at->second;
    const size_t bytes = contest.ciphertexts.size();
    if (bytes % Ciphertext::kSize != 0 || bytes < cells * Ciphertext::kSize) {
      return absl::InvalidArgumentError(absl::StrCat(where, ": ciphertexts of ", bytes, " bytes"));
    }
    batch.contests.push_back({batch.encodings.size(), contest.contest});
    for (size_t i = 0; i < 2 * cells; ++i) {
      std::copy_n(contest.ciphertexts.begin() + static_cast<ptrdiff_t>(32 * i), 32,
                  batch.encodings.emplace_back().begin());
      batch.places.push_back(static_cast<uint32_t>(first + i));
      batch.weights.push_back(counted.member.weight);
    }
  }
  return absl::OkStatus();
}

absl::Status Sums::Add(std::span<const Counted> ballots) {
  Impl::Batch batch;
  for (const Counted& counted : ballots) {
    URNA_RETURN_IF_ERROR(impl_->Collect(counted, batch));
  }
  crypto::vartime::DecodedBatch decoded = crypto::vartime::DecodeBatch(batch.encodings);
  std::vector<Point>& points = decoded.points;
  // The identity stands for what is not canonical, and no α is the identity.
  size_t contest = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    while (contest + 1 < batch.contests.size() && batch.contests[contest + 1].first <= i) ++contest;
    const bool alpha = i % 2 == 0;  // contests have pairs of points
    const bool good = alpha ? !points[i].IsIdentity()
                            : !std::binary_search(decoded.failed.begin(), decoded.failed.end(), i);
    if (good) continue;
    const auto& [first, number] = batch.contests[contest];
    return absl::InvalidArgumentError(absl::StrCat(
        "contest ", number, ", cell ", (i - first) / 2 + 1, ": the ciphertext is not canonical"));
  }
  for (size_t i = 0; i < points.size(); ++i) {
    if (batch.weights[i] != 1) points[i] = Times(batch.weights[i], points[i]);
  }
  crypto::vartime::AddToSums(points, batch.places, impl_->sums);
  return absl::OkStatus();
}

absl::Status Sums::Merge(const Sums& other) {
  if (impl_->parts != other.impl_->parts) {
    return absl::InvalidArgumentError("these are the sums of other parts");
  }
  for (size_t i = 0; i < impl_->sums.size(); ++i) {
    impl_->sums[i] = impl_->sums[i] + other.impl_->sums[i];
  }
  return absl::OkStatus();
}

PartSums Sums::Total() const {
  PartSums out;
  for (size_t part = 0; part + 1 < impl_->parts.size(); ++part) {
    std::vector<Ciphertext>& cells = out.emplace_back();
    for (size_t i = impl_->parts[part]; i < impl_->parts[part + 1]; i += 2) {
      cells.push_back({Encoded(impl_->sums[i]), Encoded(impl_->sums[i + 1])});
    }
  }
  return out;
}

}  // namespace urna::election
