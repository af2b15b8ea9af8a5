#include "core/merkle/proof.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::merkle {
namespace {

// RFC 6962's k: the largest power of two below n, for n ≥ 2.
uint64_t Split(uint64_t n) { return std::bit_ceil(n) / 2; }

// MTH(D[begin:end]) for a range that the recursion of RFC 6962 §2.1 meets: `begin` is a multiple of
// the smallest power of two that is not below the range's length.
absl::StatusOr<Hash> RangeRoot(uint64_t begin, uint64_t end, const NodeReader& reader) {
  std::vector<Hash> peaks;
  while (begin < end) {
    const int level = std::bit_width(end - begin) - 1;
    URNA_ASSIGN_OR_RETURN(const Hash peak, reader(level, begin >> level));
    peaks.push_back(peak);
    begin += uint64_t{1} << level;
  }
  Hash root = peaks.back();
  for (size_t i = peaks.size() - 1; i-- > 0;) root = NodeHash(peaks[i], root);
  return root;
}

absl::Status CheckSize(uint64_t size) {
  if (size <= kMaxTreeSize) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("no tree can have ", size, " leaves"));
}

absl::Status Refuse(absl::string_view which, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(which, " proof ", why));
}

}  // namespace

absl::StatusOr<std::vector<Hash>> InclusionProof(uint64_t size, uint64_t index,
                                                 const NodeReader& reader) {
  URNA_RETURN_IF_ERROR(CheckSize(size));
  if (index >= size) {
    return absl::InvalidArgumentError(
        absl::StrCat("a tree of ", size, " leaves has no leaf ", index));
  }
  std::vector<Hash> proof;
  uint64_t begin = 0;
  uint64_t end = size;
  while (end - begin > 1) {
    const uint64_t middle = begin + Split(end - begin);
    if (index < middle) {
      URNA_ASSIGN_OR_RETURN(const Hash right, RangeRoot(middle, end, reader));
      proof.push_back(right);
      end = middle;
    } else {
      URNA_ASSIGN_OR_RETURN(const Hash left, RangeRoot(begin, middle, reader));
      proof.push_back(left);
      begin = middle;
    }
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

absl::StatusOr<std::vector<Hash>> ConsistencyProof(uint64_t old_size, uint64_t size,
                                                   const NodeReader& reader) {
  URNA_RETURN_IF_ERROR(CheckSize(size));
  if (old_size > size) {
    return absl::InvalidArgumentError(
        absl::StrCat("a tree of ", size, " leaves cannot contain one of ", old_size));
  }
  std::vector<Hash> proof;
  if (old_size == 0 || old_size == size) return proof;
  uint64_t begin = 0;
  uint64_t end = size;
  while (old_size != end) {
    const uint64_t middle = begin + Split(end - begin);
    if (old_size <= middle) {
      URNA_ASSIGN_OR_RETURN(const Hash right, RangeRoot(middle, end, reader));
      proof.push_back(right);
      end = middle;
    } else {
      URNA_ASSIGN_OR_RETURN(const Hash left, RangeRoot(begin, middle, reader));
      proof.push_back(left);
      begin = middle;
    }
  }
  if (begin != 0) {  // otherwise the verifier knows this node: it is the old root
    URNA_ASSIGN_OR_RETURN(const Hash node, RangeRoot(begin, end, reader));
    proof.push_back(node);
  }
  std::reverse(proof.begin(), proof.end());
  return proof;
}

absl::Status VerifyInclusion(const Hash& leaf_hash, uint64_t index, uint64_t size,
                             std::span<const Hash> proof, const Hash& root) {
  URNA_RETURN_IF_ERROR(CheckSize(size));
  if (index >= size) {
    return Refuse("inclusion",
                  absl::StrCat("is for leaf ", index, " of a tree of ", size, " leaves"));
  }
  uint64_t node = index;
  uint64_t last = size - 1;  // the last node of the same level
  Hash hash = leaf_hash;
  for (const Hash& sibling : proof) {
    if (last == 0) return Refuse("inclusion", "has too many hashes");
    if (node % 2 == 1 || node == last) {
      hash = NodeHash(sibling, hash);
      while (node % 2 == 0 && node != 0) {  // levels at which the last node has no sibling
        node /= 2;
        last /= 2;
      }
    } else {
      hash = NodeHash(hash, sibling);
    }
    node /= 2;
    last /= 2;
  }
  if (last != 0) return Refuse("inclusion", "has too few hashes");
  if (hash != root) return Refuse("inclusion", "does not lead to the root");
  return absl::OkStatus();
}

absl::Status VerifyConsistency(uint64_t old_size, const Hash& old_root, uint64_t new_size,
                               const Hash& new_root, std::span<const Hash> proof) {
  URNA_RETURN_IF_ERROR(CheckSize(new_size));
  if (old_size > new_size) {
    return Refuse("consistency",
                  absl::StrCat("is from ", old_size, " leaves to fewer, ", new_size));
  }
  if (old_size == 0 && old_root != EmptyRoot()) {
    return Refuse("consistency", "starts at no leaves, but the old root is not the empty one");
  }
  if (old_size == 0 || old_size == new_size) {
    if (!proof.empty()) return Refuse("consistency", "has too many hashes");
    if (old_size == new_size && old_root != new_root) {
      return Refuse("consistency", "is between two different roots of one size");
    }
    return absl::OkStatus();
  }
  // Both roots are built up from the largest perfect subtree that ends the old tree. If that is the
  // old tree itself, the proof leaves it out.
  uint64_t node = old_size - 1;
  uint64_t last = new_size - 1;
  while (node % 2 == 1) {
    node /= 2;
    last /= 2;
  }
  Hash start = old_root;
  if (!std::has_single_bit(old_size)) {
    if (proof.empty()) return Refuse("consistency", "has too few hashes");
    start = proof.front();
    proof = proof.subspan(1);
  }
  Hash old_hash = start;
  Hash new_hash = start;
  for (const Hash& sibling : proof) {
    if (last == 0) return Refuse("consistency", "has too many hashes");
    if (node % 2 == 1 || node == last) {
      old_hash = NodeHash(sibling, old_hash);
      new_hash = NodeHash(sibling, new_hash);
      while (node % 2 == 0 && node != 0) {
        node /= 2;
        last /= 2;
      }
    } else {
      new_hash = NodeHash(new_hash, sibling);
    }
    node /= 2;
    last /= 2;
  }
  if (last != 0) return Refuse("consistency", "has too few hashes");
  if (old_hash != old_root) return Refuse("consistency", "does not lead to the old root");
  if (new_hash != new_root) return Refuse("consistency", "does not lead to the new root");
  return absl::OkStatus();
}

}  // namespace urna::merkle
