#include "tally/specs.h"

#include "absl/strings/str_cat.h"
#include "core/audit/result_json.h"
#include "core/base/status.h"
#include "core/merkle/note.h"
#include "core/roll/roll.h"
#include "tally/contest_spec.h"
#include "tally/petition_spec.h"

namespace urna::tally {
namespace {

// Fields that all three kinds have.
template <typename M>
absl::Status ReadLog(const SpecValue& spec, const SpecDefaults& defaults, M& out) {
  URNA_ASSIGN_OR_RETURN(const SpecValue origin, spec.Field("origin"));
  URNA_ASSIGN_OR_RETURN(out.origin, origin.Text());
  if (absl::Status status = roll::CheckOrigin(out.origin); !status.ok()) {
    return origin.Error(status.message());
  }
  if (spec.Has("log_key")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue key, spec.Field("log_key"));
    URNA_ASSIGN_OR_RETURN(out.log_key, key.LogKey(out.origin));
  } else if (defaults.log_key) {
    out.log_key = *defaults.log_key;
  } else {
    return spec.Error("the field 'log_key' is missing, and no --server to ask for it");
  }
  out.nonce = defaults.nonce;
  if (spec.Has("nonce")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue nonce, spec.Field("nonce"));
    URNA_ASSIGN_OR_RETURN(out.nonce, nonce.Hex32());
  }
  URNA_ASSIGN_OR_RETURN(const SpecValue title, spec.Field("title"));
  URNA_ASSIGN_OR_RETURN(out.title, title.Texts());
  return absl::OkStatus();
}

// Fields that elections and petitions have.
template <typename M>
absl::Status ReadPoll(const SpecValue& spec, const SpecDefaults& defaults, M& out) {
  URNA_RETURN_IF_ERROR(ReadLog(spec, defaults, out));
  URNA_ASSIGN_OR_RETURN(const SpecValue schedule, spec.Field("schedule"));
  URNA_ASSIGN_OR_RETURN(out.schedule, schedule.Schedule());
  URNA_ASSIGN_OR_RETURN(const SpecValue registrar, spec.Field("registrar"));
  URNA_ASSIGN_OR_RETURN(out.registrar, registrar.Key());
  URNA_ASSIGN_OR_RETURN(const SpecValue officers, spec.Field("officers"));
  URNA_ASSIGN_OR_RETURN(out.officers, officers.Keys());
  URNA_ASSIGN_OR_RETURN(const SpecValue quorum, spec.Field("officer_quorum"));
  URNA_ASSIGN_OR_RETURN(out.officer_quorum, quorum.NumberAs<uint16_t>(1));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<election::Style>> ReadStyles(const SpecValue& spec,
                                                        const election::Manifest& manifest) {
  std::vector<election::Style> out;
  if (!spec.Has("styles")) {
    election::Style all{1, {}};
    for (const election::Contest& contest : manifest.contests)
      all.contests.push_back(contest.number);
    out.push_back(std::move(all));
    return out;
  }
  URNA_ASSIGN_OR_RETURN(const SpecValue styles, spec.Field("styles"));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> list, styles.List());
  for (const SpecValue& one : list) {
    URNA_RETURN_IF_ERROR(one.OnlyFields({"number", "contests"}));
    election::Style style;
    URNA_ASSIGN_OR_RETURN(const SpecValue number, one.Field("number"));
    URNA_ASSIGN_OR_RETURN(style.number, number.NumberAs<uint16_t>());
    URNA_ASSIGN_OR_RETURN(const SpecValue contests, one.Field("contests"));
    URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> numbers, contests.List());
    for (const SpecValue& contest : numbers) {
      URNA_ASSIGN_OR_RETURN(const uint16_t of, contest.NumberAs<uint16_t>());
      if (manifest.FindContest(of) == nullptr) {
        return contest.Error(absl::StrCat("there is no contest ", of));
      }
      style.contests.push_back(of);
    }
    out.push_back(std::move(style));
  }
  return out;
}

absl::StatusOr<std::vector<election::District>> ReadDistricts(const SpecValue& spec,
                                                              const election::Manifest& manifest) {
  URNA_ASSIGN_OR_RETURN(const SpecValue districts, spec.Field("districts"));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> list, districts.List());
  std::vector<election::District> out;
  for (const SpecValue& one : list) {
    URNA_RETURN_IF_ERROR(one.OnlyFields({"number", "name", "style"}));
    election::District district;
    URNA_ASSIGN_OR_RETURN(const SpecValue number, one.Field("number"));
    URNA_ASSIGN_OR_RETURN(district.number, number.NumberAs<uint16_t>());
    URNA_ASSIGN_OR_RETURN(const SpecValue name, one.Field("name"));
    URNA_ASSIGN_OR_RETURN(district.name, name.Texts());
    district.style = manifest.styles.front().number;
    if (one.Has("style") || manifest.styles.size() > 1) {
      URNA_ASSIGN_OR_RETURN(const SpecValue style, one.Field("style"));
      URNA_ASSIGN_OR_RETURN(district.style, style.NumberAs<uint16_t>());
      if (manifest.FindStyle(district.style) == nullptr) {
        return style.Error(absl::StrCat("there is no style ", district.style));
      }
    }
    out.push_back(std::move(district));
  }
  return out;
}

// {"ring_size", "fewest", "beacon", "categories"}
absl::StatusOr<election::AnonymousRules> ReadAnonymous(const SpecValue& spec) {
  URNA_RETURN_IF_ERROR(spec.OnlyFields({"ring_size", "fewest", "beacon", "categories"}));
  election::AnonymousRules out;
  if (spec.Has("ring_size")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue ring_size, spec.Field("ring_size"));
    URNA_ASSIGN_OR_RETURN(out.ring_size, ring_size.NumberAs<uint16_t>());
  }
  URNA_ASSIGN_OR_RETURN(const SpecValue fewest, spec.Field("fewest"));
  URNA_ASSIGN_OR_RETURN(out.fewest, fewest.NumberAs<uint16_t>());
  URNA_ASSIGN_OR_RETURN(const SpecValue beacon, spec.Field("beacon"));
  URNA_ASSIGN_OR_RETURN(out.beacon_source, beacon.Text());
  URNA_ASSIGN_OR_RETURN(const SpecValue categories, spec.Field("categories"));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> numbers, categories.List());
  for (const SpecValue& number : numbers) {
    URNA_ASSIGN_OR_RETURN(const uint16_t category, number.NumberAs<uint16_t>());
    out.categories.push_back(category);
  }
  return out;
}

absl::StatusOr<PollSpec> ReadElection(const SpecValue& spec, const SpecDefaults& defaults) {
  URNA_RETURN_IF_ERROR(spec.OnlyFields({"kind", "origin", "log_key", "nonce", "title", "schedule",
                                        "registrar", "officers", "officer_quorum", "trustees",
                                        "trustee_threshold", "minimum_ballots", "challenges",
                                        "districts", "styles", "contests", "anonymous"}));
  election::Manifest out;
  URNA_RETURN_IF_ERROR(ReadPoll(spec, defaults, out));
  URNA_ASSIGN_OR_RETURN(const SpecValue trustees, spec.Field("trustees"));
  URNA_ASSIGN_OR_RETURN(out.trustees, trustees.Keys());
  URNA_ASSIGN_OR_RETURN(const SpecValue threshold, spec.Field("trustee_threshold"));
  URNA_ASSIGN_OR_RETURN(out.trustee_threshold, threshold.NumberAs<uint16_t>(1));
  URNA_ASSIGN_OR_RETURN(const SpecValue minimum, spec.Field("minimum_ballots"));
  URNA_ASSIGN_OR_RETURN(out.minimum_ballots, minimum.NumberAs<uint32_t>(1));
  if (spec.Has("challenges")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue challenges, spec.Field("challenges"));
    URNA_ASSIGN_OR_RETURN(out.challenges, challenges.NumberAs<uint16_t>());
  }
  if (spec.Has("anonymous")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue anonymous, spec.Field("anonymous"));
    URNA_ASSIGN_OR_RETURN(out.anonymous, ReadAnonymous(anonymous));
  }

  URNA_ASSIGN_OR_RETURN(const SpecValue contests, spec.Field("contests"));
  URNA_ASSIGN_OR_RETURN(const std::vector<SpecValue> list, contests.List());
  for (const SpecValue& one : list) {
    URNA_ASSIGN_OR_RETURN(election::Contest contest, ReadContest(one));
    out.contests.push_back(std::move(contest));
  }
  URNA_ASSIGN_OR_RETURN(out.styles, ReadStyles(spec, out));
  if (out.styles.empty()) return spec.Error("there are no styles");
  URNA_ASSIGN_OR_RETURN(out.districts, ReadDistricts(spec, out));
  URNA_RETURN_IF_ERROR(Annotate(election::CheckManifest(out), spec.path()));
  return PollSpec(std::move(out));
}

absl::StatusOr<PollSpec> ReadPetition(const SpecValue& spec, const SpecDefaults& defaults) {
  URNA_RETURN_IF_ERROR(spec.OnlyFields({"kind", "origin", "log_key", "nonce", "title", "text",
                                        "schedule", "registrar", "officers", "officer_quorum",
                                        "districts", "thresholds", "anonymous"}));
  petition::Manifest out;
  URNA_RETURN_IF_ERROR(ReadPoll(spec, defaults, out));
  URNA_ASSIGN_OR_RETURN(const SpecValue text, spec.Field("text"));
  URNA_ASSIGN_OR_RETURN(out.text, text.Texts());
  URNA_RETURN_IF_ERROR(ReadPetitionRules(spec, defaults.roll, out));
  URNA_RETURN_IF_ERROR(Annotate(petition::CheckManifest(out), spec.path()));
  return PollSpec(std::move(out));
}

std::string VkeyOf(const roll::NamedKey& key) {
  const absl::StatusOr<crypto::VerifyKey> verify = crypto::VerifyKey::Decode(key.key);
  if (!verify.ok()) return "?";
  const absl::StatusOr<merkle::NoteVerifier> note = merkle::NoteVerifier::Create(key.name, *verify);
  return note.ok() ? note->vkey() : "?";
}

Json VkeysOf(const std::vector<roll::NamedKey>& keys) {
  Json out = Json::array();
  for (const roll::NamedKey& key : keys) out.push_back(VkeyOf(key));
  return out;
}

// What ReadPoll reads.
template <typename M>
Json PollToJson(const char* kind, const M& manifest) {
  return {{"kind", kind},
          {"origin", manifest.origin},
          {"log_key", ToHex(manifest.log_key)},
          {"nonce", ToHex(manifest.nonce)},
          {"title", audit::TextsJson(manifest.title)},
          {"schedule",
           {{"opens", manifest.schedule.opens},
            {"closes", manifest.schedule.closes},
            {"tolerance", manifest.schedule.tolerance}}},
          {"registrar", VkeyOf(manifest.registrar)},
          {"officers", VkeysOf(manifest.officers)},
          {"officer_quorum", manifest.officer_quorum}};
}

}  // namespace

Json SpecOf(const election::Manifest& manifest) {
  Json out = PollToJson("election", manifest);
  out["trustees"] = VkeysOf(manifest.trustees);
  out["trustee_threshold"] = manifest.trustee_threshold;
  out["minimum_ballots"] = manifest.minimum_ballots;
  out["challenges"] = manifest.challenges;
  for (const election::Contest& contest : manifest.contests) {
    out["contests"].push_back(ContestToJson(contest));
  }
  for (const election::Style& style : manifest.styles) {
    out["styles"].push_back({{"number", style.number}, {"contests", style.contests}});
  }
  for (const election::District& district : manifest.districts) {
    out["districts"].push_back({{"number", district.number},
                                {"name", audit::TextsJson(district.name)},
                                {"style", district.style}});
  }
  if (!manifest.anonymous.has_value()) return out;
  out["anonymous"] = {{"ring_size", manifest.anonymous->ring_size},
                      {"fewest", manifest.anonymous->fewest},
                      {"beacon", manifest.anonymous->beacon_source},
                      {"categories", manifest.anonymous->categories}};
  return out;
}

Json SpecOf(const petition::Manifest& manifest) {
  Json out = PollToJson("petition", manifest);
  out["text"] = audit::TextsJson(manifest.text);
  out.update(PetitionRulesToJson(manifest));
  return out;
}

absl::StatusOr<PollSpec> ReadPollSpec(const Json& json, const SpecDefaults& defaults) {
  const SpecValue spec(json);
  URNA_ASSIGN_OR_RETURN(const SpecValue kind, spec.Field("kind"));
  // Not taken out of the StatusOr: g++ 12 then suspects uninitialized text.
  const absl::StatusOr<std::string> text = kind.Text();
  if (!text.ok()) return text.status();
  if (*text == "election") return ReadElection(spec, defaults);
  if (*text == "petition") return ReadPetition(spec, defaults);
  return kind.Error("a poll is an 'election' or a 'petition'");
}

absl::StatusOr<roll::RollHeader> ReadRollSpec(const Json& json, const roll::NamedKey& registrar,
                                              const SpecDefaults& defaults) {
  const SpecValue spec(json);
  URNA_RETURN_IF_ERROR(
      spec.OnlyFields({"kind", "origin", "log_key", "nonce", "title", "districts", "categories"}));
  if (spec.Has("kind")) {
    URNA_ASSIGN_OR_RETURN(const SpecValue kind, spec.Field("kind"));
    URNA_ASSIGN_OR_RETURN(const std::string text, kind.Text());
    if (text != "roll") return kind.Error("this is no roll");
  }
  roll::RollHeader out;
  URNA_RETURN_IF_ERROR(ReadLog(spec, defaults, out));
  out.registrar = registrar;
  URNA_ASSIGN_OR_RETURN(const SpecValue districts, spec.Field("districts"));
  URNA_ASSIGN_OR_RETURN(out.districts, districts.NumberedNames());
  URNA_ASSIGN_OR_RETURN(const SpecValue categories, spec.Field("categories"));
  URNA_ASSIGN_OR_RETURN(out.categories, categories.NumberedNames());
  URNA_RETURN_IF_ERROR(Annotate(roll::CheckRollHeader(out), spec.path()));
  return out;
}

}  // namespace urna::tally
