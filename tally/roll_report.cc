#include "tally/roll_report.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/localized_text.h"
#include "core/base/status.h"
#include "tally/describe.h"
#include "tally/spec_reader.h"

namespace urna::tally {
namespace {

// Far more than people, so that no sum and no product below overflows.
constexpr uint64_t kMostPeople = uint64_t{1} << 40;

bool HasDistrict(const roll::RollHeader& roll, uint16_t number) {
  for (const roll::NumberedName& district : roll.districts) {
    if (district.number == number) return true;
  }
  return false;
}

absl::StatusOr<CensusFigures> ReadCensus(const Json& json, const roll::RollHeader& roll) {
  const SpecValue root(json);
  URNA_RETURN_IF_ERROR(root.OnlyFields({"source", "districts"}));
  CensusFigures census;
  URNA_ASSIGN_OR_RETURN(const SpecValue source, root.Field("source"));
  URNA_ASSIGN_OR_RETURN(census.source, source.Text());
  if (census.source.empty()) return source.Error("it says where the figures are from");
  URNA_ASSIGN_OR_RETURN(const SpecValue districts, root.Field("districts"));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> list, districts.List());
  for (const SpecValue& element : list) {
    URNA_RETURN_IF_ERROR(element.OnlyFields({"number", "entitled"}));
    URNA_ASSIGN_OR_RETURN(const SpecValue number_field, element.Field("number"));
    URNA_ASSIGN_OR_RETURN(const uint16_t number, number_field.NumberAs<uint16_t>());
    URNA_ASSIGN_OR_RETURN(const SpecValue entitled_field, element.Field("entitled"));
    URNA_ASSIGN_OR_RETURN(const uint64_t entitled, entitled_field.Number(0, kMostPeople));
    if (!HasDistrict(roll, number)) {
      return number_field.Error(absl::StrCat("the roll has no district ", number));
    }
    if (!census.districts.emplace(number, entitled).second) {
      return number_field.Error(absl::StrCat("district ", number, " stands twice"));
    }
  }
  for (const roll::NumberedName& district : roll.districts) {
    if (census.districts.contains(district.number)) continue;
    return districts.Error(absl::StrCat("district ", district.number, " of the roll is missing"));
  }
  return census;
}

std::string ShareText(uint64_t members, uint64_t entitled) {
  const uint64_t share = ShareOf(members, entitled);
  if (share == UINT64_MAX) return "-";
  return absl::StrFormat("%d.%02d %%", share / 100, share % 100);
}

std::string Line(uint64_t members, uint64_t entitled, absl::string_view what) {
  return absl::StrFormat("%12d %12d %12s  %s\n", members, entitled, ShareText(members, entitled),
                         what);
}

}  // namespace

uint64_t ShareOf(uint64_t members, uint64_t entitled) {
  if (entitled != 0) return members * 10'000 / entitled;
  return members == 0 ? 0 : UINT64_MAX;
}

absl::StatusOr<CensusFigures> ParseCensus(absl::string_view text, absl::string_view name,
                                          const roll::RollHeader& roll) {
  URNA_ASSIGN_OR_RETURN(const Json json, ParseJson(text, name));
  absl::StatusOr<CensusFigures> census = ReadCensus(json, roll);
  if (!census.ok()) return Annotate(census.status(), name);
  return census;
}

RollReport MakeRollReport(const roll::RollState& roll, const CensusFigures& census,
                          absl::string_view language) {
  std::map<uint16_t, uint64_t> members;
  for (const auto& [member, count] : roll.CountMembers()) members[member.district] += count;
  RollReport report;
  report.roll_id = roll.roll_id();
  report.origin = roll.header().origin;
  report.source = census.source;
  for (const roll::NumberedName& district : roll.header().districts) {
    RollReport::Row row;
    row.number = district.number;
    row.name = Printable(PickText(district.name, language));
    row.members = members[district.number];
    row.entitled = census.districts.at(district.number);
    report.members += row.members;
    report.entitled += row.entitled;
    report.rows.push_back(std::move(row));
  }
  return report;
}

std::vector<const RollReport::Row*> RollReport::Above() const {
  std::vector<const Row*> out;
  for (const Row& row : rows) {
    if (row.above()) out.push_back(&row);
  }
  return out;
}

std::string RollReport::ToText() const {
  std::string out =
      absl::StrCat("Roll ", origin, " (", ToHex(roll_id), ")\nbeside ", Printable(source), "\n\n");
  absl::StrAppend(&out, absl::StrFormat("%12s %12s %12s  district\n", "members", "entitled", ""));
  for (const Row& row : rows) {
    absl::StrAppend(&out, Line(row.members, row.entitled,
                               absl::StrCat(row.number, " ", row.name,
                                            row.above() ? "  MORE THAN PEOPLE" : "")));
  }
  absl::StrAppend(&out, Line(members, entitled, "all"));
  return out;
}

Json RollReport::ToJson() const {
  const auto share = [](Json& object, uint64_t of, uint64_t all) {
    const uint64_t value = ShareOf(of, all);
    // Null where nobody is entitled: JSON has no infinity.
    object["share_percent"] = value == UINT64_MAX ? Json() : Json(static_cast<double>(value) / 100);
  };
  Json out;
  out["roll"] = ToHex(roll_id);
  out["origin"] = origin;
  out["source"] = source;
  out["districts"] = Json::array();
  for (const Row& row : rows) {
    Json element{{"number", row.number},
                 {"name", row.name},
                 {"members", row.members},
                 {"entitled", row.entitled},
                 {"above", row.above()}};
    share(element, row.members, row.entitled);
    out["districts"].push_back(std::move(element));
  }
  out["members"] = members;
  out["entitled"] = entitled;
  share(out, members, entitled);
  return out;
}

}  // namespace urna::tally
