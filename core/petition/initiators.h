// Who starts an anonymous petition: invitations that expire, and confirmations of the text in
// force. docs/protocol.md §6.1; check P9 of §12.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "core/poll/orders.h"

namespace urna::petition {

// A copyable value; const methods may run on several threads. Times in seconds since 1970.
class Initiators {
 public:
  struct Invitation {
    roll::NamedKey initiator;
    crypto::Hash32 order{};  // hash of the order that invites
    uint64_t sent = 0;       // time of that order
    bool confirmed = false;  // and not made void since
  };

  // `lasts`: how many seconds an invitation is open.
  Initiators(const crypto::Hash32& poll, uint32_t lasts)
      : poll_(poll), revision_(poll), lasts_(lasts) {}

  // P9 about the next order. AlreadyExists, InvalidArgument, FailedPrecondition or
  // PermissionDenied.
  absl::Status CheckInvite(const poll::Invite& invite, uint64_t time) const;
  absl::Status CheckConfirm(const poll::Confirm& confirm, uint64_t time,
                            const crypto::Hash32& text_hash) const;

  // `order`: the invite's hash.
  void Invite(const poll::Invite& invite, const crypto::Hash32& order, uint64_t time);
  // Of a confirmation that is right.
  void Confirm(const poll::Confirm& confirm);
  // Another text is in force: no confirmation counts any more. `order`: the revision's hash.
  void Revise(const crypto::Hash32& order);

  // What whoever is invited by that order would sign now.
  crypto::Hash64 MessageFor(const crypto::Hash32& invite, const crypto::Hash32& text_hash) const {
    return poll::ConfirmationMessage(poll_, invite, revision_, text_hash);
  }

  bool Expired(const Invitation& invitation, uint64_t time) const {
    return time >= invitation.sent && time - invitation.sent >= lasts_;
  }
  const std::vector<Invitation>& invitations() const { return invitations_; }  // number 1 is first
  size_t confirmed() const { return confirmed_; }

 private:
  crypto::Hash32 poll_;
  crypto::Hash32 revision_;  // hash of the last revision, or the poll
  uint32_t lasts_;
  std::vector<Invitation> invitations_;
  size_t confirmed_ = 0;
};

}  // namespace urna::petition
