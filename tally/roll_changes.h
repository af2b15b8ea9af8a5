// The changes that make a roll's next epoch, as the registrar lists them. docs/protocol.md §4.2.
//
// One JSON a line, with "change" and "credential":
//   {"change": "add", …}      a line of a members file (members.h)
//   {"change": "remove"}
//   {"change": "move", "district", "category", "weight"}
//   {"change": "re-key", "replaces": <the old credential>, …}   else as "add"
// What a move or a re-keying leaves out of district, category and weight stays as it was.
#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/crypto/signature.h"
#include "core/roll/roll.h"
#include "tally/context.h"
#include "tally/members.h"

namespace urna::tally {

struct ListedChange {
  size_t line = 0;  // from 1
  roll::RollChange change;
  // What the line says of them; `change` has none of it yet.
  std::optional<uint16_t> district, category;
  std::optional<uint32_t> weight;
};

// InvalidArgument, as "changes.jsonl line 3: $.replaces: 64 hex digits belong here".
absl::StatusOr<std::vector<ListedChange>> ParseChanges(absl::string_view text,
                                                       absl::string_view name);

// The changes in the order of the log, signed by the registrar whose key it is, and the roll with
// them, not sealed.
struct SignedChanges {
  std::vector<roll::SignedRollChange> changes;
  roll::RollState roll;
};
// `roll` ends with a seal. InvalidArgument naming the line of the first nonce that stands twice or
// is not one of `nonces` (null: any), change that breaks a rule, or enrolment that is not proved;
// also if there is no change. Proofs are made on `threads` threads.
absl::StatusOr<SignedChanges> SignChanges(std::vector<ListedChange> listed, const Nonces* nonces,
                                          const roll::RollState& roll,
                                          const crypto::SigningKey& registrar, unsigned threads);

}  // namespace urna::tally
