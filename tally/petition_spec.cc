#include "tally/petition_spec.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "core/audit/result_json.h"
#include "core/base/status.h"

namespace urna::tally {
namespace {

constexpr uint64_t kWhole = 10'000;  // a percentage is in ten-thousandths

// A text as "14 days" or "6 months": a number, and whether it is of months.
struct Span {
  uint64_t number = 0;
  bool months = false;
};
absl::StatusOr<Span> ReadSpan(const SpecValue& value) {
  URNA_ASSIGN_OR_RETURN(const std::string text, value.Text());
  const std::vector<absl::string_view> words = absl::StrSplit(text, ' ');
  Span out;
  if (words.size() == 2 && absl::SimpleAtoi(words[0], &out.number) && out.number >= 1 &&
      out.number <= 10'000) {
    out.months = words[1] == "months" || words[1] == "month";
    if (out.months || words[1] == "days" || words[1] == "day") return out;
  }
  return value.Error("a time as \"14 days\" or \"6 months\" belongs here");
}

// Seconds, or a text as "14 days".
absl::StatusOr<uint32_t> ReadSeconds(const SpecValue& value) {
  if (const absl::StatusOr<uint32_t> number = value.NumberAs<uint32_t>(); number.ok()) {
    return *number;
  }
  URNA_ASSIGN_OR_RETURN(const Span span, ReadSpan(value));
  if (span.months) return value.Error("months are not all as long: say days, or seconds");
  return static_cast<uint32_t>(span.number * 86'400);
}

uint64_t After(uint64_t opens, const Span& span) {
  if (!span.months) return opens + span.number * 86'400;
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::CivilSecond from =
      absl::ToCivilSecond(absl::FromUnixSeconds(static_cast<int64_t>(opens)), utc);
  // A day that the month does not have is one of the next.
  const absl::CivilSecond to(from.year(), from.month() + static_cast<int64_t>(span.number),
                             from.day(), from.hour(), from.minute(), from.second());
  return static_cast<uint64_t>(absl::ToUnixSeconds(absl::FromCivil(to, utc)));
}

// How many may sign in a district, or in all of the petition.
class Entitled {
 public:
  Entitled(const std::optional<RollCount>& roll, const petition::Manifest& manifest)
      : roll_(roll), manifest_(manifest) {}

  bool known() const { return roll_.has_value(); }
  uint64_t InDistrict(uint16_t district) const {
    uint64_t out = 0;
    const petition::AnonymousRules rules = manifest_.anonymous.value_or(petition::AnonymousRules());
    for (const auto& [place, members] : *roll_) {
      const auto has = [&, category = place.second](const std::vector<uint16_t>& categories) {
        return std::ranges::binary_search(categories, category);
      };
      const bool all = !manifest_.anonymous.has_value();
      if (place.first == district &&
          (all || has(rules.categories) || has(rules.paper_categories))) {
        out += members;
      }
    }
    return out;
  }
  uint64_t InAll() const {
    uint64_t out = 0;
    for (const roll::NumberedName& district : manifest_.districts) {
      out += InDistrict(district.number);
    }
    return out;
  }

 private:
  const std::optional<RollCount>& roll_;
  const petition::Manifest& manifest_;
};

// A number, a percentage of `people`, or {"percent", "at_least"}: the larger of the two.
template <typename People>
absl::StatusOr<uint64_t> ReadCount(const SpecValue& value, const Entitled& entitled,
                                   People people) {
  if (value.IsObject()) {
    URNA_RETURN_IF_ERROR(value.OnlyFields({"percent", "at_least"}));
    URNA_ASSIGN_OR_RETURN(const SpecValue percent, value.Field("percent"));
    URNA_ASSIGN_OR_RETURN(const uint64_t part, ReadCount(percent, entitled, people));
    URNA_ASSIGN_OR_RETURN(const SpecValue at_least, value.Field("at_least"));
    URNA_ASSIGN_OR_RETURN(const uint64_t least, at_least.Number(1, UINT64_MAX));
    return std::max(part, least);
  }
  const absl::StatusOr<uint64_t> number = value.Number(1, UINT64_MAX);
  if (number.ok() || !value.Text().ok()) return number;
  URNA_ASSIGN_OR_RETURN(const uint16_t percent, value.Percent());
  if (!entitled.known()) {
    return value.Error("a percentage is of a sealed roll: name it (--roll, or --roll-record)");
  }
  const uint64_t of = people();
  const uint64_t out = (of * percent + kWhole - 1) / kWhole;
  if (out == 0) return value.Error("nobody on the roll may sign, or the percentage is 0");
  return out;
}

absl::StatusOr<std::vector<uint16_t>> ReadNumbers(const SpecValue& spec, const char* name) {
  URNA_ASSIGN_OR_RETURN(const SpecValue field, spec.Field(name));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> list, field.List());
  std::vector<uint16_t> out;
  for (const SpecValue& one : list) {
    URNA_ASSIGN_OR_RETURN(const uint16_t number, one.NumberAs<uint16_t>());
    out.push_back(number);
  }
  return out;
}

absl::Status ReadLife(const SpecValue& spec, petition::AnonymousRules& out) {
  if (spec.Has("profile")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue profile, spec.Field("profile"));
    URNA_ASSIGN_OR_RETURN(out.profile, profile.Text());
  }
  if (spec.Has("initiators")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue initiators, spec.Field("initiators"));
    URNA_ASSIGN_OR_RETURN(out.initiators, initiators.NumberAs<uint8_t>());
  }
  if (spec.Has("invitation")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue invitation, spec.Field("invitation"));
    URNA_ASSIGN_OR_RETURN(out.invitation, ReadSeconds(invitation));
  }
  if (spec.Has("review")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue review, spec.Field("review"));
    URNA_ASSIGN_OR_RETURN(out.review, review.Flag());
  }
  return absl::OkStatus();
}

absl::Status ReadMinimums(const SpecValue& spec, const Entitled& entitled,
                          petition::AnonymousRules& out) {
  if (spec.Has("minimums")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue minimums, spec.Field("minimums"));
    URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> list, minimums.List());
    for (const SpecValue& one : list) {
      URNA_RETURN_IF_ERROR(one.OnlyFields({"after", "at_least"}));
      petition::Minimum minimum;
      URNA_ASSIGN_OR_RETURN(const SpecValue after, one.Field("after"));
      URNA_ASSIGN_OR_RETURN(minimum.after, ReadSeconds(after));
      URNA_ASSIGN_OR_RETURN(const SpecValue at_least, one.Field("at_least"));
      URNA_ASSIGN_OR_RETURN(minimum.at_least,
                            ReadCount(at_least, entitled, [&] { return entitled.InAll(); }));
      out.minimums.push_back(minimum);
    }
  }
  if (spec.Has("districts_needed")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue needed, spec.Field("districts_needed"));
    URNA_ASSIGN_OR_RETURN(out.districts_needed, needed.NumberAs<uint16_t>());
  }
  return absl::OkStatus();
}

absl::StatusOr<petition::AnonymousRules> ReadAnonymous(const SpecValue& spec) {
  URNA_RETURN_IF_ERROR(
      spec.OnlyFields({"ring_size", "fewest", "beacon", "profile", "categories", "paper_categories",
                       "initiators", "invitation", "review", "minimums", "districts_needed"}));
  petition::AnonymousRules out;
  if (spec.Has("ring_size")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue ring_size, spec.Field("ring_size"));
    URNA_ASSIGN_OR_RETURN(out.ring_size, ring_size.NumberAs<uint16_t>());
  }
  URNA_ASSIGN_OR_RETURN(const SpecValue fewest, spec.Field("fewest"));
  URNA_ASSIGN_OR_RETURN(out.fewest, fewest.NumberAs<uint16_t>());
  URNA_ASSIGN_OR_RETURN(const SpecValue beacon, spec.Field("beacon"));
  URNA_ASSIGN_OR_RETURN(out.beacon_source, beacon.Text());
  URNA_ASSIGN_OR_RETURN(out.categories, ReadNumbers(spec, "categories"));
  if (spec.Has("paper_categories")) {
    URNA_ASSIGN_OR_RETURN(out.paper_categories, ReadNumbers(spec, "paper_categories"));
  }
  URNA_RETURN_IF_ERROR(ReadLife(spec, out));
  return out;
}

// [{"number", "name", "minimum"}, …]
absl::Status ReadDistricts(const SpecValue& spec, std::vector<SpecValue>& list,
                           petition::Manifest& out) {
  URNA_ASSIGN_OR_RETURN(const SpecValue districts, spec.Field("districts"));
  URNA_ASSIGN_OR_RETURN(list, districts.List());
  for (const SpecValue& one : list) {
    URNA_RETURN_IF_ERROR(one.OnlyFields({"number", "name", "minimum"}));
    roll::NumberedName district;
    URNA_ASSIGN_OR_RETURN(const SpecValue number, one.Field("number"));
    URNA_ASSIGN_OR_RETURN(district.number, number.NumberAs<uint16_t>());
    URNA_ASSIGN_OR_RETURN(const SpecValue name, one.Field("name"));
    URNA_ASSIGN_OR_RETURN(district.name, name.Texts());
    out.districts.push_back(std::move(district));
  }
  return absl::OkStatus();
}

}  // namespace

RollCount CountRoll(const roll::RollState& roll) {
  RollCount out;
  const auto take = [&](const roll::RollState::Member& member) {
    ++out[{member.entitlement.district, member.entitlement.category}];
  };
  for (uint64_t i = 0; i < roll.numbered(); ++i) take(roll.Numbered(i));
  for (const roll::RollState::Member& member : roll.Strays()) take(member);
  return out;
}

absl::StatusOr<Json> ApplyProfile(const Json& spec, const Json& profile) {
  const SpecValue rules(profile, "profile");
  URNA_RETURN_IF_ERROR(
      rules.OnlyFields({"kind", "name", "source", "who", "collects", "thresholds", "initiators",
                        "invitation", "review", "minimums", "districts", "districts_needed"}));
  URNA_ASSIGN_OR_RETURN(const SpecValue kind, rules.Field("kind"));
  if (kind.Text().value_or("") != "petition profile") {
    return kind.Error("this is no 'petition profile'");
  }
  for (const char* text : {"name", "source", "who"}) {
    URNA_ASSIGN_OR_RETURN(const SpecValue field, rules.Field(text));
    URNA_RETURN_IF_ERROR(field.Text().status());
  }
  Json out = spec;
  if (!out.is_object()) return SpecValue(spec).Error("an object belongs here");
  if (!out.contains("anonymous")) {
    return SpecValue(spec).Error(
        "a profile is of an anonymous petition: the field 'anonymous' is missing");
  }
  for (const char* field : {"thresholds", "districts"}) {
    if (!out.contains(field) && profile.contains(field)) out[field] = profile[field];
  }
  for (const char* field : {"initiators", "invitation", "review", "minimums", "districts_needed"}) {
    if (!out["anonymous"].contains(field) && profile.contains(field)) {
      out["anonymous"][field] = profile[field];
    }
  }
  if (!out["anonymous"].contains("profile")) out["anonymous"]["profile"] = profile["name"];
  if (!profile.contains("collects")) return out;
  URNA_ASSIGN_OR_RETURN(const SpecValue collects, rules.Field("collects"));
  URNA_ASSIGN_OR_RETURN(const Span span, ReadSpan(collects));
  if (out.contains("schedule") && out["schedule"].is_object() &&
      !out["schedule"].contains("closes") && out["schedule"].contains("opens")) {
    URNA_ASSIGN_OR_RETURN(const uint64_t opens,
                          SpecValue(out["schedule"]["opens"], "$.schedule.opens").Time());
    out["schedule"]["closes"] = After(opens, span);
  }
  return out;
}

absl::Status ReadPetitionRules(const SpecValue& spec, const std::optional<RollCount>& roll,
                               petition::Manifest& out) {
  std::vector<SpecValue> districts;
  URNA_RETURN_IF_ERROR(ReadDistricts(spec, districts, out));
  std::optional<SpecValue> anonymous;
  if (spec.Has("anonymous")) {
    URNA_ASSIGN_OR_RETURN(anonymous, spec.Field("anonymous"));
    URNA_ASSIGN_OR_RETURN(out.anonymous, ReadAnonymous(*anonymous));
  }
  const Entitled entitled(roll, out);
  URNA_ASSIGN_OR_RETURN(const SpecValue thresholds, spec.Field("thresholds"));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> list, thresholds.List());
  for (const SpecValue& one : list) {
    URNA_ASSIGN_OR_RETURN(const uint64_t threshold,
                          ReadCount(one, entitled, [&] { return entitled.InAll(); }));
    out.thresholds.push_back(threshold);
  }
  if (anonymous.has_value()) {
    URNA_RETURN_IF_ERROR(ReadMinimums(*anonymous, entitled, *out.anonymous));
  }
  const bool needed = out.anonymous.has_value() && out.anonymous->districts_needed > 0;
  for (size_t i = 0; i < districts.size(); ++i) {
    if (!needed) {
      if (districts[i].Has("minimum")) {
        return districts[i].Error(
            "a minimum of a district is asked only with 'districts_needed' of 'anonymous'");
      }
      continue;
    }
    const uint16_t number = out.districts[i].number;
    URNA_ASSIGN_OR_RETURN(const SpecValue minimum, districts[i].Field("minimum"));
    URNA_ASSIGN_OR_RETURN(const uint64_t least, ReadCount(minimum, entitled, [&] {
                            return entitled.InDistrict(number);
                          }));
    out.anonymous->district_minimums.push_back(least);
  }
  return absl::OkStatus();
}

Json PetitionRulesToJson(const petition::Manifest& manifest) {
  Json out;
  out["districts"] = Json::array();
  for (size_t i = 0; i < manifest.districts.size(); ++i) {
    const roll::NumberedName& district = manifest.districts[i];
    Json one = {{"number", district.number}, {"name", audit::TextsJson(district.name)}};
    if (manifest.anonymous.has_value() && i < manifest.anonymous->district_minimums.size()) {
      one["minimum"] = manifest.anonymous->district_minimums[i];
    }
    out["districts"].push_back(std::move(one));
  }
  out["thresholds"] = manifest.thresholds;
  if (!manifest.anonymous.has_value()) return out;
  const petition::AnonymousRules& rules = *manifest.anonymous;
  Json minimums = Json::array();
  for (const petition::Minimum& minimum : rules.minimums) {
    minimums.push_back({{"after", minimum.after}, {"at_least", minimum.at_least}});
  }
  out["anonymous"] = {{"ring_size", rules.ring_size},
                      {"fewest", rules.fewest},
                      {"beacon", rules.beacon_source},
                      {"profile", rules.profile},
                      {"categories", rules.categories},
                      {"paper_categories", rules.paper_categories},
                      {"initiators", rules.initiators},
                      {"invitation", rules.invitation},
                      {"review", rules.review},
                      {"minimums", std::move(minimums)},
                      {"districts_needed", rules.districts_needed}};
  return out;
}

}  // namespace urna::tally
