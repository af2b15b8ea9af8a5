// Inclusion and consistency proofs (RFC 6962 §2.1.1 and §2.1.2), made from stored nodes and checked
// from nothing but hashes. Implements docs/protocol.md §10.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/merkle/hash.h"
#include "core/merkle/tree.h"

namespace urna::merkle {

// The most hashes that a proof can have.
inline constexpr size_t kMaxProofHashes = 64;

// That leaf `index` is in the tree of `size` leaves: the hashes from the leaf's sibling up to the
// root's child. InvalidArgument unless index < size ≤ kMaxTreeSize; otherwise errors come from the
// reader, which is asked for nodes of that tree only.
absl::StatusOr<std::vector<Hash>> InclusionProof(uint64_t size, uint64_t index,
                                                 const NodeReader& reader);

// That the first `old_size` leaves of the tree of `size` leaves are the older tree. Empty if
// old_size is 0 or equal to size. InvalidArgument unless old_size ≤ size ≤ kMaxTreeSize.
absl::StatusOr<std::vector<Hash>> ConsistencyProof(uint64_t old_size, uint64_t size,
                                                   const NodeReader& reader);

// OK only if the proof has exactly the hashes that it must have and leads from the leaf to `root`
// (RFC 9162 §2.1.3.2). InvalidArgument otherwise, and if index ≥ size.
absl::Status VerifyInclusion(const Hash& leaf_hash, uint64_t index, uint64_t size,
                             std::span<const Hash> proof, const Hash& root);

// OK only if the proof has exactly the hashes that it must have and leads to both roots (RFC 9162
// §2.1.4.2). A tree without leaves is a part of every tree: then the proof must be empty and the
// root the empty one. InvalidArgument otherwise, and if old_size > new_size.
absl::Status VerifyConsistency(uint64_t old_size, const Hash& old_root, uint64_t new_size,
                               const Hash& new_root, std::span<const Hash> proof);

}  // namespace urna::merkle
