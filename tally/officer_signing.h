// Officers' signatures under manifests and orders. docs/protocol.md §6.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/crypto/signature.h"
#include "core/poll/order_chain.h"
#include "core/record/entry.h"

namespace urna::tally {

// Who may sign in a poll, from its manifest.
struct PollOfficers {
  crypto::Hash32 poll{};  // manifest hash
  poll::Officers officers;
};
// InvalidArgument if the entry is no manifest.
absl::StatusOr<PollOfficers> OfficersOf(const record::Entry& manifest);

// The signed part of a manifest or an order; null for other entries.
poll::SignedBody* SignedBodyOf(record::Entry& entry);
const poll::SignedBody* SignedBodyOf(const record::Entry& entry);

// Signs a manifest (whose own officers these are) or an order of the poll. A signature of the same
// officer that is there already stays. PermissionDenied if the key is not one of the officers'.
absl::Status AddSignature(const PollOfficers& poll, const crypto::SigningKey& key,
                          record::Entry& entry);

// Takes over the signatures of `other`, which must have the same body.
absl::Status MergeSignatures(const record::Entry& other, record::Entry& entry);

// The names of those who have signed; PermissionDenied if a signature is not valid.
absl::StatusOr<std::vector<std::string>> CheckedSigners(const PollOfficers& poll,
                                                        const record::Entry& entry);

}  // namespace urna::tally
