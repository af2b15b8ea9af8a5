#include "core/merkle/tree.h"

#include <bit>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::merkle {

absl::StatusOr<CompactTree> CompactTree::Resume(uint64_t size, const NodeReader& reader) {
  if (size > kMaxTreeSize) {
    return absl::InvalidArgumentError(absl::StrCat("no tree can have ", size, " leaves"));
  }
  CompactTree tree;
  tree.size_ = size;
  for (uint64_t begin = 0; begin < size;) {
    const int level = std::bit_width(size - begin) - 1;
    URNA_ASSIGN_OR_RETURN(const Hash node, reader(level, begin >> level));
    tree.edge_.push_back(node);
    begin += uint64_t{1} << level;
  }
  return tree;
}

void CompactTree::Append(const Hash& leaf_hash) {
  Append(leaf_hash, [](int, uint64_t, const Hash&) {});
}

void CompactTree::Append(const Hash& leaf_hash, const NodeSink& sink) {
  Hash node = leaf_hash;
  int level = 0;
  uint64_t index = size_;
  sink(level, index, node);
  for (; index % 2 == 1; index /= 2) {
    node = NodeHash(edge_.back(), node);
    edge_.pop_back();
    sink(++level, index / 2, node);
  }
  edge_.push_back(node);
  ++size_;
}

Hash CompactTree::root() const {
  if (edge_.empty()) return EmptyRoot();
  Hash root = edge_.back();
  for (size_t i = edge_.size() - 1; i-- > 0;) root = NodeHash(edge_[i], root);
  return root;
}

void MemoryTree::Append(const Hash& leaf_hash) {
  edge_.Append(leaf_hash, [this](int level, uint64_t, const Hash& hash) {
    if (levels_.size() == static_cast<size_t>(level)) levels_.emplace_back();
    levels_[level].push_back(hash);
  });
}

absl::StatusOr<Hash> MemoryTree::Node(int level, uint64_t index) const {
  if (level < 0 || static_cast<size_t>(level) >= levels_.size() || index >= levels_[level].size()) {
    return absl::NotFoundError(
        absl::StrCat("a tree of ", size(), " leaves has no node ", index, " at level ", level));
  }
  return levels_[level][index];
}

NodeReader MemoryTree::reader() const {
  return [this](int level, uint64_t index) { return Node(level, index); };
}

Hash RootFromLeaves(std::span<const Hash> leaf_hashes) {
  CompactTree tree;
  for (const Hash& leaf_hash : leaf_hashes) tree.Append(leaf_hash);
  return tree.root();
}

absl::StatusOr<Hash> RootAt(uint64_t size, const NodeReader& reader) {
  URNA_ASSIGN_OR_RETURN(const CompactTree tree, CompactTree::Resume(size, reader));
  return tree.root();
}

}  // namespace urna::merkle
