#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/record/entry.h"
#include "core/record/field_reader.h"

namespace urna::record {
namespace {

// The `number` of a District, Style or Contest.
constexpr auto kNumber = [](const auto& element) { return element.number; };
constexpr auto kItself = [](const auto& element) { return element; };

poll::Schedule ReadSchedule(FieldReader& in) {
  poll::Schedule schedule;
  schedule.opens = in.U64("opens");
  schedule.closes = in.U64("closes");
  schedule.tolerance = in.U32("tolerance");
  return schedule;
}

election::District ReadDistrict(FieldReader& in) {
  election::District district;
  district.number = in.U16("number");
  district.name = in.Texts("name");
  district.style = in.U16("style");
  return district;
}

election::Style ReadStyle(FieldReader& in) {
  election::Style style;
  style.number = in.U16("number");
  style.contests = in.AscendingList<uint16_t>(
      1, "contests", [](FieldReader& inner) { return inner.U16("contest"); }, kItself);
  return style;
}

election::Rule ReadRule(FieldReader& in) {
  const uint8_t rule = in.U8("rule");
  if (rule < 1 || rule > 4) {
    in.Keep(absl::InvalidArgumentError(absl::StrCat("field 'rule' is ", rule, ", not 1 to 4")));
    return election::Rule::kOneOfN;
  }
  return static_cast<election::Rule>(rule);
}

election::Option ReadOption(FieldReader& in) {
  election::Option option;
  option.id = in.Text8(1, 63, "id");
  option.name = in.Texts("name");
  option.cost = in.U64("cost");
  option.list = in.U16("list");
  return option;
}

election::List ReadList(FieldReader& in) {
  election::List list;
  list.id = in.Text8(1, 63, "id");
  list.name = in.Texts("name");
  return list;
}

election::Limit ReadLimit(FieldReader& in) {
  election::Limit limit;
  limit.name = in.Texts("name");
  const uint8_t measure = in.U8("measure");
  if (measure < 1 || measure > 2) {
    in.Keep(
        absl::InvalidArgumentError(absl::StrCat("field 'measure' is ", measure, ", not 1 or 2")));
  }
  limit.measure = static_cast<election::Limit::Measure>(measure);
  limit.at_least = in.U64("at_least");
  limit.at_most = in.U64("at_most");
  limit.options = in.AscendingList<uint16_t>(
      1, "options", [](FieldReader& inner) { return inner.U16("option"); }, kItself);
  return limit;
}

bool ReadFlag(FieldReader& in, absl::string_view what) {
  const uint8_t flag = in.U8(what);
  if (flag > 1) {
    in.Keep(
        absl::InvalidArgumentError(absl::StrCat("field '", what, "' is ", flag, ", not 0 or 1")));
  }
  return flag == 1;
}

// The values of enumerations within are a matter of the manifest's rules.
election::ResultRule ReadResultRule(FieldReader& in) {
  const uint8_t kind = in.U8("kind of result rule");
  switch (kind) {
    case 0:
      return election::NoResultRule{};
    case 1: {
      election::MostVotes rule;
      rule.seats = in.U16("seats");
      rule.tie = static_cast<election::MostVotes::Tie>(in.U8("tie"));
      return rule;
    }
    case 2: {
      election::ListSeats rule;
      rule.seats = in.U16("seats");
      rule.method = static_cast<election::ListSeats::Method>(in.U8("method"));
      rule.threshold = in.U16("threshold");
      return rule;
    }
    case 3: {
      election::GreedyBudget rule;
      rule.budget = in.U64("budget");
      rule.reading = static_cast<election::GreedyBudget::Reading>(in.U8("reading"));
      rule.tie = static_cast<election::GreedyBudget::Tie>(in.U8("tie"));
      return rule;
    }
    case 4: {
      election::YesNo rule;
      rule.quorum = in.U16("quorum");
      rule.base = static_cast<election::YesNo::Base>(in.U8("base"));
      rule.numerator = in.U16("numerator");
      rule.denominator = in.U16("denominator");
      rule.comparison = static_cast<election::YesNo::Comparison>(in.U8("comparison"));
      return rule;
    }
    default:
      in.Keep(absl::InvalidArgumentError(
          absl::StrCat("field 'kind of result rule' is ", kind, ", not 0 to 4")));
      return election::NoResultRule{};
  }
}

election::Contest ReadContest(FieldReader& in) {
  election::Contest contest;
  contest.number = in.U16("number");
  contest.title = in.Texts("title");
  contest.rule = ReadRule(in);
  contest.option_max = in.U16("option_max");
  contest.sum_min = in.U32("sum_min");
  contest.sum_max = in.U32("sum_max");
  contest.blank = ReadFlag(in, "blank");
  contest.by_district = ReadFlag(in, "by_district");
  contest.options = in.List<election::Option>(1, "options", ReadOption);
  contest.lists = in.List<election::List>(0, "lists", ReadList);
  contest.limits = in.List<election::Limit>(0, "limits", ReadLimit);
  contest.result = ReadResultRule(in);
  return contest;
}

// The one kind that has a number.
void ReadEligibility(FieldReader& in, uint8_t anonymous) {
  const uint8_t eligibility = in.U8("eligibility");
  if (eligibility == anonymous) return;
  in.Keep(absl::InvalidArgumentError(
      absl::StrCat("field 'eligibility' is ", eligibility, ", not ", anonymous)));
}

election::AnonymousRules ReadAnonymousElection(FieldReader& in) {
  ReadEligibility(in, election::kAnonymous);
  election::AnonymousRules rules;
  rules.ring_size = in.U16("ring_size");
  rules.fewest = in.U16("fewest");
  rules.beacon_source = in.Text16(1, election::kMaxBeaconSource, "beacon_source");
  rules.categories = in.AscendingList<uint16_t>(
      1, "categories", [](FieldReader& inner) { return inner.U16("category"); }, kItself);
  return rules;
}

petition::AnonymousRules ReadAnonymous(FieldReader& in) {
  ReadEligibility(in, petition::kAnonymous);
  petition::AnonymousRules rules;
  rules.ring_size = in.U16("ring_size");
  rules.fewest = in.U16("fewest");
  rules.beacon_source = in.Text16(1, petition::kMaxBeaconSource, "beacon_source");
  rules.profile = in.Text8(0, petition::kMaxProfile, "profile");
  const auto category = [](FieldReader& inner) { return inner.U16("category"); };
  rules.categories = in.AscendingList<uint16_t>(1, "categories", category, kItself);
  rules.paper_categories = in.AscendingList<uint16_t>(0, "paper_categories", category, kItself);
  rules.initiators = in.U8("initiators");
  rules.invitation = in.U32("invitation");
  rules.review = in.Flag("review");
  rules.minimums = in.AscendingList<petition::Minimum>(
      0, "minimums",
      [](FieldReader& inner) {
        petition::Minimum minimum;
        minimum.after = inner.U32("after");
        minimum.at_least = inner.U64("at_least");
        return minimum;
      },
      [](const petition::Minimum& minimum) { return minimum.after; });
  rules.district_minimums = in.List<uint64_t>(
      0, "district_minimums", [](FieldReader& inner) { return inner.U64("district minimum"); });
  rules.districts_needed = in.U16("districts_needed");
  return rules;
}

}  // namespace

absl::StatusOr<election::Manifest> DecodeElectionManifest(ByteSpan body, uint8_t version) {
  FieldReader in(body);
  election::Manifest manifest;
  manifest.origin = in.Text8(1, 255, "origin");
  in.Array(manifest.log_key, "log_key");
  in.Array(manifest.nonce, "nonce");
  manifest.title = in.Texts("title");
  manifest.schedule = ReadSchedule(in);
  manifest.registrar = in.Key("registrar");
  manifest.officers = in.Keys(1, "officers");
  manifest.officer_quorum = in.U16("officer_quorum");
  manifest.trustees = in.Keys(1, "trustees");
  manifest.trustee_threshold = in.U16("trustee_threshold");
  manifest.minimum_ballots = in.U32("minimum_ballots");
  manifest.challenges = in.U16("challenges");
  manifest.districts = in.AscendingList<election::District>(1, "districts", ReadDistrict, kNumber);
  manifest.styles = in.AscendingList<election::Style>(1, "styles", ReadStyle, kNumber);
  manifest.contests = in.AscendingList<election::Contest>(1, "contests", ReadContest, kNumber);
  if (version == kAnonymousManifestVersion) manifest.anonymous = ReadAnonymousElection(in);
  URNA_RETURN_IF_ERROR(in.Finish("body"));
  return manifest;
}

absl::StatusOr<petition::Manifest> DecodePetitionManifest(ByteSpan body, uint8_t version) {
  FieldReader in(body);
  petition::Manifest manifest;
  manifest.origin = in.Text8(1, 255, "origin");
  in.Array(manifest.log_key, "log_key");
  in.Array(manifest.nonce, "nonce");
  manifest.title = in.Texts("title");
  manifest.text = in.Texts("text");
  manifest.schedule = ReadSchedule(in);
  manifest.registrar = in.Key("registrar");
  manifest.officers = in.Keys(1, "officers");
  manifest.officer_quorum = in.U16("officer_quorum");
  manifest.districts = in.Names(1, "districts");
  manifest.thresholds = in.AscendingList<uint64_t>(
      0, "thresholds", [](FieldReader& inner) { return inner.U64("threshold"); }, kItself);
  if (version == kAnonymousManifestVersion) manifest.anonymous = ReadAnonymous(in);
  URNA_RETURN_IF_ERROR(in.Finish("body"));
  return manifest;
}

}  // namespace urna::record
