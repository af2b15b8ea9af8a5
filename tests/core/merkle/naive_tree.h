// The definitions of RFC 6962 §2.1 written down as they stand there, for comparison.
#pragma once

#include <bit>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/merkle/hash.h"

namespace urna::merkle::naive {

using Leaves = std::span<const Hash>;

// Different leaf hashes, one for each index.
inline std::vector<Hash> SomeLeaves(size_t count) {
  std::vector<Hash> leaves;
  for (size_t i = 0; i < count; ++i)
    leaves.push_back(LeafHash(AsBytes("leaf " + std::to_string(i))));
  return leaves;
}

inline size_t Split(size_t n) { return std::bit_floor(n - 1); }

// MTH(D[n])
inline Hash Root(Leaves d) {
  if (d.empty()) return EmptyRoot();
  if (d.size() == 1) return d[0];
  const size_t k = Split(d.size());
  return NodeHash(Root(d.first(k)), Root(d.subspan(k)));
}

// PATH(m, D[n])
inline std::vector<Hash> Path(size_t m, Leaves d) {
  if (d.size() == 1) return {};
  const size_t k = Split(d.size());
  std::vector<Hash> path = m < k ? Path(m, d.first(k)) : Path(m - k, d.subspan(k));
  path.push_back(m < k ? Root(d.subspan(k)) : Root(d.first(k)));
  return path;
}

// SUBPROOF(m, D[n], b)
inline std::vector<Hash> Subproof(size_t m, Leaves d, bool b) {
  if (m == d.size()) return b ? std::vector<Hash>() : std::vector<Hash>{Root(d)};
  const size_t k = Split(d.size());
  std::vector<Hash> proof =
      m <= k ? Subproof(m, d.first(k), b) : Subproof(m - k, d.subspan(k), false);
  proof.push_back(m <= k ? Root(d.subspan(k)) : Root(d.first(k)));
  return proof;
}

}  // namespace urna::merkle::naive
