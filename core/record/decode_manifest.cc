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
  if (rule < 1 || rule > 3) {
    in.Keep(absl::InvalidArgumentError(absl::StrCat("field 'rule' is ", rule, ", not 1 to 3")));
    return election::Rule::kOneOfN;
  }
  return static_cast<election::Rule>(rule);
}

election::Option ReadOption(FieldReader& in) {
  election::Option option;
  option.id = in.Text8(1, 63, "id");
  option.name = in.Texts("name");
  return option;
}

election::Contest ReadContest(FieldReader& in) {
  election::Contest contest;
  contest.number = in.U16("number");
  contest.title = in.Texts("title");
  contest.rule = ReadRule(in);
  contest.option_max = in.U16("option_max");
  contest.sum_min = in.U32("sum_min");
  contest.sum_max = in.U32("sum_max");
  contest.options = in.List<election::Option>(1, "options", ReadOption);
  return contest;
}

}  // namespace

absl::StatusOr<election::Manifest> DecodeElectionManifest(ByteSpan body) {
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
  manifest.districts = in.AscendingList<election::District>(1, "districts", ReadDistrict, kNumber);
  manifest.styles = in.AscendingList<election::Style>(1, "styles", ReadStyle, kNumber);
  manifest.contests = in.AscendingList<election::Contest>(1, "contests", ReadContest, kNumber);
  URNA_RETURN_IF_ERROR(in.Finish("body"));
  return manifest;
}

absl::StatusOr<petition::Manifest> DecodePetitionManifest(ByteSpan body) {
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
  URNA_RETURN_IF_ERROR(in.Finish("body"));
  return manifest;
}

}  // namespace urna::record
