// The rules that all officers' orders share: numbered, chained, signed by enough officers, times
// rising. docs/protocol.md §6; checks S2, S5, S6 and S7 of §12.
#pragma once

#include <vector>

#include "core/base/numbered_checks.h"
#include "core/poll/orders.h"

namespace urna::poll {

struct Officers {
  std::vector<roll::NamedKey> keys;
  uint16_t quorum = 1;
};

// At least one, at most 64, names and keys unique and well formed, 1 ≤ quorum ≤ their number.
absl::Status CheckOfficers(const Officers& officers);
absl::Status CheckSchedule(const Schedule& schedule);

// OK if at least `quorum` signatures over `message` are there and every one is valid. The sentence
// names the officer whose signature is not.
absl::Status CheckOfficerSignatures(const Officers& officers,
                                    const std::vector<OfficerSignature>& signatures,
                                    ByteSpan message);

// S2.
std::vector<Violation> CheckManifestSignatures(const Officers& officers,
                                               const SignedBody& manifest);

// The orders of one poll so far. Codes: PermissionDenied for signatures, FailedPrecondition for
// number, chain and time.
class OrderChain {
 public:
  OrderChain(const crypto::Hash32& poll, Officers officers, const Schedule& schedule);

  // S5, S6, S7 about the next order.
  std::vector<Violation> Check(const SignedOrder& order) const;
  void Apply(const SignedOrder& order);

  uint32_t last_number() const { return number_; }           // 0 before the first
  const crypto::Hash32& last_hash() const { return last_; }  // manifest hash before the first
  uint64_t last_time() const { return time_; }
  const Officers& officers() const { return officers_; }

 private:
  crypto::Hash32 poll_;
  Officers officers_;
  Schedule schedule_;
  uint32_t number_ = 0;
  crypto::Hash32 last_;
  uint64_t time_ = 0;
};

}  // namespace urna::poll
