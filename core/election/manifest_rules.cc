#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/signature.h"
#include "core/election/contest_rules.h"
#include "core/election/manifest.h"
#include "core/poll/order_chain.h"
#include "core/roll/rings.h"

namespace urna::election {
namespace {

constexpr uint64_t kMaxBallotSize = 65535;  // of an entry
constexpr uint64_t kMaxOrderParts = 60000;  // bytes of what parts and contests take in an order
constexpr size_t kMaxTrustees = 32;

absl::Status Wrong(const std::string& sentence) { return absl::InvalidArgumentError(sentence); }

template <typename T>
absl::Status CheckAscending(const std::vector<T>& list, const char* what) {
  if (list.empty()) return Wrong(absl::StrCat("no ", what, "s"));
  for (size_t i = 1; i < list.size(); ++i) {
    if (list[i - 1].number >= list[i].number) {
      return Wrong(absl::StrCat(what, " ", list[i].number, " stands after ", what, " ",
                                list[i - 1].number, ": numbers are ascending, each once"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckContests(const Manifest& manifest) {
  URNA_RETURN_IF_ERROR(CheckAscending(manifest.contests, "contest"));
  for (const Contest& contest : manifest.contests) {
    URNA_RETURN_IF_ERROR(Annotate(CheckContest(manifest.title, contest), NameOf(contest)));
  }
  return absl::OkStatus();
}

absl::Status CheckStyles(const Manifest& manifest) {
  URNA_RETURN_IF_ERROR(CheckAscending(manifest.styles, "style"));
  std::set<uint16_t> used;
  for (const Style& style : manifest.styles) {
    const std::string where = absl::StrCat("style ", style.number);
    if (style.contests.empty()) return Wrong(absl::StrCat(where, ": no contests"));
    for (size_t i = 0; i < style.contests.size(); ++i) {
      const uint16_t number = style.contests[i];
      if (i > 0 && style.contests[i - 1] >= number) {
        return Wrong(absl::StrCat(where, ": contest ", number, " stands after contest ",
                                  style.contests[i - 1], ": numbers are ascending, each once"));
      }
      if (manifest.FindContest(number) == nullptr) {
        return Wrong(absl::StrCat(where, ": there is no contest ", number));
      }
      used.insert(number);
    }
    const uint64_t size = BallotSize(manifest, style);
    if (size > kMaxBallotSize) {
      return Wrong(
          absl::StrCat(where, ": its ballots have ", size, " bytes, above ", kMaxBallotSize));
    }
  }
  for (const Contest& contest : manifest.contests) {
    if (!used.contains(contest.number)) {
      return Wrong(absl::StrCat(NameOf(contest), ": in no style"));
    }
  }
  return absl::OkStatus();
}

// In how many districts each style is.
absl::StatusOr<std::map<uint16_t, uint64_t>> CheckDistricts(const Manifest& manifest) {
  URNA_RETURN_IF_ERROR(CheckAscending(manifest.districts, "district"));
  std::map<uint16_t, uint64_t> districts_of_style;
  for (const District& district : manifest.districts) {
    const std::string where =
        absl::StrCat("district ", district.number, " '", PickText(district.name, "en"), "'");
    URNA_RETURN_IF_ERROR(Annotate(CheckText(manifest.title, district.name), where));
    if (manifest.FindStyle(district.style) == nullptr) {
      return Wrong(absl::StrCat(where, ": there is no style ", district.style));
    }
    ++districts_of_style[district.style];
  }
  for (const Style& style : manifest.styles) {
    if (!districts_of_style.contains(style.number)) {
      return Wrong(absl::StrCat("style ", style.number, ": in no district"));
    }
  }
  return districts_of_style;
}

// The orders *sum* and *result* must fit into entries, however the ballots fall.
absl::Status CheckOrderSizes(const Manifest& manifest,
                             const std::map<uint16_t, uint64_t>& districts_of_style) {
  std::map<uint16_t, uint64_t> districts;  // of contests
  for (const Style& style : manifest.styles) {
    for (uint16_t contest : style.contests) {
      districts[contest] += districts_of_style.at(style.number);
    }
  }
  uint64_t sum = 0, result = 0;
  for (const Contest& contest : manifest.contests) {
    const uint64_t parts = contest.by_district ? districts[contest.number] : 1;
    const uint64_t cells = contest.CountedCells();
    sum += 20 * parts + 2 * districts[contest.number];
    result += parts * (4 + 8 * cells) + 8 + 4 * cells;
  }
  const auto check = [](const char* what, uint64_t size) {
    if (size <= kMaxOrderParts) return absl::OkStatus();
    return Wrong(absl::StrCat("the parts of the count would take ", size, " bytes in the order ",
                              what, ", above ", kMaxOrderParts));
  };
  URNA_RETURN_IF_ERROR(check("sum", sum));
  return check("result", result);
}

// Who may vote, in which rings, and what an anonymous election cannot have.
absl::Status CheckAnonymous(const Manifest& manifest) {
  const AnonymousRules& rules = *manifest.anonymous;
  URNA_RETURN_IF_ERROR(
      roll::CheckRingRules(rules.ring_size, rules.fewest, rules.beacon_source, kMaxBeaconSource));
  if (rules.categories.empty()) return Wrong("no category of the roll may vote");
  for (size_t i = 1; i < rules.categories.size(); ++i) {
    if (rules.categories[i - 1] >= rules.categories[i]) {
      return Wrong("categories are not ascending, each once");
    }
  }
  if (manifest.challenges == 0) return absl::OkStatus();
  return Wrong(absl::StrCat("challenges is ", manifest.challenges,
                            ", but ballots of an anonymous election cannot be challenged"));
}

}  // namespace

absl::Status CheckManifest(const Manifest& manifest) {
  URNA_RETURN_IF_ERROR(Annotate(roll::CheckOrigin(manifest.origin), "origin"));
  URNA_RETURN_IF_ERROR(Annotate(crypto::VerifyKey::Decode(manifest.log_key).status(), "log key"));
  URNA_RETURN_IF_ERROR(Annotate(CheckTexts(manifest.title), "title"));
  URNA_RETURN_IF_ERROR(Annotate(poll::CheckSchedule(manifest.schedule), "schedule"));
  URNA_RETURN_IF_ERROR(Annotate(roll::CheckNamedKey(manifest.registrar), "registrar"));
  URNA_RETURN_IF_ERROR(
      Annotate(poll::CheckOfficers({manifest.officers, manifest.officer_quorum}), "officers"));
  URNA_RETURN_IF_ERROR(poll::CheckKeysAndQuorum(manifest.trustees, manifest.trustee_threshold,
                                                "trustee", 1, kMaxTrustees));
  if (manifest.minimum_ballots < 1) return Wrong("minimum_ballots is 0");
  if (manifest.anonymous.has_value()) URNA_RETURN_IF_ERROR(CheckAnonymous(manifest));
  URNA_RETURN_IF_ERROR(CheckContests(manifest));
  URNA_RETURN_IF_ERROR(CheckStyles(manifest));
  URNA_ASSIGN_OR_RETURN(const auto districts_of_style, CheckDistricts(manifest));
  return CheckOrderSizes(manifest, districts_of_style);
}

}  // namespace urna::election
