// A tree by its size and root: what a checkpoint states and a witness remembers.
// Implements docs/protocol.md §10.
#pragma once

#include <cstdint>

#include "core/merkle/hash.h"

namespace urna::merkle {

struct TreeHead {
  uint64_t size = 0;  // leaves
  Hash root = EmptyRoot();

  bool operator==(const TreeHead&) const = default;
};

}  // namespace urna::merkle
