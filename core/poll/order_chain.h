// The rules that all officers' orders share: numbered, chained, signed by enough officers, times
// rising. docs/protocol.md §6; checks S2, S5, S6 and S7 of §12.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/base/localized_text.h"
#include "core/base/numbered_checks.h"
#include "core/poll/orders.h"

namespace urna::poll {

struct Officers {
  std::vector<roll::NamedKey> keys;
  uint16_t quorum = 1;
};

// At least one, at most 64, names and keys unique and well formed, 1 ≤ quorum ≤ their number.
// InvalidArgument names the officer by position, from 0, as signatures do.
absl::Status CheckOfficers(const Officers& officers);
// The same rules for any list of keys with a quorum, as trustees with their threshold: `what` is
// one of them ("trustee"), `first` the number of the first, `most` how many there may be.
absl::Status CheckKeysAndQuorum(const std::vector<roll::NamedKey>& keys, uint16_t quorum,
                                absl::string_view what, uint16_t first, size_t most);
// opens < closes.
absl::Status CheckSchedule(const Schedule& schedule);
// The languages of `texts` are those of the manifest's title; `what` names the text.
absl::Status CheckSameLanguages(const LocalizedTexts& title, const LocalizedTexts& texts,
                                absl::string_view what);

// OK if at least `quorum` signatures over `message` are there and every one is valid. The sentence
// names the officer whose signature is not. InvalidArgument unless ascending by officer,
// PermissionDenied for the rest.
absl::Status CheckOfficerSignatures(const Officers& officers,
                                    const std::vector<OfficerSignature>& signatures,
                                    ByteSpan message);

// S2.
std::vector<Violation> CheckManifestSignatures(const Officers& officers,
                                               const SignedBody& manifest);

// S8: an entry of a type that has no place in a poll of this kind, as a ballot in a petition's log.
// `entry` names it: "ballot".
Violation EntryOutOfPlace(absl::string_view entry, PollKind kind);

// "order 3 'close'": how violations name an order.
std::string DescribeOrder(const Order& order);

// The orders of one poll so far. Codes: PermissionDenied for signatures, FailedPrecondition for
// number, chain and time. A copyable value; const methods may run on several threads.
class OrderChain {
 public:
  OrderChain(const crypto::Hash32& poll, Officers officers, const Schedule& schedule);

  // S5, S6, S7 about the next order, at most one of each.
  std::vector<Violation> Check(const SignedOrder& order) const;
  // The order takes its place with what it says of itself, right or wrong (§12).
  void Apply(const SignedOrder& order);

  uint32_t last_number() const { return number_; }           // 0 before the first
  const crypto::Hash32& last_hash() const { return last_; }  // manifest hash before the first
  uint64_t last_time() const { return time_; }               // 0 before the first
  const Officers& officers() const { return officers_; }

 private:
  absl::Status CheckChain(const Order& order) const;
  absl::Status CheckTime(const Order& order) const;

  crypto::Hash32 poll_;
  Officers officers_;
  Schedule schedule_;
  bool empty_ = true;
  uint32_t number_ = 0;
  crypto::Hash32 last_;
  uint64_t time_ = 0;
};

}  // namespace urna::poll
