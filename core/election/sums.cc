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
    size_t part = 0;
    size_t cells = 0;  // counted ones
  };
  using Places = std::map<std::pair<uint16_t, uint16_t>, Place>;  // by contest and district

  std::shared_ptr<const Places> places;
  std::vector<std::vector<Point>> sums;  // by part: α and β of every counted cell in turn
};

Sums::Sums(const Manifest& manifest, const std::vector<poll::Part>& parts)
    : impl_(std::make_unique<Impl>()) {
  Impl::Places places;
  for (const poll::Part& part : parts) {
    const Contest* contest = manifest.FindContest(part.contest);
    const size_t cells = contest == nullptr ? 0 : contest->CountedCells();
    for (uint16_t district : part.districts) {
      places.try_emplace({part.contest, district}, Impl::Place{impl_->sums.size(), cells});
    }
    impl_->sums.emplace_back(2 * cells);
  }
  impl_->places = std::make_shared<const Impl::Places>(std::move(places));
}

Sums::Sums(Sums&&) noexcept = default;
Sums& Sums::operator=(Sums&&) noexcept = default;
Sums::~Sums() = default;

absl::Status Sums::Add(const Ballot& ballot, const roll::DistrictWeight& member) {
  // Nothing is added unless everything can be.
  std::vector<Encoding> encodings;
  struct Taken {
    uint16_t contest = 0;
    const Impl::Place* place = nullptr;
  };
  std::vector<Taken> taken;
  std::set<uint16_t> contests;
  for (const ContestBallot& contest : ballot.contests) {
    const std::string where = absl::StrCat("contest ", contest.contest);
    if (!contests.insert(contest.contest).second) {
      return absl::InvalidArgumentError(absl::StrCat(where, " stands twice"));
    }
    const auto at = impl_->places->find({contest.contest, member.district});
    if (at == impl_->places->end()) continue;
    const size_t bytes = contest.ciphertexts.size();
    if (bytes % Ciphertext::kSize != 0 || bytes < at->second.cells * Ciphertext::kSize) {
      return absl::InvalidArgumentError(absl::StrCat(where, ": ciphertexts of ", bytes, " bytes"));
    }
    taken.push_back({contest.contest, &at->second});
    for (size_t i = 0; i < 2 * at->second.cells; ++i) {
      std::copy_n(contest.ciphertexts.begin() + static_cast<ptrdiff_t>(32 * i), 32,
                  encodings.emplace_back().begin());
    }
  }
  const crypto::vartime::DecodedBatch decoded = crypto::vartime::DecodeBatch(encodings);
  size_t next = 0;
  for (const Taken& of : taken) {
    for (size_t cell = 0; cell < of.place->cells; ++cell, next += 2) {
      // The identity stands for what is not canonical, and no α is the identity.
      if (!decoded.points[next].IsIdentity() &&
          !std::binary_search(decoded.failed.begin(), decoded.failed.end(), next + 1)) {
        continue;
      }
      return absl::InvalidArgumentError(absl::StrCat("contest ", of.contest, ", cell ", cell + 1,
                                                     ": the ciphertext is not canonical"));
    }
  }
  next = 0;
  for (const Taken& of : taken) {
    for (Point& sum : impl_->sums[of.place->part]) {
      const Point& point = decoded.points[next++];
      sum = sum + Times(member.weight, point);
    }
  }
  return absl::OkStatus();
}

absl::Status Sums::Merge(const Sums& other) {
  const auto shape = [](const std::vector<Point>& a, const std::vector<Point>& b) {
    return a.size() == b.size();
  };
  if (!std::equal(impl_->sums.begin(), impl_->sums.end(), other.impl_->sums.begin(),
                  other.impl_->sums.end(), shape)) {
    return absl::InvalidArgumentError("these are the sums of other parts");
  }
  for (size_t part = 0; part < impl_->sums.size(); ++part) {
    for (size_t i = 0; i < impl_->sums[part].size(); ++i) {
      impl_->sums[part][i] = impl_->sums[part][i] + other.impl_->sums[part][i];
    }
  }
  return absl::OkStatus();
}

PartSums Sums::Total() const {
  PartSums out;
  for (const std::vector<Point>& sum : impl_->sums) {
    std::vector<Ciphertext>& cells = out.emplace_back();
    for (size_t i = 0; i < sum.size(); i += 2) {
      cells.push_back({Encoded(sum[i]), Encoded(sum[i + 1])});
    }
  }
  return out;
}

}  // namespace urna::election
