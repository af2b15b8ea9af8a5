#include "core/election/sums.h"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/status.h"
#include "core/crypto/vartime/multi_scalar.h"
#include "core/crypto/vartime/point.h"
#include "core/election/contest_plan.h"
#include "core/election/decoded_ballots.h"

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

void AddTo(std::vector<Point>& sums, std::span<const Point> points) {
  if (sums.empty()) sums.resize(points.size());
  for (size_t i = 0; i < points.size(); ++i) sums[i] = sums[i] + points[i];
}

// A contest, and the district if it is counted by district, else 0.
using Place = std::pair<uint16_t, uint16_t>;
// Of every counted cell in turn Σ α and Σ β.
using SumsByPlace = std::map<Place, std::vector<Point>>;

// What the manifest says of its contests.
class Layout {
 public:
  explicit Layout(const Manifest& manifest) {
    for (const Contest& contest : manifest.contests) {
      contests_[contest.number] = {2 * contest.CountedCells(), contest.by_district};
    }
  }

  // How many points a ballot adds, or nothing if there is no such contest.
  std::optional<size_t> Points(uint16_t contest) const {
    const auto found = contests_.find(contest);
    if (found == contests_.end()) return std::nullopt;
    return found->second.points;
  }

  Place PlaceOf(uint16_t contest, uint16_t district) const {
    const bool by_district = contests_.at(contest).by_district;
    return {contest, by_district ? district : uint16_t{0}};
  }

 private:
  struct OfContest {
    size_t points = 0;
    bool by_district = false;
  };
  std::map<uint16_t, OfContest> contests_;
};

// The points of some ballots on their way to their sums.
class Batch {
 public:
  explicit Batch(const Layout& layout) : layout_(layout) {}

  // Makes room for a contest's points; how many there are, α and β of every counted cell.
  size_t Begin(uint16_t contest, const roll::DistrictWeight& member) {
    const size_t points = *layout_.Points(contest);
    const auto [at, is_new] = first_.try_emplace(layout_.PlaceOf(contest, member.district), size_);
    if (is_new) size_ += points;
    for (size_t i = 0; i < points; ++i) {
      places_.push_back(static_cast<uint32_t>(at->second + i));
      weights_.push_back(member.weight);
    }
    return points;
  }

  // The points that were announced, in that order. Returns every place's sum.
  SumsByPlace AddUp(std::vector<Point> points) const {
    for (size_t i = 0; i < points.size(); ++i) {
      if (weights_[i] != 1) points[i] = Times(weights_[i], points[i]);
    }
    std::vector<Point> sums(size_);
    crypto::vartime::AddToSums(points, places_, sums);
    SumsByPlace out;
    for (const auto& [place, first] : first_) {
      const auto begin = sums.begin() + static_cast<ptrdiff_t>(first);
      const auto count = static_cast<ptrdiff_t>(*layout_.Points(place.first));
      out.emplace(place, std::vector<Point>(begin, begin + count));
    }
    return out;
  }

 private:
  const Layout& layout_;
  std::map<Place, size_t> first_;  // where a place's sums begin
  size_t size_ = 0;                // of all sums
  std::vector<uint32_t> places_;   // of every point
  std::vector<uint32_t> weights_;
};

// Where a contest's points begin, for messages.
struct ContestAt {
  size_t first = 0;
  uint16_t contest = 0;
};

absl::Status Collect(const Layout& layout, const Sums::Counted& counted, Batch& batch,
                     std::vector<Encoding>& encodings, std::vector<ContestAt>& contests) {
  std::set<uint16_t> seen;
  for (const ContestBallot& contest : counted.ballot->contests) {
    const std::string where = absl::StrCat("contest ", contest.contest);
    if (!seen.insert(contest.contest).second) {
      return absl::InvalidArgumentError(absl::StrCat(where, " stands twice"));
    }
    const std::optional<size_t> points = layout.Points(contest.contest);
    if (!points.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(where, " is none of the manifest's"));
    }
    const size_t bytes = contest.ciphertexts.size();
    if (bytes % Ciphertext::kSize != 0 || bytes < 32 * *points) {
      return absl::InvalidArgumentError(absl::StrCat(where, ": ciphertexts of ", bytes, " bytes"));
    }
    contests.push_back({encodings.size(), contest.contest});
    batch.Begin(contest.contest, counted.member);
    for (size_t i = 0; i < *points; ++i) {
      std::copy_n(contest.ciphertexts.begin() + static_cast<ptrdiff_t>(32 * i), 32,
                  encodings.emplace_back().begin());
    }
  }
  return absl::OkStatus();
}

// InvalidArgument naming the first ciphertext that is none. The identity stands for what is not
// canonical, and no α is the identity.
absl::Status CheckDecoded(const crypto::vartime::DecodedBatch& decoded,
                          std::span<const ContestAt> contests) {
  size_t contest = 0;
  for (size_t i = 0; i < decoded.points.size(); ++i) {
    while (contest + 1 < contests.size() && contests[contest + 1].first <= i) ++contest;
    const bool alpha = i % 2 == 0;  // contests have pairs of points
    const bool good = alpha ? !decoded.points[i].IsIdentity()
                            : !std::binary_search(decoded.failed.begin(), decoded.failed.end(), i);
    if (good) continue;
    const auto& [first, number] = contests[contest];
    return absl::InvalidArgumentError(absl::StrCat(
        "contest ", number, ", cell ", (i - first) / 2 + 1, ": the ciphertext is not canonical"));
  }
  return absl::OkStatus();
}

absl::StatusOr<SumsByPlace> SumOf(const Layout& layout, std::span<const Sums::Counted> ballots) {
  Batch batch(layout);
  std::vector<Encoding> encodings;
  std::vector<ContestAt> contests;
  for (const Sums::Counted& counted : ballots) {
    URNA_RETURN_IF_ERROR(Collect(layout, counted, batch, encodings, contests));
  }
  crypto::vartime::DecodedBatch decoded = crypto::vartime::DecodeBatch(encodings);
  URNA_RETURN_IF_ERROR(CheckDecoded(decoded, contests));
  return batch.AddUp(std::move(decoded.points));
}

}  // namespace

struct Sums::Impl {
  explicit Impl(const Manifest& manifest) : layout(manifest) {}

  void Take(const SumsByPlace& sums) {
    for (const auto& [place, points] : sums) AddTo(places[place], points);
  }

  Layout layout;
  SumsByPlace places;
};

Sums::Sums(const Manifest& manifest) : impl_(std::make_unique<Impl>(manifest)) {}
Sums::Sums(Sums&&) noexcept = default;
Sums& Sums::operator=(Sums&&) noexcept = default;
Sums::~Sums() = default;

absl::Status Sums::Add(std::span<const Counted> ballots) {
  URNA_ASSIGN_OR_RETURN(const auto found, SumOf(impl_->layout, ballots));
  impl_->Take(found);
  return absl::OkStatus();
}

absl::Status Sums::Subtract(std::span<const Counted> ballots) {
  URNA_ASSIGN_OR_RETURN(auto found, SumOf(impl_->layout, ballots));
  for (auto& [place, points] : found) {
    for (Point& point : points) point = -point;
  }
  impl_->Take(found);
  return absl::OkStatus();
}

void Sums::Add(std::span<const Verified> ballots) {
  Batch batch(impl_->layout);
  std::vector<Point> points;
  for (const auto& [ballot, member] : ballots) {
    for (const DecodedContest& contest : ballot->contests) {
      const auto counted = contest.ciphertexts.first(batch.Begin(contest.plan->contest(), member));
      points.insert(points.end(), counted.begin(), counted.end());
    }
  }
  impl_->Take(batch.AddUp(std::move(points)));
}

void Sums::Merge(const Sums& other) { impl_->Take(other.impl_->places); }

PartSums Sums::Total(const std::vector<poll::Part>& parts) const {
  PartSums out;
  for (const poll::Part& part : parts) {
    std::vector<Ciphertext>& cells = out.emplace_back();
    const std::optional<size_t> points = impl_->layout.Points(part.contest);
    if (!points.has_value()) continue;
    std::vector<Point> total(*points);
    std::set<Place> places;
    for (uint16_t district : part.districts) {
      places.insert(impl_->layout.PlaceOf(part.contest, district));
    }
    for (const Place& place : places) {
      const auto found = impl_->places.find(place);
      if (found != impl_->places.end()) AddTo(total, found->second);
    }
    for (size_t i = 0; i < total.size(); i += 2) {
      cells.push_back({Encoded(total[i]), Encoded(total[i + 1])});
    }
  }
  return out;
}

}  // namespace urna::election
