// How many multiplications and additions of libsodium's a ballot takes: counted where the linker
// puts our functions before libsodium's, and compared with docs/protocol.md §7.5, read from the
// document.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <map>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/file.h"
#include "core/crypto/hash_to_group.h"
#include "core/election/sealed_ballot.h"
#include "tests/core/election/rich_contests.h"

namespace urna::election {
namespace {

struct Cost {
  size_t by_base = 0, by_key = 0, by_credential_base = 0, additions = 0;

  friend Cost operator+(const Cost& a, const Cost& b) {
    return {a.by_base + b.by_base, a.by_key + b.by_key, a.by_credential_base + b.by_credential_base,
            a.additions + b.additions};
  }
  friend bool operator==(const Cost&, const Cost&) = default;
  friend void PrintTo(const Cost& cost, std::ostream* out) {
    *out << cost.by_base << " by G, " << cost.by_key << " by Y, " << cost.by_credential_base
         << " by K_R, " << cost.additions << " additions";
  }
};

Cost counted;
size_t by_another_point = 0;
crypto::RistrettoPoint election_key;

}  // namespace
}  // namespace urna::election

// --wrap (CMakeLists.txt): `__wrap_f` stands for f, and `__real_f` is libsodium's.
extern "C" {
using Byte = unsigned char;
int __real_crypto_scalarmult_ristretto255_base(Byte* q, const Byte* n);
int __real_crypto_scalarmult_ristretto255(Byte* q, const Byte* n, const Byte* p);
int __real_crypto_core_ristretto255_add(Byte* r, const Byte* p, const Byte* q);
int __real_crypto_core_ristretto255_sub(Byte* r, const Byte* p, const Byte* q);

int __wrap_crypto_scalarmult_ristretto255_base(Byte* q, const Byte* n) {
  ++urna::election::counted.by_base;
  return __real_crypto_scalarmult_ristretto255_base(q, n);
}
int __wrap_crypto_scalarmult_ristretto255(Byte* q, const Byte* n, const Byte* p) {
  const auto is = [p](const urna::crypto::RistrettoPoint& point) {
    return std::memcmp(p, point.bytes().data(), 32) == 0;
  };
  if (is(urna::election::election_key)) {
    ++urna::election::counted.by_key;
  } else if (is(urna::crypto::CredentialBase())) {
    ++urna::election::counted.by_credential_base;
  } else {
    ++urna::election::by_another_point;
  }
  return __real_crypto_scalarmult_ristretto255(q, n, p);
}
int __wrap_crypto_core_ristretto255_add(Byte* r, const Byte* p, const Byte* q) {
  ++urna::election::counted.additions;
  return __real_crypto_core_ristretto255_add(r, p, q);
}
int __wrap_crypto_core_ristretto255_sub(Byte* r, const Byte* p, const Byte* q) {
  ++urna::election::counted.additions;
  return __real_crypto_core_ristretto255_sub(r, p, q);
}
}

namespace urna::election {
namespace {

// The rows of the second table of §7.5: what ballots cost.
std::map<std::string, Cost> TableOfTheDocument() {
  std::map<std::string, Cost> out;
  const auto document = ReadFile("docs/protocol.md", 10'000'000);
  EXPECT_TRUE(document.ok()) << document.status();
  bool in_section = false, in_table = false;
  for (absl::string_view line : absl::StrSplit(AsText(document.value()), '\n')) {
    if (absl::StartsWith(line, "#")) in_section = absl::StartsWith(line, "### 7.5 ");
    if (!in_section) continue;
    const std::vector<absl::string_view> cells = absl::StrSplit(line, '|');
    if (cells.size() != 7) {
      in_table = false;
      continue;
    }
    if (absl::StartsWith(cells[1], " ballot")) in_table = true;
    Cost cost;
    if (!in_table || !absl::SimpleAtoi(cells[2], &cost.by_base)) continue;
    EXPECT_TRUE(absl::SimpleAtoi(cells[3], &cost.by_key)) << line;
    EXPECT_TRUE(absl::SimpleAtoi(cells[4], &cost.by_credential_base)) << line;
    EXPECT_TRUE(absl::SimpleAtoi(cells[5], &cost.additions)) << line;
    out[std::string(absl::StripAsciiWhitespace(cells[1]))] = cost;
  }
  return out;
}

// What the first table of §7.5 says.
Cost ExpectedCost(const Manifest& manifest) {
  Cost out{.by_base = 1, .by_credential_base = 1, .additions = 1};  // the credential
  for (const Contest& contest : manifest.contests) {
    const ContestPlan plan(contest);
    for (size_t i = 0; i < plan.proofs().size(); ++i) {
      const size_t b = plan.proofs()[i].claim->branches();
      if (i < plan.cells()) {
        out = out + Cost{2 * b, b + 1, 0, b + (plan.Maximum(i) < 16 ? 0 : 1)};
      } else {
        out = out + Cost{2 * b - 1, b, 0, b - 1};
      }
    }
  }
  return out;
}

class SealingCostTest : public ::testing::Test {
 protected:
  SealingCostTest() : rng_(8), credential_(crypto::Credential::Generate(rng_)) {
    voting_.poll_context = rng_.Array<32>();
    voting_.election_key = crypto::MulBase(crypto::SecretScalar::Random(rng_));
    election_key = voting_.election_key;
  }

  static Manifest Of(std::vector<Contest> contests) {
    Manifest out;
    out.styles = {{1, {}}};
    for (Contest& contest : contests) {
      contest.number = static_cast<uint16_t>(out.styles[0].contests.size() + 1);
      out.styles[0].contests.push_back(contest.number);
    }
    out.contests = std::move(contests);
    return out;
  }

  template <typename F>
  static Cost CostOf(F&& f) {
    counted = {};
    by_another_point = 0;
    f();
    EXPECT_EQ(by_another_point, 0u);
    return counted;
  }
  Cost CostOfBallot(const Manifest& manifest, const Selections& selections) {
    return CostOf([&] {
      EXPECT_EQ(MakeBallot(manifest, voting_, 1, selections, 1, credential_, rng_).status(),
                absl::OkStatus());
    });
  }

  crypto::SeededRng rng_;
  crypto::Credential credential_;
  VotingContext voting_;
};

TEST_F(SealingCostTest, IsWhatTheDocumentSays) {
  const auto one_of = [](size_t options) {
    return testing::PlainContest(Rule::kOneOfN, options, 1, 1, 1);
  };
  const std::map<std::string, std::pair<size_t, size_t>> shapes = {
      {"1 of 3", {1, 3}},
      {"1 of 5", {1, 5}},
      {"10 times 1 of 4", {10, 4}},
      {"1 of 100", {1, 100}},
  };
  const std::map<std::string, Cost> table = TableOfTheDocument();
  ASSERT_EQ(table.size(), shapes.size());
  for (const auto& [name, shape] : shapes) {
    const auto& [contests, options] = shape;
    ASSERT_TRUE(table.contains(name)) << name;
    const Manifest manifest = Of(std::vector<Contest>(contests, one_of(options)));
    Selections selections(contests, std::vector<uint32_t>(options, 0));
    for (size_t i = 0; i < contests; ++i) selections[i][i % options] = 1;
    EXPECT_EQ(CostOfBallot(manifest, selections), table.at(name)) << name;
    EXPECT_EQ(ExpectedCost(manifest), table.at(name)) << name;
  }
}

TEST_F(SealingCostTest, IsTheSameForEveryVote) {
  const Manifest manifest = Of({testing::BudgetContest(), testing::ListContest(),
                                testing::PlainContest(Rule::kScore, 2, 20, 1, 25),
                                testing::PlainContest(Rule::kScore, 2, 7, 2, 6)});
  // The table of multiples, up to 20·G.
  const Cost table = CostOf([] { crypto::SmallMultiples(20); });
  EXPECT_EQ(table, Cost{.additions = 15});
  for (const Selections& selections :
       {Selections{{0, 0, 0}, {0, 0, 0, 0, 0, 0, 1}, {1, 0}, {2, 0}},
        Selections{{1, 1, 0}, {2, 0, 0, 0, 1, 0, 0}, {20, 5}, {0, 6}},
        Selections{{0, 1, 1}, {0, 0, 1, 1, 0, 1, 0}, {7, 16}, {3, 1}}}) {
    EXPECT_EQ(CostOfBallot(manifest, selections), ExpectedCost(manifest) + table);
  }
}

TEST_F(SealingCostTest, TheTableOfMultiplesIsMadeByAdditionsAlone) {
  const std::map<uint64_t, size_t> additions = {{1, 0}, {2, 1}, {15, 14}, {16, 15}, {100, 20}};
  for (const auto& [maximum, expected] : additions) {
    EXPECT_EQ(CostOf([&maximum] { crypto::SmallMultiples{maximum}; }), Cost{.additions = expected})
        << maximum;
  }
}

TEST_F(SealingCostTest, ResponsesCostNone) {
  const Manifest manifest = Of({testing::BudgetContest()});
  SealedBallot sealed =
      SealedBallot::Seal(manifest, voting_, 1, {{1, 0, 0}}, 1, credential_, rng_).value();
  EXPECT_EQ(CostOf([&] { EXPECT_EQ(std::move(sealed).Cast().sequence, 1u); }), Cost{});
}

}  // namespace
}  // namespace urna::election
