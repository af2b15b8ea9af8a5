#include "tally/epoch_report.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "core/base/utf8.h"
#include "core/roll/rings.h"

namespace urna::tally {

EpochReport ReportEpoch(const petition::PetitionState& state,
                        std::shared_ptr<const roll::RollState> roll, const crypto::Hash32& beacon,
                        absl::string_view language) {
  const petition::RingEpochs& epochs = state.context()->anonymous->epochs;
  const roll::Rings& first = *epochs.first().rings;
  const auto rings = state.MakeLaterRings(std::move(roll), beacon);
  const std::array<std::shared_ptr<const roll::Rings>, 1> newest = {epochs.newest().rings};
  const uint64_t gone = newest[0]->CountOutside(std::array{rings});
  const uint64_t come = rings->CountOutside(newest);
  EpochReport out;
  out.json["epoch"] = rings->roll().epoch();
  out.json["rings"] = rings->size();
  out.json["smallest_crowd"] = rings->smallest_crowd();
  out.json["new_in_rings"] = come;
  out.json["no_longer_in_rings"] = gone;
  out.json["districts"] = Json::array();
  absl::StrAppend(&out.text, "Epoch ", rings->roll().epoch(), " of the roll: ", rings->size(),
                  " rings, at least ", rings->smallest_crowd(), " members in each; ", come,
                  " are new in rings beside epoch ", epochs.newest().epoch, ", and ", gone,
                  " are in none any more.\n");
  absl::StrAppendFormat(&out.text, "%10s %10s  district\n", "now",
                        absl::StrCat("epoch ", epochs.first().epoch));
  for (const roll::NumberedName& district : state.manifest().districts) {
    const uint64_t members = rings->MembersIn(district.number);
    const uint64_t then = first.MembersIn(district.number);
    const bool few = members * 10 < then * 9;
    out.json["districts"].push_back({{"district", district.number},
                                     {"members", members},
                                     {"first_members", then},
                                     {"few", few}});
    absl::StrAppendFormat(
        &out.text, "%10d %10d  %s%s\n", members, then, Printable(PickText(district.name, language)),
        few ? "  (less than nine tenths: people are asked before they sign)" : "");
  }
  return out;
}

}  // namespace urna::tally
