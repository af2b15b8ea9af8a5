#include "tally/roll_report.h"

#include <algorithm>
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

bool HasNumber(const std::vector<roll::NumberedName>& names, uint16_t number) {
  return std::any_of(names.begin(), names.end(),
                     [number](const roll::NumberedName& name) { return name.number == number; });
}

// [{"number", "entitled"}, …] for each of `names`; `what` is one of them. `more(element, number)`
// reads what else an element has.
template <typename More>
absl::StatusOr<std::map<uint16_t, uint64_t>> ReadFigures(
    const SpecValue& value, const std::vector<roll::NumberedName>& names, absl::string_view what,
    const More& more) {
  std::map<uint16_t, uint64_t> out;
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> list, value.List());
  for (const SpecValue& element : list) {
    URNA_ASSIGN_OR_RETURN(const SpecValue number_field, element.Field("number"));
    URNA_ASSIGN_OR_RETURN(const uint16_t number, number_field.NumberAs<uint16_t>());
    URNA_ASSIGN_OR_RETURN(const SpecValue entitled_field, element.Field("entitled"));
    URNA_ASSIGN_OR_RETURN(const uint64_t entitled, entitled_field.Number(0, kMostPeople));
    URNA_RETURN_IF_ERROR(more(element, number));
    if (!HasNumber(names, number)) {
      return number_field.Error(absl::StrCat("the roll has no ", what, " ", number));
    }
    if (!out.emplace(number, entitled).second) {
      return number_field.Error(absl::StrCat(what, " ", number, " stands twice"));
    }
  }
  for (const roll::NumberedName& name : names) {
    if (out.contains(name.number)) continue;
    return value.Error(absl::StrCat(what, " ", name.number, " of the roll is missing"));
  }
  return out;
}

absl::StatusOr<CensusFigures> ReadCensus(const Json& json, const roll::RollHeader& roll) {
  const SpecValue root(json);
  URNA_RETURN_IF_ERROR(root.OnlyFields({"source", "districts"}));
  CensusFigures census;
  URNA_ASSIGN_OR_RETURN(const SpecValue source, root.Field("source"));
  URNA_ASSIGN_OR_RETURN(census.source, source.Text());
  if (census.source.empty()) return source.Error("it says where the figures are from");
  URNA_ASSIGN_OR_RETURN(const SpecValue districts, root.Field("districts"));
  const auto categories = [&](const SpecValue& element, uint16_t district) -> absl::Status {
    URNA_RETURN_IF_ERROR(element.OnlyFields({"number", "entitled", "categories"}));
    if (!element.Has("categories")) return absl::OkStatus();
    URNA_ASSIGN_OR_RETURN(const SpecValue value, element.Field("categories"));
    URNA_ASSIGN_OR_RETURN(
        census.districts[district].categories,
        ReadFigures(value, roll.categories, "category", [](const SpecValue& one, uint16_t) {
          return one.OnlyFields({"number", "entitled"});
        }));
    return absl::OkStatus();
  };
  URNA_ASSIGN_OR_RETURN(const auto entitled,
                        ReadFigures(districts, roll.districts, "district", categories));
  for (const auto& [district, people] : entitled) census.districts[district].entitled = people;
  return census;
}

// The most members that do not stand out.
uint64_t MostOf(uint64_t entitled, uint16_t tolerance) {
  return entitled + entitled * tolerance / 10'000;
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

std::string LineOf(const RollReport::Row& row, absl::string_view what) {
  return Line(
      row.members, row.entitled,
      absl::StrCat(what, row.number, " ", row.name, row.above() ? "  MORE THAN PEOPLE" : ""));
}

// Null where nobody is entitled: JSON has no infinity.
void AddShare(Json& object, uint64_t of, uint64_t all) {
  const uint64_t value = ShareOf(of, all);
  object["share_percent"] = value == UINT64_MAX ? Json() : Json(static_cast<double>(value) / 100);
}

Json RowJson(const RollReport::Row& row) {
  Json out{{"number", row.number},
           {"name", row.name},
           {"members", row.members},
           {"entitled", row.entitled},
           {"above", row.above()}};
  AddShare(out, row.members, row.entitled);
  if (!row.categories.empty()) {
    out["categories"] = Json::array();
    for (const RollReport::Row& category : row.categories) {
      out["categories"].push_back(RowJson(category));
    }
  }
  return out;
}

// Of a district in an epoch, in the order of the table.
std::vector<std::pair<const char*, uint64_t>> Columns(const DistrictChanges& changes) {
  return {{"members", changes.members},     {"added", changes.added},
          {"removed", changes.removed},     {"moved_in", changes.moved_in},
          {"moved_out", changes.moved_out}, {"regraded", changes.regraded},
          {"rekeyed", changes.rekeyed},     {"replaced", changes.replaced}};
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

PlaceCounts CountPlaces(const roll::RollState& roll) {
  PlaceCounts out;
  const auto add = [&out](const roll::RollState::Member& member) {
    const roll::RollState::Entitlement& e = member.entitlement;
    ++out.districts[e.district];
    ++out.categories[e.category];
    ++out.both[{e.district, e.category}];
  };
  for (uint64_t i = 0; i < roll.numbered(); ++i) add(roll.Numbered(i));
  for (const roll::RollState::Member& member : roll.Strays()) add(member);
  return out;
}

RollReport MakeRollReport(const roll::RollState& roll, const std::vector<EpochChanges>& changes,
                          const CensusFigures& census, uint16_t tolerance,
                          absl::string_view language) {
  PlaceCounts counts = CountPlaces(roll);
  RollReport report;
  report.changes = changes;
  report.roll_id = roll.roll_id();
  report.origin = roll.header().origin;
  report.source = census.source;
  for (const roll::NumberedName& district : roll.header().districts) {
    RollReport::Row row;
    row.number = district.number;
    row.name = Printable(PickText(district.name, language));
    row.members = counts.districts[district.number];
    const CensusFigures::District& figures = census.districts.at(district.number);
    row.entitled = figures.entitled;
    row.most = MostOf(row.entitled, tolerance);
    for (const roll::NumberedName& category : roll.header().categories) {
      const auto entitled = figures.categories.find(category.number);
      if (entitled == figures.categories.end()) continue;
      row.categories.push_back({category.number,
                                Printable(PickText(category.name, language)),
                                counts.both[{district.number, category.number}],
                                entitled->second,
                                MostOf(entitled->second, tolerance),
                                {}});
    }
    report.members += row.members;
    report.entitled += row.entitled;
    report.rows.push_back(std::move(row));
  }
  return report;
}

std::vector<RollReport::Row> RollReport::Above() const {
  std::vector<Row> out;
  for (const Row& row : rows) {
    if (row.above()) out.push_back(row);
    for (const Row& category : row.categories) {
      if (!category.above()) continue;
      out.push_back(category);
      out.back().name = absl::StrCat(category.name, " of district ", row.number, " ", row.name);
    }
  }
  return out;
}

std::string RollReport::ToText() const {
  std::string out =
      absl::StrCat("Roll ", origin, " (", ToHex(roll_id), ")\nbeside ", Printable(source), "\n\n");
  absl::StrAppend(&out, absl::StrFormat("%12s %12s %12s  district\n", "members", "entitled", ""));
  for (const Row& row : rows) {
    absl::StrAppend(&out, LineOf(row, ""));
    for (const Row& category : row.categories) {
      absl::StrAppend(&out, LineOf(category, "  category "));
    }
  }
  absl::StrAppend(&out, Line(members, entitled, "all"));
  if (changes.size() < 2) return out;
  absl::StrAppend(&out, "\nepoch district");
  for (const auto& [name, unused] : Columns({})) absl::StrAppendFormat(&out, " %10s", name);
  absl::StrAppend(&out, "\n");
  for (size_t epoch = 0; epoch < changes.size(); ++epoch) {
    for (const auto& [district, of] : changes[epoch]) {
      absl::StrAppendFormat(&out, "%5d %8d", epoch + 1, district);
      for (const auto& [unused, count] : Columns(of)) absl::StrAppendFormat(&out, " %10d", count);
      absl::StrAppend(&out, "\n");
    }
  }
  return out;
}

Json RollReport::ToJson() const {
  Json out;
  out["roll"] = ToHex(roll_id);
  out["origin"] = origin;
  out["source"] = source;
  out["districts"] = Json::array();
  for (const Row& row : rows) out["districts"].push_back(RowJson(row));
  out["members"] = members;
  out["entitled"] = entitled;
  AddShare(out, members, entitled);
  out["epochs"] = Json::array();
  for (size_t epoch = 0; epoch < changes.size(); ++epoch) {
    Json districts = Json::array();
    for (const auto& [district, of] : changes[epoch]) {
      Json element{{"district", district}};
      for (const auto& [name, count] : Columns(of)) element[name] = count;
      districts.push_back(std::move(element));
    }
    out["epochs"].push_back({{"epoch", epoch + 1}, {"districts", std::move(districts)}});
  }
  return out;
}

}  // namespace urna::tally
