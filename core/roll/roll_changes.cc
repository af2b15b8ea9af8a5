// What changes do to a roll. docs/protocol.md §4.2.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "core/base/status.h"
#include "core/crypto/point.h"
#include "core/crypto/signature.h"
#include "core/roll/roll.h"

namespace urna::roll {
namespace {

std::string NameOf(const RollChange& change) {
  return absl::StrCat("roll change '", ChangeName(change.kind), "' of ",
                      ToHex(change.member.credential));
}

absl::Status NotOnTheRoll() { return absl::NotFoundError("it is not on the roll"); }

}  // namespace

absl::string_view ChangeName(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdd:
      return "add";
    case ChangeKind::kRemove:
      return "remove";
    case ChangeKind::kMove:
      return "move";
    case ChangeKind::kRekey:
      return "re-key";
  }
  return "unknown";
}

std::vector<Violation> CheckCanonical(const RollChange& change) {
  const bool rekey = change.kind == ChangeKind::kRekey;
  if (change.enrols() && !rekey) return {};
  const absl::Status point =
      crypto::RistrettoPoint::DecodeNonIdentity(rekey ? change.replaced : change.member.credential)
          .status();
  if (point.ok()) return {};
  return {{Check::kL3,
           Annotate(point, absl::StrCat(NameOf(change), ": ", rekey ? "replaced" : "credential"))}};
}

bool RollState::WasEverOn(const Credential& credential) const {
  return NumberOf(credential).has_value() || strays_.contains(credential) ||
         former_.contains(credential);
}

// Everything but the signature and the place.
absl::Status RollState::CheckRules(const RollChange& change) const {
  const Credential& credential = change.member.credential;
  if (last_changed_.has_value() && credential <= *last_changed_) {
    return absl::InvalidArgumentError(absl::StrCat(
        "it stands after ", ToHex(*last_changed_),
        ": the changes of an epoch are ascending by credential, each credential once"));
  }
  if (changes_.contains(credential)) {
    return absl::InvalidArgumentError("another change of this epoch replaces this credential");
  }
  if (change.kind != ChangeKind::kRemove) {
    URNA_RETURN_IF_ERROR(CheckEntitlement(change.member));
  }
  switch (change.kind) {
    case ChangeKind::kRemove:
      return Find(credential) != nullptr ? absl::OkStatus() : NotOnTheRoll();
    case ChangeKind::kMove: {
      const Entitlement* now = Find(credential);
      if (now == nullptr) return NotOnTheRoll();
      if (*now !=
          Entitlement{change.member.district, change.member.category, change.member.weight}) {
        return absl::OkStatus();
      }
      return absl::InvalidArgumentError("it changes neither district nor category nor weight");
    }
    case ChangeKind::kAdd:
    case ChangeKind::kRekey:
      break;
  }
  if (WasEverOn(credential)) {
    return absl::AlreadyExistsError("this credential is on the roll, or was on it before");
  }
  if (change.kind == ChangeKind::kAdd) return absl::OkStatus();
  const std::string old =
      absl::StrCat("the credential ", ToHex(change.replaced), " that it replaces ");
  if (!WasEverOn(change.replaced)) {
    return absl::NotFoundError(absl::StrCat(old, "was never on the roll"));
  }
  if (changes_.contains(change.replaced)) {
    return absl::InvalidArgumentError(
        absl::StrCat(old, "is named by another change of this epoch"));
  }
  if (replaced_.contains(change.replaced)) {
    return absl::AlreadyExistsError(absl::StrCat(old, "was replaced already"));
  }
  return absl::OkStatus();
}

std::vector<Violation> RollState::CheckChange(const SignedRollChange& change) const {
  const auto wrong = [&](absl::Status status) -> std::vector<Violation> {
    return {{Check::kS3, Annotate(std::move(status), NameOf(change.change))}};
  };
  if (seals_ == 0) {
    return wrong(absl::FailedPreconditionError(
        "before the first seal nothing is changed: who belongs on the roll is a member"));
  }
  if (absl::Status rules = CheckRules(change.change); !rules.ok()) return wrong(std::move(rules));
  const NamedKey& registrar = header().registrar;
  const absl::StatusOr<crypto::VerifyKey> key = crypto::VerifyKey::Decode(registrar.key);
  const crypto::Hash64 message = RollChangeSignatureMessage(roll_id_, seals_ + 1, change.body);
  if (key.ok() && key->Verify(message, change.signature).ok()) return {};
  return wrong(absl::PermissionDeniedError(
      absl::StrCat("the signature of the registrar '", registrar.name, "' does not verify")));
}

void RollState::ApplyChange(const SignedRollChange& entry) {
  const RollChange& change = entry.change;
  const Credential& credential = change.member.credential;
  const uint32_t epoch = seals_ + 1;
  const Entitlement now{change.member.district, change.member.category, change.member.weight};
  last_changed_ = credential;
  switch (change.kind) {
    case ChangeKind::kAdd:
      changes_[credential] = now;
      ++member_count_;
      break;
    case ChangeKind::kRemove:
      changes_[credential] = std::nullopt;
      --member_count_;
      break;
    case ChangeKind::kMove:
      if (const Entitlement* before = Find(credential); before->category != now.category) {
        left_categories_[credential].push_back({epoch, before->category});
      }
      changes_[credential] = now;
      break;
    case ChangeKind::kRekey:
      if (const auto former = former_.find(change.replaced); former != former_.end()) {
        replaced_last_on_[credential] = former->second;
        ++member_count_;
      } else {
        replaced_last_on_[credential] = seals_;
      }
      changes_[credential] = now;
      changes_[change.replaced] = std::nullopt;
      replaced_.insert(change.replaced);
      break;
  }
  PassOver();
}

void RollState::PassOver() {
  sealed_ = false;
  ++entries_;
}

// All of them in their places, in a list of its own: copies of this state keep theirs.
void RollState::MergeChanges() {
  if (changes_.empty()) return;
  auto merged = std::make_shared<Members>();
  auto change = changes_.begin();
  const auto take = [&] {
    if (change->second.has_value()) merged->push_back({change->first, *change->second});
    ++change;
  };
  for (const Member& member : *members_) {
    while (change != changes_.end() && change->first < member.credential) take();
    if (change != changes_.end() && change->first == member.credential) {
      take();
    } else {
      merged->push_back(member);
    }
  }
  while (change != changes_.end()) take();
  for (const auto& [credential, entitlement] : changes_) {
    strays_.erase(credential);
    if (!entitlement.has_value()) former_.emplace(credential, seals_);
  }
  members_ = std::move(merged);
  changes_.clear();
  last_changed_.reset();
}

RollState RollState::Unsealed() const {
  RollState out = *this;
  out.MergeChanges();
  return out;
}

uint32_t RollState::ReplacedLastOn(const Credential& credential) const {
  const auto found = replaced_last_on_.find(credential);
  return found == replaced_last_on_.end() ? 0 : found->second;
}

std::span<const RollState::LeftCategory> RollState::LeftCategories(
    const Credential& credential) const {
  const auto found = left_categories_.find(credential);
  if (found == left_categories_.end()) return {};
  return found->second;
}

}  // namespace urna::roll
