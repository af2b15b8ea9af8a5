#include "tally/describe.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "core/election/result_view.h"
#include "core/petition/life.h"
#include "tally/context.h"
#include "tally/describe_contest.h"

namespace urna::tally {
namespace {

class Lines {
 public:
  template <typename... Words>
  Lines& Line(const Words&... words) {
    absl::StrAppend(&text_, Printable(absl::StrCat(words...)), "\n");
    return *this;
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string Names(const std::vector<roll::NamedKey>& keys) {
  return absl::StrJoin(keys, ", ", [](std::string* out, const roll::NamedKey& key) {
    absl::StrAppend(out, key.name);
  });
}

// What manifests of both kinds have.
template <typename M>
void DescribePoll(const M& manifest, const crypto::Hash32& poll, absl::string_view language,
                  Lines& out) {
  out.Line("  title      ", PickText(manifest.title, language));
  out.Line("  origin     ", manifest.origin);
  out.Line("  poll id    ", ToHex(poll));
  out.Line("  log key    ", ToHex(manifest.log_key));
  out.Line("  opens      ", TimeText(manifest.schedule.opens), ", closes ",
           TimeText(manifest.schedule.closes), ", give or take ", manifest.schedule.tolerance,
           " s");
  out.Line("  registrar  ", manifest.registrar.name);
  out.Line("  officers   ", manifest.officer_quorum, " of ", manifest.officers.size(), ": ",
           Names(manifest.officers));
}

std::string DescribeElection(const election::SignedManifest& entry, absl::string_view language) {
  const election::Manifest& manifest = entry.manifest;
  Lines out;
  out.Line("Manifest of an election");
  DescribePoll(manifest, poll::ManifestHash(entry.signed_body.body), language, out);
  out.Line("  trustees   ", manifest.trustee_threshold, " of ", manifest.trustees.size(), ": ",
           Names(manifest.trustees));
  out.Line("  minimum    ", manifest.minimum_ballots, " ballots, or nothing is decrypted");
  out.Line("  challenges ", manifest.challenges == 0
                                ? std::string("none")
                                : absl::StrCat("at most ", manifest.challenges, " of every voter"));
  if (manifest.anonymous.has_value()) {
    const election::AnonymousRules& rules = *manifest.anonymous;
    out.Line("  anonymous: rings of ", rules.ring_size, " points, at least ", rules.fewest,
             " members in each; nobody can be revoked");
    out.Line("  beacon     ", rules.beacon_source);
    out.Line("  who votes  categories ", absl::StrJoin(rules.categories, ", "));
  } else {
    out.Line("  pseudonymous: the log shows which credential votes");
  }
  for (const election::District& district : manifest.districts) {
    out.Line("  district ", district.number, ": ", PickText(district.name, language), ", style ",
             district.style);
  }
  for (const election::Style& style : manifest.styles) {
    out.Line("  style ", style.number, ": contests ", absl::StrJoin(style.contests, ", "));
  }
  for (const election::Contest& contest : manifest.contests) {
    for (const std::string& line : DescribeContest(contest, language)) out.Line("  ", line);
  }
  return out.Take();
}

void DescribeAnonymous(const petition::Manifest& manifest, Lines& out) {
  const petition::AnonymousRules& rules = *manifest.anonymous;
  if (!rules.profile.empty()) out.Line("  profile    ", rules.profile);
  out.Line("  anonymous: rings of ", rules.ring_size, " points, at least ", rules.fewest,
           " members in each");
  out.Line("  beacon     ", rules.beacon_source);
  out.Line("  online     categories ", absl::StrJoin(rules.categories, ", "));
  out.Line("  on paper   ",
           rules.paper_categories.empty()
               ? std::string("nobody")
               : absl::StrCat("categories ", absl::StrJoin(rules.paper_categories, ", ")));
  out.Line("  initiators ",
           rules.initiators == 0
               ? std::string("none need confirm")
               : absl::StrCat(rules.initiators, " must confirm, each in ", rules.invitation, " s"));
  out.Line("  review     ", rules.review ? "before it is published" : "none");
  for (const petition::Minimum& minimum : rules.minimums) {
    out.Line("  minimum    ", minimum.at_least, " signatures ", minimum.after,
             " s after the opening");
  }
  if (rules.districts_needed == 0) return;
  out.Line("  districts  ", rules.districts_needed, " of ", manifest.districts.size(),
           " need their minimum:");
  for (size_t i = 0; i < rules.district_minimums.size() && i < manifest.districts.size(); ++i) {
    out.Line("    district ", manifest.districts[i].number, ": ", rules.district_minimums[i]);
  }
}

std::string DescribePetition(const petition::SignedManifest& entry, absl::string_view language) {
  const petition::Manifest& manifest = entry.manifest;
  Lines out;
  out.Line("Manifest of a petition");
  DescribePoll(manifest, poll::ManifestHash(entry.signed_body.body), language, out);
  for (const roll::NumberedName& district : manifest.districts) {
    out.Line("  district ", district.number, ": ", PickText(district.name, language));
  }
  out.Line("  thresholds ", absl::StrJoin(manifest.thresholds, ", "));
  if (manifest.anonymous.has_value()) {
    DescribeAnonymous(manifest, out);
  } else {
    out.Line("  pseudonymous: the log shows which credential signs");
  }
  out.Line("  text");
  for (absl::string_view line : absl::StrSplit(PickText(manifest.text, language), '\n')) {
    out.Line("    ", line);
  }
  return out.Take();
}

void DescribePin(const roll::RollPin& pin, Lines& out) {
  out.Line("  roll       ", ToHex(pin.roll_id));
  out.Line("             the first ", pin.size, " entries of its log, root ", ToHex(pin.root));
}

void DescribeAct(const poll::OpenElection& act, const record::Entry*, absl::string_view,
                 Lines& out) {
  out.Line("  key        ", ToHex(act.election_key), ", made in attempt ", act.attempt, " by ",
           act.verification_keys.size(), " trustees");
  DescribePin(act.roll, out);
}
void DescribeAct(const poll::OpenAnonymousElection& act, const record::Entry* manifest,
                 absl::string_view language, Lines& out) {
  DescribeAct(static_cast<const poll::OpenElection&>(act), manifest, language, out);
  out.Line("  epoch      ", act.epoch);
  out.Line("  beacon     ", ToHex(act.beacon));
  out.Line("  rings      ", act.rings, ", their hash ", ToHex(act.rings_hash));
}
void DescribeAct(const poll::OpenPetition& act, const record::Entry*, absl::string_view,
                 Lines& out) {
  out.Line("  text hash  ", ToHex(act.text_hash));
  DescribePin(act.roll, out);
}
void DescribeAct(const poll::OpenAnonymousPetition& act, const record::Entry* manifest,
                 absl::string_view language, Lines& out) {
  DescribeAct(static_cast<const poll::OpenPetition&>(act), manifest, language, out);
  out.Line("  epoch      ", act.epoch, " of the roll");
  out.Line("  beacon     ", ToHex(act.beacon));
  out.Line("  rings      ", act.rings, ", their hash ", ToHex(act.rings_hash));
}
void DescribeAct(const poll::RollEpoch& act, const record::Entry*, absl::string_view, Lines& out) {
  out.Line("  epoch      ", act.epoch, " of the roll; in force from epoch ", act.earliest, " on");
  out.Line("  roll       the first ", act.roll_size, " entries of its log, root ",
           ToHex(act.roll_root));
  out.Line("  beacon     ", ToHex(act.beacon));
  out.Line("  rings      ", act.rings, ", their hash ", ToHex(act.rings_hash));
}
void DescribeAct(const poll::Close&, const record::Entry*, absl::string_view, Lines&) {}
void DescribeAct(const poll::NewAttempt& act, const record::Entry*, absl::string_view, Lines& out) {
  out.Line("  attempt    ", act.attempt, ": the trustees begin the key ceremony anew");
}

const election::Manifest* ElectionOf(const record::Entry* manifest) {
  const auto* entry =
      manifest == nullptr ? nullptr : std::get_if<election::SignedManifest>(manifest);
  return entry == nullptr ? nullptr : &entry->manifest;
}

void DescribeAct(const poll::Sum& act, const record::Entry* manifest, absl::string_view language,
                 Lines& out) {
  out.Line("  counted    ", act.counted, " ballots of the first ", act.tree_size, " entries");
  out.Line("  their hash ", ToHex(act.counted_hash));
  out.Line("  sums hash  ", ToHex(act.sums_hash));
  const election::Manifest* election = ElectionOf(manifest);
  for (size_t i = 0; i < act.parts.size(); ++i) {
    const poll::Part& part = act.parts[i];
    const election::Contest* contest =
        election == nullptr ? nullptr : election->FindContest(part.contest);
    out.Line("  part ", i, ": contest ", part.contest, " ",
             contest == nullptr ? absl::string_view() : PickText(contest->title, language), ", ",
             part.ballots, " ballots of ", part.districts.size(), " districts, weight ",
             part.weight);
  }
  if (act.parts.empty()) out.Line("  nothing is decrypted: there are too few ballots");
}

// What a total counts, as people call it.
std::string CellName(const election::Contest& contest, size_t cell, absl::string_view language) {
  const size_t options = contest.options.size();
  if (cell < options) return std::string(PickText(contest.options[cell].name, language));
  if (cell < options + contest.lists.size()) {
    return absl::StrCat("list ", PickText(contest.lists[cell - options].name, language));
  }
  return "blank";
}

void DescribeAct(const poll::ElectionResult& act, const record::Entry* manifest,
                 absl::string_view language, Lines& out) {
  const election::Manifest* election = ElectionOf(manifest);
  for (const poll::PartTotals& totals : act.results) {
    // Parts are numbered over the contests that were decrypted; where all were, with one part each,
    // the part's number names the contest.
    const bool all = election != nullptr && election->contests.size() == act.results.size() &&
                     totals.part < election->contests.size() &&
                     election->contests[totals.part].CountedCells() == totals.totals.size();
    const election::Contest* contest = all ? &election->contests[totals.part] : nullptr;
    out.Line("  part ", totals.part, all ? ": " : "",
             all ? PickText(contest->title, language) : absl::string_view());
    for (size_t i = 0; i < totals.totals.size(); ++i) {
      out.Line(
          absl::StrFormat("%12d  %s", totals.totals[i],
                          all ? CellName(*contest, i, language) : absl::StrCat("total ", i + 1)));
    }
  }
  for (const poll::Outcome& outcome : act.outcomes) {
    const election::Contest* contest =
        election == nullptr ? nullptr : election->FindContest(outcome.contest);
    if (contest == nullptr) {
      out.Line("  outcome of contest ", outcome.contest);
    } else {
      out.Line("  ", PickText(contest->title, language), ": ",
               election::OutcomeText(*contest, outcome, language));
    }
  }
}

void DescribeNamed(const std::vector<std::array<uint8_t, 32>>& credentials, const char* what,
                   Lines& out) {
  out.Line("  ", what, credentials.size(), " credentials");
  for (const auto& credential : credentials) out.Line("    ", ToHex(credential));
}
void DescribeAct(const poll::Revoke& act, const record::Entry*, absl::string_view, Lines& out) {
  DescribeNamed(act.credentials, "not to be counted: ", out);
}
void DescribeAct(const poll::Restore& act, const record::Entry*, absl::string_view, Lines& out) {
  DescribeNamed(act.credentials, "to be counted again: ", out);
}

void DescribeAct(const poll::PetitionResult& act, const record::Entry*, absl::string_view,
                 Lines& out) {
  out.Line("  signatures ", act.signatures, " in the first ", act.tree_size, " entries");
  for (const poll::DistrictCount& count : act.districts) {
    out.Line("  district ", count.district, ": ", count.signatures);
  }
  for (const poll::ThresholdReached& threshold : act.thresholds) {
    out.Line("  threshold ", threshold.threshold, ": ",
             threshold.reached ? absl::StrCat("reached at entry ", threshold.index)
                               : std::string("not reached"));
  }
}

void DescribeAct(const poll::Step& act, const record::Entry*, absl::string_view, Lines& out) {
  if (act.code != 0) out.Line("  code       ", act.code, ": ", petition::CodeText(act.code));
  if (act.document != crypto::Hash32{}) out.Line("  document   ", ToHex(act.document));
}
void DescribeAct(const poll::Invite& act, const record::Entry*, absl::string_view, Lines& out) {
  out.Line("  initiator  ", act.initiator.name, ", key ", ToHex(act.initiator.key));
}
void DescribeAct(const poll::Confirm& act, const record::Entry*, absl::string_view, Lines& out) {
  out.Line("  invitation ", act.invitation);
}
void DescribeAct(const poll::Revise& act, const record::Entry*, absl::string_view language,
                 Lines& out) {
  out.Line("  new title  ", PickText(act.title, language));
  out.Line("  text hash  ", ToHex(poll::PetitionTextHash(act.title, act.text)));
  for (absl::string_view line : absl::StrSplit(PickText(act.text, language), '\n')) {
    out.Line("    ", line);
  }
}
void DescribeAct(const poll::PaperBatch& act, const record::Entry*, absl::string_view, Lines& out) {
  out.Line("  batch      ", act.batch, ", ", act.sheets, " sheets");
  out.Line("  sheets     ", ToHex(act.sheets_hash));
  for (const poll::PaperCount& count : act.districts) {
    out.Line("  district ", count.district, ": ", count.accepted, " accepted, ", count.rejected,
             " rejected");
  }
}
void DescribeAct(const poll::AnonymousResult& act, const record::Entry*, absl::string_view,
                 Lines& out) {
  out.Line("  signatures ", act.online + act.paper, " in the first ", act.tree_size,
           " entries: ", act.online, " online, ", act.paper, " on paper");
  for (const poll::ChannelCount& count : act.districts) {
    out.Line("  district ", count.district, ": ", count.online, " online, ", count.paper,
             " on paper");
  }
  for (const poll::ThresholdReached& threshold : act.thresholds) {
    out.Line("  threshold ", threshold.threshold, ": ",
             threshold.reached ? absl::StrCat("reached at entry ", threshold.index)
                               : std::string("not reached"));
  }
  for (const poll::MinimumSeen& minimum : act.minimums) {
    out.Line("  minimum    ", minimum.at_least, " after ", minimum.after,
             " s: ", minimum.met ? "met" : "missed", ", ", minimum.seen, " were there");
  }
  if (act.districts_met != 0) out.Line("  districts  ", act.districts_met, " have their minimum");
  out.Line("  passed     ", act.passed ? "yes" : "no");
}

std::string DescribeOrderEntry(const poll::SignedOrder& order, const record::Entry* manifest,
                               absl::string_view language) {
  Lines out;
  out.Line("Order ", order.order.number, ": ", poll::OrderName(order.order));
  if (manifest != nullptr) {
    if (const auto* election = std::get_if<election::SignedManifest>(manifest)) {
      out.Line("  poll       ", PickText(election->manifest.title, language), " (",
               election->manifest.origin, ")");
      out.Line("  poll id    ", ToHex(poll::ManifestHash(election->signed_body.body)));
    } else if (const auto* petition = std::get_if<petition::SignedManifest>(manifest)) {
      out.Line("  poll       ", PickText(petition->manifest.title, language), " (",
               petition->manifest.origin, ")");
      out.Line("  poll id    ", ToHex(poll::ManifestHash(petition->signed_body.body)));
    }
  }
  out.Line("  time       ", TimeText(order.order.time));
  if (!order.order.reason.empty()) out.Line("  reason     ", order.order.reason);
  std::visit([&](const auto& act) { DescribeAct(act, manifest, language, out); }, order.order.act);
  return out.Take();
}

}  // namespace

std::string Describe(const record::Entry& entry, const record::Entry* manifest,
                     absl::string_view language) {
  if (const auto* election = std::get_if<election::SignedManifest>(&entry)) {
    return DescribeElection(*election, language);
  }
  if (const auto* petition = std::get_if<petition::SignedManifest>(&entry)) {
    return DescribePetition(*petition, language);
  }
  if (const auto* order = std::get_if<poll::SignedOrder>(&entry)) {
    return DescribeOrderEntry(*order, manifest, language);
  }
  if (const auto* header = std::get_if<roll::SignedRollHeader>(&entry)) {
    return Lines()
        .Line("Roll of those entitled")
        .Line("  title      ", PickText(header->header.title, language))
        .Line("  origin     ", header->header.origin)
        .Line("  roll id    ", ToHex(roll::RollId(header->body)))
        .Line("  registrar  ", header->header.registrar.name)
        .Take();
  }
  if (const auto* message = std::get_if<election::SignedTrusteeMessage>(&entry)) {
    return absl::StrCat(record::EntryName(entry), " of trustee ", message->trustee(), "\n");
  }
  return absl::StrCat(record::EntryName(entry), "\n");
}

}  // namespace urna::tally
