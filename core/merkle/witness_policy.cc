#include "core/merkle/witness_policy.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/check.h"
#include "core/base/status.h"
#include "core/merkle/text.h"

namespace urna::merkle {

using Words = std::vector<absl::string_view>;

// Takes a policy's lines one by one.
class WitnessPolicyReader {
 public:
  absl::Status ReadLine(absl::string_view line) {
    const bool clean = std::all_of(line.begin(), line.end(), [](char c) {
      const unsigned char byte = static_cast<unsigned char>(c);
      return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
    if (!clean) return absl::InvalidArgumentError("a control character");
    const Words words = absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.empty() || words.front().front() == '#') return absl::OkStatus();
    if (words.front() == "log") return ReadLog(words);
    if (words.front() == "witness") return ReadWitness(words);
    if (words.front() == "group") return ReadGroup(words);
    if (words.front() == "quorum") return ReadQuorum(words);
    return absl::InvalidArgumentError(
        absl::StrCat("'", words.front(), "' is not log, witness, group or quorum"));
  }

  absl::StatusOr<WitnessPolicy> Finish() && {
    if (!has_quorum_line_) return absl::InvalidArgumentError("no line 'quorum'");
    return std::move(policy_);
  }

 private:
  absl::Status ReadLog(const Words& words) {
    if (words.size() < 2 || words.size() > 3) {
      return absl::InvalidArgumentError("a log line is: log VKEY [URL]");
    }
    URNA_ASSIGN_OR_RETURN(NoteVerifier key, NoteVerifier::Parse(words[1]));
    URNA_RETURN_IF_ERROR(CheckCount(policy_.logs_.size(), "logs"));
    for (const WitnessPolicy::Log& other : policy_.logs_) {
      if (other.key.key() == key.key()) {
        return absl::InvalidArgumentError("the key of an earlier log line");
      }
    }
    policy_.logs_.push_back({std::move(key), Url(words, 2)});
    return absl::OkStatus();
  }

  absl::Status ReadWitness(const Words& words) {
    if (words.size() < 3 || words.size() > 4) {
      return absl::InvalidArgumentError("a witness line is: witness NAME VKEY [URL]");
    }
    URNA_ASSIGN_OR_RETURN(CosignatureVerifier key, CosignatureVerifier::Parse(words[2]));
    URNA_RETURN_IF_ERROR(CheckCount(policy_.witnesses_.size(), "witnesses"));
    for (const WitnessPolicy::Witness& other : policy_.witnesses_) {
      if (other.key.key() == key.key()) {
        return absl::InvalidArgumentError(
            absl::StrCat("the key of the witness '", other.name, "'"));
      }
      if (other.key.name() == key.name() && other.key.key_id() == key.key_id()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "its lines could not be told from those of the witness '", other.name, "'"));
      }
    }
    URNA_RETURN_IF_ERROR(Define({std::string(words[1]), policy_.witnesses_.size(), 0, {}}));
    policy_.witnesses_.push_back({std::string(words[1]), std::move(key), Url(words, 3)});
    return absl::OkStatus();
  }

  absl::Status ReadGroup(const Words& words) {
    if (words.size() < 4) {
      return absl::InvalidArgumentError("a group line is: group NAME all|any|K MEMBER…");
    }
    URNA_RETURN_IF_ERROR(CheckCount(groups_, "groups"));
    WitnessPolicy::Party group{std::string(words[1]), 0, 1, {}};
    const size_t count = words.size() - 3;
    if (words[2] == "all") {
      group.needed = count;
    } else if (words[2] != "any") {
      const absl::StatusOr<uint64_t> needed = ParseDecimal(words[2], count);
      if (!needed.ok() || *needed == 0) {
        return absl::InvalidArgumentError(absl::StrCat("the group needs 'all', 'any' or 1 to ",
                                                       count, " of its ", count, " members, not '",
                                                       words[2], "'"));
      }
      group.needed = static_cast<size_t>(*needed);
    }
    for (size_t i = 3; i < words.size(); ++i) {
      URNA_ASSIGN_OR_RETURN(const size_t member, Find(words[i]));
      if (!members_.insert(member).second) {
        return absl::InvalidArgumentError(
            absl::StrCat("'", words[i], "' is a member of a group already"));
      }
      group.members.push_back(member);
    }
    ++groups_;
    return Define(std::move(group));
  }

  absl::Status ReadQuorum(const Words& words) {
    if (words.size() != 2) return absl::InvalidArgumentError("a quorum line is: quorum NAME|none");
    if (has_quorum_line_) return absl::InvalidArgumentError("a second line 'quorum'");
    has_quorum_line_ = true;
    if (words[1] == "none") return absl::OkStatus();
    URNA_ASSIGN_OR_RETURN(policy_.quorum_, Find(words[1]));
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> Find(absl::string_view name) const {
    const auto& parties = policy_.parties_;
    const auto found = std::find_if(parties.begin(), parties.end(),
                                    [name](const auto& party) { return party.name == name; });
    if (found == parties.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("no line above it defines '", name, "' as a witness or a group"));
    }
    return static_cast<size_t>(found - parties.begin());
  }

  absl::Status Define(WitnessPolicy::Party party) {
    if (party.name == "none") return absl::InvalidArgumentError("nothing can be named 'none'");
    if (Find(party.name).ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the name '", party.name, "' is defined already"));
    }
    policy_.parties_.push_back(std::move(party));
    return absl::OkStatus();
  }

  static absl::Status CheckCount(size_t count, absl::string_view what) {
    if (count < kMaxPolicyNames) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("more than ", kMaxPolicyNames, " ", what));
  }

  static std::optional<std::string> Url(const Words& words, size_t at) {
    if (at >= words.size()) return std::nullopt;
    return std::string(words[at]);
  }

  WitnessPolicy policy_;
  std::set<size_t> members_;  // parties that are in a group
  size_t groups_ = 0;
  bool has_quorum_line_ = false;
};

namespace {

// The k-th of the times in the given order, if there are so many.
template <typename Order>
std::optional<uint64_t> Kth(std::vector<uint64_t> times, size_t k, Order order) {
  if (times.size() < k) return std::nullopt;
  const auto kth = times.begin() + static_cast<ptrdiff_t>(k - 1);
  std::nth_element(times.begin(), kth, times.end(), order);
  return *kth;
}

std::string WithUrl(std::string line, const std::optional<std::string>& url) {
  return absl::StrCat(line, url ? absl::StrCat(" ", *url) : std::string(), "\n");
}

}  // namespace

absl::StatusOr<WitnessPolicy> WitnessPolicy::Parse(absl::string_view text) {
  if (text.size() > kMaxPolicySize) {
    return absl::InvalidArgumentError(
        absl::StrCat("witness policy: more than ", kMaxPolicySize, " bytes"));
  }
  WitnessPolicyReader reader;
  for (int number = 1; !text.empty(); ++number) {
    const std::string where = absl::StrCat("witness policy, line ", number);
    const absl::StatusOr<absl::string_view> line = TakeLine(text, "a newline at its end");
    if (!line.ok()) return Annotate(line.status(), where);
    URNA_RETURN_IF_ERROR(Annotate(reader.ReadLine(*line), where));
  }
  absl::StatusOr<WitnessPolicy> policy = std::move(reader).Finish();
  if (!policy.ok()) return Annotate(policy.status(), "witness policy");
  return policy;
}

WitnessPolicy WitnessPolicy::WithoutWitnesses() { return WitnessPolicy(); }

std::string WitnessPolicy::ToText() const {
  std::string text;
  for (const Log& log : logs_) {
    text += WithUrl(absl::StrCat("log ", log.key.vkey()), log.url);
  }
  for (const Party& party : parties_) {
    if (party.members.empty()) {
      const Witness& witness = witnesses_[party.witness];
      text += WithUrl(absl::StrCat("witness ", party.name, " ", witness.key.vkey()), witness.url);
      continue;
    }
    absl::StrAppend(&text, "group ", party.name, " ", party.needed);
    for (const size_t member : party.members) {
      absl::StrAppend(&text, " ", parties_[member].name);
    }
    text += "\n";
  }
  absl::StrAppend(&text, "quorum ", quorum_ ? parties_[*quorum_].name : "none", "\n");
  return text;
}

Witnessing WitnessPolicy::Weigh(std::vector<std::optional<uint64_t>> times) const {
  URNA_CHECK(times.size() == witnesses_.size(), "there is a time or none for each witness");
  Witnessing out;
  out.times = std::move(times);
  if (!quorum_) {
    out.quorum_met = true;
    return out;
  }
  // A group has cosigned by t when the k-th earliest of its members has, and still cosigned at t
  // when the k-th latest has.
  std::vector<std::optional<uint64_t>> by(parties_.size());
  std::vector<std::optional<uint64_t>> at(parties_.size());
  for (size_t i = 0; i < parties_.size(); ++i) {
    const Party& party = parties_[i];
    if (party.members.empty()) {
      by[i] = at[i] = out.times[party.witness];
      continue;
    }
    std::vector<uint64_t> earliest;
    std::vector<uint64_t> latest;
    for (const size_t member : party.members) {
      if (!by[member]) continue;
      earliest.push_back(*by[member]);
      latest.push_back(*at[member]);
    }
    by[i] = Kth(std::move(earliest), party.needed, std::less<>());
    at[i] = Kth(std::move(latest), party.needed, std::greater<>());
  }
  out.existed_by = by[*quorum_];
  out.newest_at = at[*quorum_];
  out.quorum_met = out.existed_by.has_value();
  return out;
}

absl::StatusOr<Witnessing> WitnessPolicy::Evaluate(const Note& note) const {
  std::vector<std::optional<uint64_t>> times(witnesses_.size());
  std::vector<NoteSignature> unknown;
  for (const NoteSignature& signature : note.signatures()) {
    const auto witness =
        std::find_if(witnesses_.begin(), witnesses_.end(),
                     [&signature](const Witness& w) { return w.key.Matches(signature); });
    if (witness == witnesses_.end()) {
      unknown.push_back(signature);
      continue;
    }
    std::optional<uint64_t>& time = times[static_cast<size_t>(witness - witnesses_.begin())];
    if (time) {
      return absl::InvalidArgumentError(
          absl::StrCat("a note has two cosignatures by '", signature.name, "'"));
    }
    URNA_ASSIGN_OR_RETURN(time, witness->key.Verify(note.text(), signature));
  }
  Witnessing out = Weigh(std::move(times));
  out.unknown = std::move(unknown);
  return out;
}

absl::StatusOr<WitnessedCheckpoint> WitnessPolicy::Open(ByteSpan note,
                                                        const NoteVerifier& log) const {
  URNA_ASSIGN_OR_RETURN(Checkpoint checkpoint,
                        OpenCheckpoint(note, log, OtherSignatures::kIgnored));
  URNA_ASSIGN_OR_RETURN(const Note parsed, Note::Parse(note));
  URNA_ASSIGN_OR_RETURN(Witnessing witnessing, Evaluate(parsed));
  std::erase_if(witnessing.unknown,
                [&log](const NoteSignature& signature) { return log.Matches(signature); });
  return WitnessedCheckpoint{std::move(checkpoint), std::move(witnessing)};
}

}  // namespace urna::merkle
