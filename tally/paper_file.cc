#include "tally/paper_file.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"
#include "tally/spec_reader.h"

namespace urna::tally {
namespace {

constexpr absl::string_view kHeader = "district,accepted,rejected";

absl::StatusOr<std::vector<PaperLine>> ParseList(absl::string_view text, absl::string_view name) {
  URNA_ASSIGN_OR_RETURN(const Json json, ParseJson(text, name));
  const SpecValue file(json, std::string(name));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> list, file.List());
  std::vector<PaperLine> out;
  for (const SpecValue& one : list) {
    URNA_RETURN_IF_ERROR(one.OnlyFields({"district", "accepted", "rejected"}));
    PaperLine line;
    line.line = out.size() + 1;
    URNA_ASSIGN_OR_RETURN(const SpecValue district, one.Field("district"));
    URNA_ASSIGN_OR_RETURN(line.count.district, district.NumberAs<uint16_t>());
    URNA_ASSIGN_OR_RETURN(const SpecValue accepted, one.Field("accepted"));
    URNA_ASSIGN_OR_RETURN(line.count.accepted, accepted.NumberAs<uint32_t>());
    URNA_ASSIGN_OR_RETURN(const SpecValue rejected, one.Field("rejected"));
    URNA_ASSIGN_OR_RETURN(line.count.rejected, rejected.NumberAs<uint32_t>());
    out.push_back(line);
  }
  return out;
}

bool ParseCounts(absl::string_view line, poll::PaperCount& out) {
  const std::vector<absl::string_view> cells = absl::StrSplit(line, ',');
  uint32_t district = 0;
  if (cells.size() != 3 || !absl::SimpleAtoi(cells[0], &district) || district > UINT16_MAX ||
      !absl::SimpleAtoi(cells[1], &out.accepted) || !absl::SimpleAtoi(cells[2], &out.rejected)) {
    return false;
  }
  out.district = static_cast<uint16_t>(district);
  return true;
}

absl::StatusOr<std::vector<PaperLine>> ParseCsv(absl::string_view text, absl::string_view name) {
  std::vector<PaperLine> out;
  bool header = false;
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || absl::StartsWith(line, "#")) continue;
    if (!header) {
      if (line != kHeader) {
        return absl::InvalidArgumentError(
            absl::StrCat(name, " line ", number, ": '", kHeader, "' belongs here"));
      }
      header = true;
      continue;
    }
    PaperLine one{number, {}};
    if (!ParseCounts(line, one.count)) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, " line ", number, ": three numbers belong here, as 12,340,7 for district 12"));
    }
    out.push_back(one);
  }
  return out;
}

}  // namespace

absl::StatusOr<std::vector<PaperLine>> ParsePaper(absl::string_view text, absl::string_view name) {
  const bool json = absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "[");
  absl::StatusOr<std::vector<PaperLine>> out = json ? ParseList(text, name) : ParseCsv(text, name);
  if (out.ok() && out->empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": it counts no district"));
  }
  return out;
}

PaperReport ReportPaper(const petition::PetitionState& petition,
                        const std::vector<PaperLine>& listed) {
  PaperReport out;
  std::map<uint16_t, poll::PaperCount> districts;
  for (const PaperLine& line : listed) {
    PaperReport::Line report{line, false, ""};
    const uint16_t district = line.count.district;
    const std::optional<uint64_t> members = petition.paper().MembersOf(district);
    const uint64_t together = petition.paper().Of(district) + line.count.accepted;
    if (petition.manifest().FindDistrict(district) == nullptr) {
      report.what = absl::StrCat("district ", district, " is not one of the petition's");
    } else if (!districts.emplace(district, line.count).second) {
      report.what = absl::StrCat("district ", district, " stands twice");
    } else if (members.has_value() && together > *members) {
      report.what = absl::StrCat("district ", district, " would have ", together,
                                 " signatures on paper, and the roll has ", *members,
                                 " members there who sign on paper");
    } else {
      report.good = true;
      report.what = absl::StrCat("district ", district, ": ", line.count.accepted, " accepted, ",
                                 line.count.rejected, " rejected; ", together, " in all");
      if (members.has_value()) absl::StrAppend(&report.what, " of at most ", *members);
    }
    if (!report.good) out.refused.push_back(line.line);
    out.lines.push_back(std::move(report));
  }
  for (const auto& [district, count] : districts) out.districts.push_back(count);
  return out;
}

}  // namespace urna::tally
