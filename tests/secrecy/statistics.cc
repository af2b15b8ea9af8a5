#include "tests/secrecy/statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>

#include "core/base/check.h"

namespace urna::testing {
namespace {

constexpr double kCertain = std::numeric_limits<double>::infinity();

// Sums of every statistic over one class.
struct Moments {
  std::vector<double> sum, squares;
};

using Visit = std::function<void(size_t statistic, double value)>;

size_t Pairs(size_t fields) { return fields * (fields - 1) / 2; }

// Calls `visit` for every statistic that is not zero.
void ForEachStatistic(const PublicBallot& ballot, const Visit& visit) {
  size_t at = 0;
  visit(at++, static_cast<double>(ballot.entry.size()));
  size_t zeros = 0, full = 0;
  for (uint8_t byte : ballot.entry) {
    for (int bit = 0; bit < 8; ++bit, ++at) {
      if ((byte >> bit & 1) != 0) visit(at, 1);
    }
    zeros += byte == 0;
    full += byte == 255;
  }
  visit(at++, static_cast<double>(zeros));
  visit(at++, static_cast<double>(full));
  for (const Bytes& field : ballot.fields) {
    int ones = 0;
    for (uint8_t byte : field) ones += std::popcount(byte);
    visit(at++, ones);
  }
  for (size_t i = 0; i < ballot.fields.size(); ++i) {
    for (size_t j = i + 1; j < ballot.fields.size(); ++j, at += 3) {
      const Bytes& x = ballot.fields[i];
      const Bytes& y = ballot.fields[j];
      if (x < y) visit(at, 1);
      if (x == y) visit(at + 1, 1);
      if (((x[0] ^ y[0]) & 1) != 0) visit(at + 2, 1);
    }
  }
}

Moments MomentsOf(const std::vector<PublicBallot>& ballots, size_t statistics) {
  Moments out{std::vector<double>(statistics), std::vector<double>(statistics)};
  for (const PublicBallot& ballot : ballots) {
    URNA_CHECK(StatisticsOf(ballot) == statistics, "ballots of one class have one form");
    ForEachStatistic(ballot, [&](size_t statistic, double value) {
      out.sum[statistic] += value;
      out.squares[statistic] += value * value;
    });
  }
  return out;
}

std::string NameOf(size_t statistic, const PublicBallot& ballot) {
  if (statistic-- == 0) return "length";
  const size_t bits = 8 * ballot.entry.size();
  if (statistic < bits) {
    return "bit " + std::to_string(statistic % 8) + " of byte " + std::to_string(statistic / 8);
  }
  statistic -= bits;
  if (statistic < 2) return statistic == 0 ? "bytes 0" : "bytes 255";
  statistic -= 2;
  if (statistic < ballot.fields.size()) return "ones in field " + std::to_string(statistic);
  statistic -= ballot.fields.size();
  size_t pair = statistic / 3, i = 0;
  while (pair >= ballot.fields.size() - 1 - i) pair -= ballot.fields.size() - 1 - i++;
  const char* const what[] = {"order", "equality", "sameness of the low bits"};
  return std::string(what[statistic % 3]) + " of fields " + std::to_string(i) + " and " +
         std::to_string(i + 1 + pair);
}

}  // namespace

size_t StatisticsOf(const PublicBallot& ballot) {
  return 3 + 8 * ballot.entry.size() + ballot.fields.size() + 3 * Pairs(ballot.fields.size());
}

std::vector<Distinguisher> Distinguishers(const std::vector<PublicBallot>& a,
                                          const std::vector<PublicBallot>& b, double sigmas) {
  URNA_CHECK(!a.empty() && !b.empty(), "two classes are compared");
  if (StatisticsOf(a[0]) != StatisticsOf(b[0])) return {{"length", kCertain}};
  const size_t statistics = StatisticsOf(a[0]);
  const Moments of_a = MomentsOf(a, statistics), of_b = MomentsOf(b, statistics);
  const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
  std::vector<Distinguisher> out;
  for (size_t i = 0; i < statistics; ++i) {
    const double mean_a = of_a.sum[i] / n, mean_b = of_b.sum[i] / m;
    const double variance_a = of_a.squares[i] / n - mean_a * mean_a;
    const double variance_b = of_b.squares[i] / m - mean_b * mean_b;
    // What never varies in either class has no error: any difference tells.
    const double error = std::sqrt(std::max(0.0, variance_a / n + variance_b / m));
    const double difference = std::abs(mean_a - mean_b);
    if (difference == 0) continue;
    const double apart = error > 0 ? difference / error : kCertain;
    if (apart > sigmas) out.push_back({NameOf(i, a[0]), apart});
  }
  return out;
}

}  // namespace urna::testing
