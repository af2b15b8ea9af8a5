#include "tally/roll_changes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "core/base/status.h"
#include "core/crypto/rng.h"
#include "core/record/entry.h"
#include "core/roll/enrolment_batch.h"
#include "tally/spec_reader.h"

namespace urna::tally {
namespace {

using roll::ChangeKind;

absl::StatusOr<ChangeKind> ParseKind(const SpecValue& value) {
  URNA_ASSIGN_OR_RETURN(const std::string text, value.Text());
  for (ChangeKind kind :
       {ChangeKind::kAdd, ChangeKind::kRemove, ChangeKind::kMove, ChangeKind::kRekey}) {
    if (roll::ChangeName(kind) == text) return kind;
  }
  return value.Error(
      absl::StrCat("'", text, "' is none of \"add\", \"remove\", \"move\", \"re-key\""));
}

absl::Status CheckFields(const SpecValue& value, ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdd:
      return value.OnlyFields({"change", "credential", "nonce", "commitment", "responses",
                               "district", "category", "weight"});
    case ChangeKind::kRemove:
      return value.OnlyFields({"change", "credential"});
    case ChangeKind::kMove:
      return value.OnlyFields({"change", "credential", "district", "category", "weight"});
    case ChangeKind::kRekey:
      return value.OnlyFields({"change", "credential", "replaces", "nonce", "commitment",
                               "responses", "district", "category", "weight"});
  }
  return absl::OkStatus();
}

template <typename T>
absl::Status ReadPlace(const SpecValue& value, absl::string_view name, std::optional<T>& out) {
  if (!value.Has(name)) return absl::OkStatus();
  URNA_ASSIGN_OR_RETURN(const SpecValue field, value.Field(name));
  URNA_ASSIGN_OR_RETURN(out, field.NumberAs<T>());
  return absl::OkStatus();
}

absl::StatusOr<ListedChange> ParseChange(absl::string_view line) {
  URNA_ASSIGN_OR_RETURN(const Json json, ParseJson(line, "change"));
  const SpecValue value(json);
  ListedChange out;
  URNA_ASSIGN_OR_RETURN(const SpecValue kind, value.Field("change"));
  URNA_ASSIGN_OR_RETURN(out.change.kind, ParseKind(kind));
  URNA_RETURN_IF_ERROR(CheckFields(value, out.change.kind));
  URNA_ASSIGN_OR_RETURN(const SpecValue credential, value.Field("credential"));
  URNA_ASSIGN_OR_RETURN(out.change.member.credential, credential.Hex32());
  if (out.change.kind == ChangeKind::kRekey) {
    URNA_ASSIGN_OR_RETURN(const SpecValue replaces, value.Field("replaces"));
    URNA_ASSIGN_OR_RETURN(out.change.replaced, replaces.Hex32());
  }
  if (out.change.enrols()) URNA_RETURN_IF_ERROR(ReadEnrolment(value, out.change.member));
  URNA_RETURN_IF_ERROR(ReadPlace(value, "district", out.district));
  URNA_RETURN_IF_ERROR(ReadPlace(value, "category", out.category));
  URNA_RETURN_IF_ERROR(ReadPlace(value, "weight", out.weight));
  if (out.change.kind == ChangeKind::kAdd) {
    URNA_RETURN_IF_ERROR(value.Field("district").status());
    URNA_RETURN_IF_ERROR(value.Field("category").status());
  }
  return out;
}

template <typename... Words>
absl::Status Refuse(const ListedChange& listed, const Words&... words) {
  return absl::InvalidArgumentError(absl::StrCat("line ", listed.line, ": ", words...));
}

// What the line leaves out, as it was.
absl::Status FillIn(ListedChange& listed, const roll::RollState& roll) {
  roll::RollChange& change = listed.change;
  if (change.kind == ChangeKind::kRemove) return absl::OkStatus();
  roll::RollState::Entitlement before;
  if (change.kind != ChangeKind::kAdd) {
    const bool rekey = change.kind == ChangeKind::kRekey;
    const auto* found = roll.Find(rekey ? change.replaced : change.member.credential);
    if (found != nullptr) {
      before = *found;
    } else if (rekey && (!listed.district.has_value() || !listed.category.has_value())) {
      return Refuse(listed,
                    "the credential that it replaces is not on the roll now, so district "
                    "and category must be given");
    }
  }
  change.member.district = listed.district.value_or(before.district);
  change.member.category = listed.category.value_or(before.category);
  change.member.weight = listed.weight.value_or(before.weight);
  return absl::OkStatus();
}

absl::Status CheckNonces(const std::vector<ListedChange>& listed, const Nonces* nonces) {
  Nonces used;
  for (const ListedChange& one : listed) {
    if (!one.change.enrols()) continue;
    const auto& nonce = one.change.member.nonce;
    if (!used.insert(nonce).second) return Refuse(one, "another has the same nonce");
    if (nonces != nullptr && !nonces->contains(nonce)) {
      return Refuse(one, "the nonce is not one that the registrar gave out");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckEnrolments(const std::vector<ListedChange>& listed, const crypto::Hash32& roll_id,
                             unsigned threads) {
  std::vector<const roll::RollMember*> members;
  std::vector<const ListedChange*> lines;
  for (const ListedChange& one : listed) {
    if (!one.change.enrols()) continue;
    members.push_back(&one.change.member);
    lines.push_back(&one);
  }
  // The weights must be nobody's choice, so their source is not the caller's either.
  crypto::SystemRng rng;
  const std::vector<std::vector<Violation>> violations =
      roll::VerifyEnrolments(roll_id, members, threads, rng);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (violations[i].empty()) continue;
    return Refuse(*lines[i], violations[i].front().status.message());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<ListedChange>> ParseChanges(absl::string_view text,
                                                       absl::string_view name) {
  std::vector<ListedChange> out;
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) continue;
    absl::StatusOr<ListedChange> change = ParseChange(line);
    if (!change.ok()) return Annotate(change.status(), absl::StrCat(name, " line ", number));
    change->line = number;
    out.push_back(*std::move(change));
  }
  return out;
}

absl::StatusOr<SignedChanges> SignChanges(std::vector<ListedChange> listed, const Nonces* nonces,
                                          const roll::RollState& roll,
                                          const crypto::SigningKey& registrar, unsigned threads) {
  if (listed.empty()) {
    return absl::InvalidArgumentError("there is no change, and an epoch has at least one");
  }
  std::stable_sort(listed.begin(), listed.end(), [](const auto& a, const auto& b) {
    return a.change.member.credential < b.change.member.credential;
  });
  URNA_RETURN_IF_ERROR(CheckNonces(listed, nonces));
  for (ListedChange& one : listed) URNA_RETURN_IF_ERROR(FillIn(one, roll));
  SignedChanges out{{}, roll};
  for (const ListedChange& one : listed) {
    roll::SignedRollChange entry;
    entry.change = one.change;
    URNA_ASSIGN_OR_RETURN(entry.body, record::EncodeBody(entry.change));
    entry.signature = registrar.Sign(
        roll::RollChangeSignatureMessage(roll.roll_id(), roll.epoch() + 1, entry.body));
    std::vector<Violation> violations = roll::CheckCanonical(entry.change);
    if (violations.empty()) violations = out.roll.CheckChange(entry);
    if (!violations.empty()) return Refuse(one, violations.front().status.message());
    out.roll.ApplyChange(entry);
    out.changes.push_back(std::move(entry));
  }
  URNA_RETURN_IF_ERROR(CheckEnrolments(listed, roll.roll_id(), threads));
  return out;
}

}  // namespace urna::tally
