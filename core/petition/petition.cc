#include "core/petition/petition.h"

#include <algorithm>
#include <functional>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/poll/order_chain.h"
#include "core/roll/rings.h"
#include "core/roll/roll.h"

namespace urna::petition {
namespace {

// The encoded vector of texts without its own length: u8 ‖ language ‖ u16 ‖ text each.
size_t EncodedSize(const LocalizedTexts& texts) {
  size_t size = 0;
  for (const LocalizedText& text : texts) size += 3 + text.language.size() + text.text.size();
  return size;
}

absl::Status CheckEncodableTexts(const LocalizedTexts& texts, absl::string_view what) {
  URNA_RETURN_IF_ERROR(Annotate(CheckTexts(texts), what));
  if (EncodedSize(texts) <= UINT16_MAX) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, " takes ", EncodedSize(texts), " bytes, at most 65535 fit"));
}

absl::Status CheckDistricts(const Manifest& manifest) {
  URNA_RETURN_IF_ERROR(roll::CheckNumberedNames(manifest.districts, "district"));
  const size_t most = manifest.anonymous.has_value() ? kMaxAnonymousDistricts : kMaxDistricts;
  if (manifest.districts.size() > most) {
    return absl::InvalidArgumentError(
        absl::StrCat(manifest.districts.size(), " districts, at most ", most, " are allowed"));
  }
  for (const roll::NumberedName& district : manifest.districts) {
    URNA_RETURN_IF_ERROR(poll::CheckSameLanguages(
        manifest.title, district.name, absl::StrCat("the name of district ", district.number)));
  }
  return absl::OkStatus();
}

absl::Status CheckThresholds(const std::vector<uint64_t>& thresholds) {
  if (thresholds.size() > kMaxThresholds) {
    return absl::InvalidArgumentError(
        absl::StrCat(thresholds.size(), " thresholds, at most ", kMaxThresholds, " are allowed"));
  }
  for (size_t i = 0; i < thresholds.size(); ++i) {
    if (thresholds[i] == 0) return absl::InvalidArgumentError("a threshold is 0");
    if (i > 0 && thresholds[i - 1] >= thresholds[i]) {
      return absl::InvalidArgumentError(absl::StrCat("threshold ", thresholds[i], " stands after ",
                                                     thresholds[i - 1],
                                                     ": thresholds are ascending, each once"));
    }
  }
  return absl::OkStatus();
}

// Who signs in which way.
absl::Status CheckCategories(const AnonymousRules& rules) {
  if (rules.categories.empty()) {
    return absl::InvalidArgumentError("no category of the roll may sign online");
  }
  const auto ascending = [](const std::vector<uint16_t>& numbers) {
    return std::adjacent_find(numbers.begin(), numbers.end(), std::greater_equal<>()) ==
           numbers.end();
  };
  if (!ascending(rules.categories) || !ascending(rules.paper_categories)) {
    return absl::InvalidArgumentError("categories are not ascending, each once");
  }
  for (uint16_t category : rules.paper_categories) {
    if (std::binary_search(rules.categories.begin(), rules.categories.end(), category)) {
      return absl::InvalidArgumentError(
          absl::StrCat("category ", category,
                       " signs both online and on paper: nobody could tell who has done both"));
    }
  }
  return absl::OkStatus();
}

// What must be there, and when.
absl::Status CheckMinimums(const Manifest& manifest) {
  const AnonymousRules& rules = *manifest.anonymous;
  if (rules.minimums.size() > kMaxMinimums) {
    return absl::InvalidArgumentError(
        absl::StrCat(rules.minimums.size(), " minimums, at most ", kMaxMinimums, " are allowed"));
  }
  const uint64_t length = manifest.schedule.closes - manifest.schedule.opens;
  for (size_t i = 0; i < rules.minimums.size(); ++i) {
    const Minimum& minimum = rules.minimums[i];
    if (minimum.after == 0 || minimum.at_least == 0) {
      return absl::InvalidArgumentError("a minimum asks for 0 signatures, or for some after 0 s");
    }
    if (i > 0 && rules.minimums[i - 1].after >= minimum.after) {
      return absl::InvalidArgumentError("minimums are not ascending by time, each once");
    }
    if (minimum.after > length) {
      return absl::InvalidArgumentError(absl::StrCat("a minimum ", minimum.after,
                                                     " s after the opening, but signatures are ",
                                                     "collected for ", length, " s"));
    }
  }
  const std::vector<uint64_t>& of_districts = rules.district_minimums;
  if (of_districts.size() != (rules.districts_needed == 0 ? 0 : manifest.districts.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat(of_districts.size(), " minimums of districts, and ", rules.districts_needed,
                     " of ", manifest.districts.size(), " districts needed"));
  }
  if (rules.districts_needed > manifest.districts.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(rules.districts_needed, " districts needed of ", manifest.districts.size()));
  }
  if (std::find(of_districts.begin(), of_districts.end(), 0) != of_districts.end()) {
    return absl::InvalidArgumentError("the minimum of a district is 0");
  }
  return absl::OkStatus();
}

absl::Status CheckAnonymous(const Manifest& manifest) {
  const AnonymousRules& rules = *manifest.anonymous;
  URNA_RETURN_IF_ERROR(
      roll::CheckRingRules(rules.ring_size, rules.fewest, rules.beacon_source, kMaxBeaconSource));
  if (rules.profile.size() > kMaxProfile) {
    return absl::InvalidArgumentError(absl::StrCat("the profile's name has ", rules.profile.size(),
                                                   " bytes, at most ", kMaxProfile));
  }
  URNA_RETURN_IF_ERROR(CheckCategories(rules));
  if ((rules.initiators == 0) != (rules.invitation == 0)) {
    return absl::InvalidArgumentError(
        "invitations last for at least a second if initiators must confirm, and else 0 seconds");
  }
  return CheckMinimums(manifest);
}

}  // namespace

const roll::NumberedName* Manifest::FindDistrict(uint16_t number) const {
  const auto at =
      std::lower_bound(districts.begin(), districts.end(), number,
                       [](const roll::NumberedName& name, uint16_t n) { return name.number < n; });
  return at != districts.end() && at->number == number ? &*at : nullptr;
}

absl::Status CheckManifest(const Manifest& manifest) {
  URNA_RETURN_IF_ERROR(roll::CheckOrigin(manifest.origin));
  URNA_RETURN_IF_ERROR(roll::CheckLogKey(manifest.log_key));
  URNA_RETURN_IF_ERROR(CheckEncodableTexts(manifest.title, "the title"));
  URNA_RETURN_IF_ERROR(CheckEncodableTexts(manifest.text, "the text"));
  URNA_RETURN_IF_ERROR(poll::CheckSameLanguages(manifest.title, manifest.text, "the text"));
  URNA_RETURN_IF_ERROR(poll::CheckSchedule(manifest.schedule));
  URNA_RETURN_IF_ERROR(Annotate(roll::CheckNamedKey(manifest.registrar), "registrar"));
  URNA_RETURN_IF_ERROR(poll::CheckOfficers({manifest.officers, manifest.officer_quorum}));
  URNA_RETURN_IF_ERROR(CheckDistricts(manifest));
  URNA_RETURN_IF_ERROR(CheckThresholds(manifest.thresholds));
  return manifest.anonymous.has_value() ? CheckAnonymous(manifest) : absl::OkStatus();
}

crypto::Hash32 TextHash(const Manifest& manifest) {
  return poll::PetitionTextHash(manifest.title, manifest.text);
}

crypto::Hash64 ActTranscript(const crypto::Hash32& poll_context, const crypto::Hash32& text_hash,
                             const PetitionAct& act) {
  return crypto::Transcript("petition act")
      .Field("context", poll_context)
      .Field("text", text_hash)
      .FieldU8("act", static_cast<uint8_t>(act.act))
      .FieldU64("sequence", act.sequence)
      .Field("credential", act.credential)
      .Field("commitment", act.commitment)
      .Hash();
}

absl::string_view ActName(Act act) { return act == Act::kSign ? "sign" : "withdraw"; }

}  // namespace urna::petition
