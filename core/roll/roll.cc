#include "core/roll/roll.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "core/base/localized_text.h"
#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/crypto/credential.h"
#include "core/crypto/point.h"
#include "core/crypto/signature.h"

namespace urna::roll {
namespace {

std::vector<Violation> One(Check check, absl::Status status) {
  if (status.ok()) return {};
  std::vector<Violation> out;
  out.push_back({check, std::move(status)});
  return out;
}

bool HasNumber(const std::vector<NumberedName>& names, uint16_t number) {
  const auto at =
      std::lower_bound(names.begin(), names.end(), number,
                       [](const NumberedName& name, uint16_t n) { return name.number < n; });
  return at != names.end() && at->number == number;
}

// The registrar's signature over `message`; `what` is "roll header" or "roll seal".
absl::Status CheckRegistrarSignature(const NamedKey& registrar, const crypto::Hash64& message,
                                     const std::array<uint8_t, 64>& signature,
                                     absl::string_view what) {
  const absl::StatusOr<crypto::VerifyKey> key = crypto::VerifyKey::Decode(registrar.key);
  if (key.ok() && key->Verify(message, signature).ok()) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat(what, ": the signature of the registrar '",
                                                  registrar.name, "' does not verify"));
}

std::string MemberName(const RollMember& member) {
  return absl::StrCat("roll member ", ToHex(member.credential));
}

}  // namespace

crypto::Hash32 RollId(ByteSpan header_body) {
  return crypto::Transcript("roll").Field("body", header_body).Hash32();
}

crypto::Hash64 RollHeaderSignatureMessage(const crypto::Hash32& roll_id) {
  return crypto::Transcript("roll header signature").Field("roll", roll_id).Hash();
}

crypto::Hash64 RollSealSignatureMessage(const crypto::Hash32& roll_id, ByteSpan seal_body) {
  return crypto::Transcript("roll seal signature")
      .Field("roll", roll_id)
      .Field("body", seal_body)
      .Hash();
}

absl::Status CheckOrigin(absl::string_view origin) {
  const auto wrong = [origin](absl::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat("origin '", absl::CHexEscape(origin), "' ", why));
  };
  if (origin.empty() || origin.size() > 255) return wrong("is not 1 to 255 bytes long");
  for (char c : origin) {
    const bool good =
        (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '/';
    if (!good) return wrong("has other characters than a-z 0-9 . - /");
  }
  if (origin.find('/') == absl::string_view::npos) return wrong("is not of the form board/name");
  for (char end : {origin.front(), origin.back()}) {
    if (end == '/' || end == '.') return wrong("begins or ends with '/' or '.'");
  }
  for (absl::string_view twice : {"//", ".."}) {
    if (origin.find(twice) != absl::string_view::npos) {
      return wrong(absl::StrCat("has '", twice, "' in it"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckNamedKey(const NamedKey& key) {
  const auto wrong = [&key](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("key name '", key.name, "' ", why));
  };
  if (key.name.empty() || key.name.size() > 255) return wrong("is not 1 to 255 bytes long");
  absl::string_view rest = key.name;
  while (!rest.empty()) {
    const std::optional<char32_t> character = TakeUtf8Character(rest);
    if (!character || *character == 0) return wrong("is not UTF-8");
    if (*character == '+') return wrong("has a '+' in it");
    if (IsUnicodeSpace(*character)) return wrong("has white space in it");
  }
  return Annotate(crypto::VerifyKey::Decode(key.key).status(),
                  absl::StrCat("key '", key.name, "'"));
}

absl::Status CheckLogKey(const std::array<uint8_t, 32>& key) {
  return Annotate(crypto::VerifyKey::Decode(key).status(), "log key");
}

absl::Status CheckNumberedNames(const std::vector<NumberedName>& names, absl::string_view what) {
  if (names.empty()) return absl::InvalidArgumentError(absl::StrCat("no ", what));
  const NumberedName* before = nullptr;
  for (const NumberedName& name : names) {
    if (before != nullptr && before->number >= name.number) {
      return absl::InvalidArgumentError(absl::StrCat(what, " ", name.number, " stands after ",
                                                     before->number,
                                                     ": numbers are ascending, each once"));
    }
    URNA_RETURN_IF_ERROR(
        Annotate(CheckTexts(name.name), absl::StrCat(what, " ", name.number, ": name")));
    before = &name;
  }
  return absl::OkStatus();
}

absl::Status CheckRollHeader(const RollHeader& header) {
  URNA_RETURN_IF_ERROR(CheckOrigin(header.origin));
  URNA_RETURN_IF_ERROR(CheckLogKey(header.log_key));
  URNA_RETURN_IF_ERROR(Annotate(CheckTexts(header.title), "title"));
  URNA_RETURN_IF_ERROR(Annotate(CheckNamedKey(header.registrar), "registrar"));
  URNA_RETURN_IF_ERROR(CheckNumberedNames(header.districts, "district"));
  return CheckNumberedNames(header.categories, "category");
}

std::vector<Violation> VerifyEnrolment(const crypto::Hash32& roll_id, const RollMember& member) {
  const auto credential = crypto::RistrettoPoint::DecodeNonIdentity(member.credential);
  if (!credential.ok()) {
    return One(Check::kL3,
               Annotate(credential.status(), absl::StrCat(MemberName(member), ": credential")));
  }
  const auto proof = crypto::CredentialProof::Decode(member.commitment, member.responses);
  if (!proof.ok()) {
    return One(Check::kL3,
               Annotate(proof.status(), absl::StrCat(MemberName(member), ": enrolment proof")));
  }
  if (crypto::VerifyEnrolmentProofVarTime(roll_id, member.nonce, *credential, *proof).ok()) {
    return {};
  }
  return One(Check::kS4, absl::PermissionDeniedError(absl::StrCat(
                             MemberName(member), ": the enrolment proof does not verify")));
}

crypto::Hash64 RollChangeSignatureMessage(const crypto::Hash32& roll_id, uint32_t epoch,
                                          ByteSpan change_body) {
  return crypto::Transcript("roll change signature")
      .Field("roll", roll_id)
      .FieldU32("epoch", epoch)
      .Field("body", change_body)
      .Hash();
}

std::vector<Violation> RollState::CheckHeader(const SignedRollHeader& header) {
  absl::Status status = CheckRollHeader(header.header);
  if (!status.ok()) return One(Check::kS3, Annotate(std::move(status), "roll header"));
  return One(Check::kS3, CheckRegistrarSignature(header.header.registrar,
                                                 RollHeaderSignatureMessage(RollId(header.body)),
                                                 header.signature, "roll header"));
}

RollState::RollState(SignedRollHeader header)
    : header_(std::move(header)), roll_id_(RollId(header_.body)) {}

std::vector<Violation> RollState::CheckMember(const RollMember& member) const {
  const auto wrong = [&member](absl::StatusCode code, const std::string& why) {
    return One(Check::kS3, absl::Status(code, absl::StrCat(MemberName(member), ": ", why)));
  };
  if (seals_ > 0) {
    return wrong(absl::StatusCode::kFailedPrecondition,
                 "the roll is sealed already, and who comes later is added by a change");
  }
  if (!members_->empty() && member.credential <= members_->back().credential) {
    if (Find(member.credential) != nullptr) {
      return wrong(absl::StatusCode::kAlreadyExists, "stands on the roll twice");
    }
    return wrong(absl::StatusCode::kInvalidArgument,
                 absl::StrCat("stands after ", ToHex(members_->back().credential),
                              ": members are ascending by credential"));
  }
  return One(Check::kS3, Annotate(CheckEntitlement(member), MemberName(member)));
}

absl::Status RollState::CheckEntitlement(const RollMember& member) const {
  if (!HasNumber(header().districts, member.district)) {
    return absl::InvalidArgumentError(absl::StrCat("the roll has no district ", member.district));
  }
  if (!HasNumber(header().categories, member.category)) {
    return absl::InvalidArgumentError(absl::StrCat("the roll has no category ", member.category));
  }
  if (member.weight < 1) return absl::InvalidArgumentError("weight 0 where 1 is the least");
  return absl::OkStatus();
}

void RollState::ApplyMember(const RollMember& member) {
  if (seals_ > 0) return PassOver();
  const Entitlement entitlement{member.district, member.category, member.weight};
  if (members_->empty() || members_->back().credential < member.credential) {
    if (members_.use_count() > 1) members_ = std::make_shared<Members>(*members_);
    members_->push_back({member.credential, entitlement});
  } else if (Find(member.credential) == nullptr) {
    strays_.emplace(member.credential, entitlement);
  }
  ++member_count_;
  ++entries_;
}

std::vector<Violation> RollState::CheckSeal(const SignedRollSeal& seal,
                                            const crypto::Hash32& root_before) const {
  const auto wrong = [](const std::string& why) {
    return One(Check::kS3, absl::InvalidArgumentError(absl::StrCat("roll seal: ", why)));
  };
  if (sealed_) {
    return One(Check::kS3, absl::FailedPreconditionError("roll seal: the roll is sealed already"));
  }
  if (seals_ > 0 && changes_.empty()) {
    return One(Check::kS3, absl::FailedPreconditionError(
                               "roll seal: no change stands between it and the seal before it"));
  }
  if (seal.seal.epoch != seals_ + 1) {
    return wrong(absl::StrCat("epoch ", seal.seal.epoch, " instead of ", seals_ + 1));
  }
  if (seal.seal.members != members()) {
    return wrong(absl::StrCat("it says ", seal.seal.members, " members, the log has ", members()));
  }
  if (seal.seal.root != root_before) {
    return wrong(absl::StrCat("it says root ", ToHex(seal.seal.root), ", the log before it has ",
                              ToHex(root_before)));
  }
  return One(Check::kS3, CheckRegistrarSignature(header().registrar,
                                                 RollSealSignatureMessage(roll_id_, seal.body),
                                                 seal.signature, "roll seal"));
}

void RollState::ApplySeal(const SignedRollSeal& /*seal*/, const crypto::Hash32& root_after) {
  MergeChanges();
  ++seals_;
  sealed_ = true;
  root_ = root_after;
  ++entries_;
}

RollPin RollState::pin() const { return RollPin{roll_id_, entries_, root_}; }

std::optional<uint64_t> RollState::NumberOf(const Credential& credential) const {
  const auto at = std::lower_bound(
      members_->begin(), members_->end(), credential,
      [](const Member& member, const Credential& wanted) { return member.credential < wanted; });
  if (at == members_->end() || at->credential != credential) return std::nullopt;
  return static_cast<uint64_t>(at - members_->begin());
}

const RollState::Entitlement* RollState::Find(const Credential& credential) const {
  if (const auto change = changes_.find(credential); change != changes_.end()) {
    return change->second.has_value() ? &*change->second : nullptr;
  }
  if (const auto number = NumberOf(credential)) return &Numbered(*number).entitlement;
  const auto stray = strays_.find(credential);
  return stray == strays_.end() ? nullptr : &stray->second;
}

std::vector<RollState::Member> RollState::Strays() const {
  std::vector<Member> out;
  for (const auto& [credential, entitlement] : strays_) out.push_back({credential, entitlement});
  std::sort(out.begin(), out.end(),
            [](const Member& a, const Member& b) { return a.credential < b.credential; });
  return out;
}

Census RollState::CountMembers(std::span<const uint16_t> categories) const {
  Census out;
  const auto add = [&](const Entitlement& e) {
    if (std::ranges::binary_search(categories, e.category)) ++out[e.district_weight()];
  };
  for (const Member& member : *members_) add(member.entitlement);
  for (const auto& [credential, entitlement] : strays_) add(entitlement);
  return out;
}

Census RollState::CountMembers() const {
  Census out;
  const auto add = [&out](const Entitlement& e) { ++out[e.district_weight()]; };
  for (const Member& member : *members_) add(member.entitlement);
  for (const auto& [credential, entitlement] : strays_) add(entitlement);
  return out;
}

}  // namespace urna::roll
