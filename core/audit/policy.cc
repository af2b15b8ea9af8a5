#include "core/audit/policy.h"

#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/base/bytes.h"
#include "core/base/status.h"

namespace urna::audit {
namespace {

using merkle::NoteVerifier;

// The lines of a policy as they come, before it is known whether all are there.
struct Draft {
  std::map<std::string, std::string> singles;  // keyword → value
  std::vector<NoteVerifier> officers;
  std::vector<NoteVerifier> trustees;
  std::map<uint32_t, std::array<uint8_t, 32>> epoch_beacons;
  std::string witnesses;  // lines of a witness policy (§10.2)
};

bool IsSingle(absl::string_view keyword) {
  return keyword == "log" || keyword == "roll" || keyword == "registrar" ||
         keyword == "officer-quorum" || keyword == "trustee-threshold" || keyword == "beacon";
}

// These lines are those of a witness policy, with one space between their words.
bool IsOfWitnesses(absl::string_view keyword) {
  return keyword == "witness" || keyword == "group" || keyword == "quorum";
}

// The first word and the rest.
std::pair<absl::string_view, absl::string_view> WordsOf(absl::string_view line) {
  return absl::StrSplit(line, absl::MaxSplits(' ', 1));
}

absl::StatusOr<std::array<uint8_t, 32>> Beacon(absl::string_view value) {
  const absl::StatusOr<Bytes> bytes = FromHex(value);
  if (bytes.ok() && bytes->size() == 32 && value == ToHex(*bytes)) return ToArray<32>(*bytes);
  return absl::InvalidArgumentError(
      absl::StrCat("beacon '", value, "' is not 64 hex digits in lower case"));
}

// "2 0a1b…": an epoch above the first and its beacon.
absl::Status ReadEpochBeacon(absl::string_view value, Draft& draft) {
  const auto [epoch, beacon] = WordsOf(value);
  uint32_t number = 0;
  if (!absl::SimpleAtoi(epoch, &number) || number < 2 || epoch != absl::StrCat(number)) {
    return absl::InvalidArgumentError(
        absl::StrCat("epoch '", epoch, "' is not a number from 2 to ", UINT32_MAX));
  }
  URNA_ASSIGN_OR_RETURN(const auto bytes, Beacon(beacon));
  if (draft.epoch_beacons.emplace(number, bytes).second) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a second line 'epoch-beacon' of epoch ", number));
}

absl::Status ReadLine(absl::string_view line, Draft& draft) {
  const auto [keyword, value] = WordsOf(line);
  if (value.empty())
    return absl::InvalidArgumentError(absl::StrCat("'", keyword, "' lacks a value"));
  if (IsOfWitnesses(keyword)) {
    for (absl::string_view word : absl::StrSplit(line, absl::ByAnyChar(" \t"))) {
      if (word.empty()) return absl::InvalidArgumentError("more than one space between words");
    }
    if (absl::StrContains(line, '\t')) return absl::InvalidArgumentError("a tab");
    return absl::OkStatus();
  }
  if (keyword == "officer" || keyword == "trustee") {
    URNA_ASSIGN_OR_RETURN(NoteVerifier key, NoteVerifier::Parse(value));
    (keyword == "officer" ? draft.officers : draft.trustees).push_back(std::move(key));
    return absl::OkStatus();
  }
  if (keyword == "epoch-beacon") return ReadEpochBeacon(value, draft);
  if (!IsSingle(keyword)) {
    return absl::InvalidArgumentError(absl::StrCat("unknown keyword '", keyword, "'"));
  }
  if (!draft.singles.emplace(std::string(keyword), std::string(value)).second) {
    return absl::InvalidArgumentError(absl::StrCat("a second line '", keyword, "'"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Single(const Draft& draft, const std::string& keyword) {
  const auto found = draft.singles.find(keyword);
  if (found != draft.singles.end()) return found->second;
  return absl::InvalidArgumentError(absl::StrCat("the line '", keyword, "' is missing"));
}

absl::StatusOr<NoteVerifier> Key(const Draft& draft, const std::string& keyword) {
  URNA_ASSIGN_OR_RETURN(const std::string value, Single(draft, keyword));
  absl::StatusOr<NoteVerifier> key = NoteVerifier::Parse(value);
  if (!key.ok()) return Annotate(key.status(), keyword);
  return key;
}

absl::StatusOr<uint16_t> Number(const Draft& draft, const std::string& keyword, size_t of) {
  URNA_ASSIGN_OR_RETURN(const std::string value, Single(draft, keyword));
  uint32_t number = 0;
  if (!absl::SimpleAtoi(value, &number) || number < 1 || number > of ||
      value != absl::StrCat(number)) {
    return absl::InvalidArgumentError(
        absl::StrCat(keyword, " '", value, "' is not a number from 1 to ", of));
  }
  return static_cast<uint16_t>(number);
}

}  // namespace

absl::StatusOr<Policy> Policy::Parse(absl::string_view text) {
  Draft draft;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    if (!line.empty() && line.front() != '#') {
      URNA_RETURN_IF_ERROR(Annotate(ReadLine(line, draft), absl::StrCat("policy, line ", number)));
    }
    // So that lines have the same number there.
    absl::StrAppend(&draft.witnesses, IsOfWitnesses(WordsOf(line).first) ? line : "", "\n");
  }
  const auto whole = [&]() -> absl::StatusOr<Policy> {
    URNA_ASSIGN_OR_RETURN(NoteVerifier log, Key(draft, "log"));
    URNA_ASSIGN_OR_RETURN(NoteVerifier roll, Key(draft, "roll"));
    URNA_ASSIGN_OR_RETURN(NoteVerifier registrar, Key(draft, "registrar"));
    URNA_ASSIGN_OR_RETURN(merkle::WitnessPolicy witnesses,
                          merkle::WitnessPolicy::Parse(draft.witnesses));
    if (draft.officers.empty()) return absl::InvalidArgumentError("no line 'officer'");
    Policy policy{std::move(log),      std::move(roll), std::move(registrar), {}, 0, {}, 0, {}, {},
                  std::move(witnesses)};
    if (const auto beacon = draft.singles.find("beacon"); beacon != draft.singles.end()) {
      URNA_ASSIGN_OR_RETURN(policy.beacon, Beacon(beacon->second));
    }
    URNA_ASSIGN_OR_RETURN(policy.officer_quorum,
                          Number(draft, "officer-quorum", draft.officers.size()));
    if (!draft.trustees.empty()) {
      URNA_ASSIGN_OR_RETURN(policy.trustee_threshold,
                            Number(draft, "trustee-threshold", draft.trustees.size()));
    } else if (draft.singles.count("trustee-threshold") != 0) {
      return absl::InvalidArgumentError("a 'trustee-threshold' without a line 'trustee'");
    }
    policy.officers = std::move(draft.officers);
    policy.trustees = std::move(draft.trustees);
    policy.epoch_beacons = std::move(draft.epoch_beacons);
    return policy;
  };
  absl::StatusOr<Policy> policy = whole();
  if (!policy.ok()) return Annotate(policy.status(), "policy");
  return policy;
}

std::string Policy::ToText() const {
  std::string text = absl::StrCat("log ", log.vkey(), "\nroll ", roll.vkey(), "\nregistrar ",
                                  registrar.vkey(), "\n");
  for (const NoteVerifier& officer : officers)
    absl::StrAppend(&text, "officer ", officer.vkey(), "\n");
  absl::StrAppend(&text, "officer-quorum ", officer_quorum, "\n");
  for (const NoteVerifier& trustee : trustees)
    absl::StrAppend(&text, "trustee ", trustee.vkey(), "\n");
  if (!trustees.empty()) absl::StrAppend(&text, "trustee-threshold ", trustee_threshold, "\n");
  if (beacon.has_value()) absl::StrAppend(&text, "beacon ", ToHex(*beacon), "\n");
  for (const auto& [epoch, value] : epoch_beacons) {
    absl::StrAppend(&text, "epoch-beacon ", epoch, " ", ToHex(value), "\n");
  }
  return absl::StrCat(text, witnesses.ToText());
}

}  // namespace urna::audit
