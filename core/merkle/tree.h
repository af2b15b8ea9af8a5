// The append-only Merkle tree of a log (RFC 6962 §2.1) and where its nodes come from.
// Implements docs/protocol.md §10.
//
// Node (level, index) is the root of the perfect subtree over leaves index·2^level up to
// (index+1)·2^level − 1; level 0 are the leaf hashes. A tree of `size` leaves has exactly the nodes
// that lie whole within its leaves.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "core/merkle/hash.h"

namespace urna::merkle {

// The largest tree that functions here work on, so that sizes can be added without overflow.
inline constexpr uint64_t kMaxTreeSize = (uint64_t{1} << 63) - 1;

// Gives node (level, index), level 0..62, or an error that the caller passes on.
using NodeReader = std::function<absl::StatusOr<Hash>(int level, uint64_t index)>;

// Is told every node at the moment when its last leaf has been appended, lower levels first.
using NodeSink = std::function<void(int level, uint64_t index, const Hash& hash)>;

// The right edge of a tree: enough to append leaves and to know the root, in at most 63 hashes.
// A copyable value; not for use by several threads at once.
class CompactTree {
 public:
  // The tree without leaves.
  CompactTree() = default;

  // Takes up a stored tree again: reads the at most 63 nodes of its right edge.
  static absl::StatusOr<CompactTree> Resume(uint64_t size, const NodeReader& reader);

  void Append(const Hash& leaf_hash);
  void Append(const Hash& leaf_hash, const NodeSink& sink);

  // The number of leaves.
  uint64_t size() const { return size_; }

  Hash root() const;

  bool operator==(const CompactTree&) const = default;

 private:
  uint64_t size_ = 0;
  std::vector<Hash> edge_;  // roots of the perfect subtrees, one a set bit of size_, largest first
};

// A whole tree in memory: 64 bytes a leaf. Not for use by several threads while one appends.
class MemoryTree {
 public:
  void Append(const Hash& leaf_hash);

  uint64_t size() const { return edge_.size(); }
  Hash root() const { return edge_.root(); }

  // NotFound for a node that the tree doesn't have.
  absl::StatusOr<Hash> Node(int level, uint64_t index) const;

  // Reads this tree, which must outlive the reader.
  NodeReader reader() const;

 private:
  CompactTree edge_;
  std::vector<std::vector<Hash>> levels_;
};

// The root over these leaf hashes.
Hash RootFromLeaves(std::span<const Hash> leaf_hashes);

// The root of the first `size` leaves; reads at most 63 nodes. InvalidArgument above kMaxTreeSize.
absl::StatusOr<Hash> RootAt(uint64_t size, const NodeReader& reader);

}  // namespace urna::merkle
