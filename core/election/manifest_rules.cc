#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/signature.h"
#include "core/election/manifest.h"
#include "core/poll/order_chain.h"

namespace urna::election {
namespace {

constexpr uint64_t kMaxBallotSize = 65535;  // of an entry
constexpr uint64_t kMaxSumParts = 60000;    // bytes of all parts in an order *sum*
constexpr uint32_t kMaxSumWidth = 255;
constexpr uint16_t kMaxScore = 100;
constexpr size_t kMaxTrustees = 32;

absl::Status Wrong(const std::string& sentence) { return absl::InvalidArgumentError(sentence); }

// Valid texts in exactly the languages of the manifest's title.
absl::Status CheckText(const LocalizedTexts& title, const LocalizedTexts& texts) {
  URNA_RETURN_IF_ERROR(CheckTexts(texts));
  return poll::CheckSameLanguages(title, texts, "the text");
}

std::string NameOf(const Contest& contest) {
  return absl::StrCat("contest ", contest.number, " '", PickText(contest.title, "en"), "'");
}

absl::Status CheckOptions(const Manifest& manifest, const Contest& contest) {
  if (contest.options.empty()) return Wrong("no options");
  std::set<std::string> ids;
  for (size_t i = 0; i < contest.options.size(); ++i) {
    const Option& option = contest.options[i];
    const std::string where = absl::StrCat("option ", i + 1, " '", option.id, "'");
    if (option.id.empty() || option.id.size() > 63) {
      return Wrong(
          absl::StrCat(where, ": the id has ", option.id.size(), " bytes where 1 to 63 belong"));
    }
    URNA_RETURN_IF_ERROR(Annotate(CheckUtf8(option.id), absl::StrCat(where, ": id")));
    if (!ids.insert(option.id).second) {
      return Wrong(absl::StrCat(where, ": the id stands twice"));
    }
    URNA_RETURN_IF_ERROR(Annotate(CheckText(manifest.title, option.name), where));
  }
  return absl::OkStatus();
}

absl::Status CheckRule(const Contest& contest) {
  const uint64_t options = contest.options.size();
  switch (contest.rule) {
    case Rule::kOneOfN:
      if (contest.option_max != 1 || contest.sum_max != 1 || contest.sum_min > 1) {
        return Wrong("one-of-n has option_max 1, sum_max 1 and sum_min 0 or 1");
      }
      break;
    case Rule::kKOfN:
      if (contest.option_max != 1) return Wrong("k-of-n has option_max 1");
      break;
    case Rule::kScore:
      if (contest.option_max < 1 || contest.option_max > kMaxScore) {
        return Wrong(absl::StrCat("option_max ", contest.option_max, " is not in 1..", kMaxScore));
      }
      break;
    default:
      return Wrong(absl::StrCat("rule ", static_cast<int>(contest.rule), " is unknown"));
  }
  if (contest.sum_max < 1) return Wrong("sum_max is 0");
  if (contest.sum_min > contest.sum_max) {
    return Wrong(absl::StrCat("sum_min ", contest.sum_min, " is above sum_max ", contest.sum_max));
  }
  if (contest.sum_max > options * contest.option_max) {
    return Wrong(
        absl::StrCat("sum_max ", contest.sum_max, " is above ", contest.option_max, "·", options));
  }
  if (contest.sum_max - contest.sum_min > kMaxSumWidth) {
    return Wrong(absl::StrCat("sum_max - sum_min is ", contest.sum_max - contest.sum_min,
                              ", above ", kMaxSumWidth));
  }
  return absl::OkStatus();
}

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
    const std::string where = NameOf(contest);
    URNA_RETURN_IF_ERROR(
        Annotate(CheckText(manifest.title, contest.title), absl::StrCat(where, ": title")));
    URNA_RETURN_IF_ERROR(Annotate(CheckOptions(manifest, contest), where));
    URNA_RETURN_IF_ERROR(Annotate(CheckRule(contest), where));
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

absl::Status CheckDistricts(const Manifest& manifest) {
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
  uint64_t parts = 12 * manifest.contests.size();
  for (const Style& style : manifest.styles) {
    const uint64_t districts = districts_of_style[style.number];
    if (districts == 0) return Wrong(absl::StrCat("style ", style.number, ": in no district"));
    parts += 2 * districts * style.contests.size();
  }
  if (parts > kMaxSumParts) {
    return Wrong(absl::StrCat("the parts of the count would take ", parts,
                              " bytes in the order sum, above ", kMaxSumParts));
  }
  return absl::OkStatus();
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
  URNA_RETURN_IF_ERROR(CheckContests(manifest));
  URNA_RETURN_IF_ERROR(CheckStyles(manifest));
  return CheckDistricts(manifest);
}

}  // namespace urna::election
