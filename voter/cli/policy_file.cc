#include "voter/cli/policy_file.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "voter/enrolment.h"

namespace urna::voter {

namespace {

// epoch-beacon <epoch> <hex>
absl::Status TakeEpochBeacon(const std::vector<absl::string_view>& words, VoterPolicy& policy) {
  uint32_t epoch = 0;
  if (words.size() != 3 || !absl::SimpleAtoi(words[1], &epoch)) {
    return absl::InvalidArgumentError(
        "'epoch-beacon' stands in one line with an epoch and a value");
  }
  URNA_ASSIGN_OR_RETURN(const crypto::Hash32 beacon, ParseHex32(words[2], "epoch-beacon"));
  if (policy.epoch_beacons.emplace(epoch, beacon).second) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("there are two beacons of epoch ", epoch));
}

}  // namespace

absl::StatusOr<VoterPolicy> ReadVoterPolicy(const std::string& path) {
  URNA_ASSIGN_OR_RETURN(const Bytes text, ReadFile(path, merkle::kMaxPolicySize));
  VoterPolicy out;
  std::string lines;
  for (absl::string_view line : absl::StrSplit(AsText(text), '\n')) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    const bool beacon = !words.empty() && words[0] == "beacon";
    if (beacon) {
      if (out.beacon.has_value() || words.size() != 2) {
        return absl::InvalidArgumentError(
            absl::StrCat(path, ": 'beacon' stands in one line, with one value"));
      }
      URNA_ASSIGN_OR_RETURN(out.beacon, ParseHex32(words[1], absl::StrCat(path, ": beacon")));
    }
    const bool epoch_beacon = !words.empty() && words[0] == "epoch-beacon";
    if (epoch_beacon) URNA_RETURN_IF_ERROR(Annotate(TakeEpochBeacon(words, out), path));
    const bool other = words.empty() || beacon || epoch_beacon || words[0] == "roll" ||
                       words[0] == "registrar" || words[0] == "officer" ||
                       words[0] == "officer-quorum" || words[0] == "trustee" ||
                       words[0] == "trustee-threshold";
    // So that lines have the same number there.
    absl::StrAppend(&lines, other ? "#" : line, "\n");
  }
  if (absl::EndsWith(AsText(text), "\n")) lines.resize(lines.size() - 2);
  absl::StatusOr<merkle::WitnessPolicy> policy = merkle::WitnessPolicy::Parse(lines);
  if (!policy.ok()) return Annotate(policy.status(), path);
  out.witnesses = *std::move(policy);
  return out;
}

absl::Status CheckLog(const VoterPolicy& policy, const merkle::NoteVerifier& log) {
  for (const merkle::WitnessPolicy::Log& known : policy.witnesses.logs()) {
    if (known.key.name() == log.name() && known.key.key() != log.key()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the policy has another key of the log '", log.name(), "' than the board"));
    }
  }
  return absl::OkStatus();
}

}  // namespace urna::voter
