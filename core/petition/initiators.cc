#include "core/petition/initiators.h"

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/signature.h"
#include "core/roll/roll.h"

namespace urna::petition {

absl::Status Initiators::CheckInvite(const poll::Invite& invite, uint64_t time) const {
  URNA_RETURN_IF_ERROR(Annotate(roll::CheckNamedKey(invite.initiator), "initiator"));
  for (size_t i = 0; i < invitations_.size(); ++i) {
    const Invitation& earlier = invitations_[i];
    if (!earlier.confirmed && Expired(earlier, time)) continue;
    if (earlier.initiator.name == invite.initiator.name) {
      return absl::AlreadyExistsError(
          absl::StrCat("'", invite.initiator.name, "' has invitation ", i + 1, " already"));
    }
    if (earlier.initiator.key == invite.initiator.key) {
      return absl::AlreadyExistsError(absl::StrCat("the key of '", invite.initiator.name,
                                                   "' is that of invitation ", i + 1, " for '",
                                                   earlier.initiator.name, "'"));
    }
  }
  return absl::OkStatus();
}

absl::Status Initiators::CheckConfirm(const poll::Confirm& confirm, uint64_t time,
                                      const crypto::Hash32& text_hash) const {
  if (confirm.invitation == 0 || confirm.invitation > invitations_.size()) {
    return absl::InvalidArgumentError(absl::StrCat("there is no invitation ", confirm.invitation,
                                                   ", there are ", invitations_.size()));
  }
  const Invitation& invitation = invitations_[confirm.invitation - 1];
  const std::string name =
      absl::StrCat("invitation ", confirm.invitation, " of '", invitation.initiator.name, "'");
  if (invitation.confirmed) {
    return absl::AlreadyExistsError(absl::StrCat(name, " is confirmed already"));
  }
  if (Expired(invitation, time)) {
    return absl::FailedPreconditionError(absl::StrCat(name, " expired ", lasts_,
                                                      " s after its order, and this one comes ",
                                                      time - invitation.sent, " s after it"));
  }
  const absl::StatusOr<crypto::VerifyKey> key = crypto::VerifyKey::Decode(invitation.initiator.key);
  if (key.ok() && key->Verify(MessageFor(invitation.order, text_hash), confirm.signature).ok()) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError(
      absl::StrCat(name, ": the signature does not verify for the text in force"));
}

void Initiators::Invite(const poll::Invite& invite, const crypto::Hash32& order, uint64_t time) {
  invitations_.push_back({invite.initiator, order, time, false});
}

void Initiators::Confirm(const poll::Confirm& confirm) {
  invitations_[confirm.invitation - 1].confirmed = true;
  ++confirmed_;
}

void Initiators::Revise(const crypto::Hash32& order) {
  revision_ = order;
  for (Invitation& invitation : invitations_) invitation.confirmed = false;
  confirmed_ = 0;
}

}  // namespace urna::petition
