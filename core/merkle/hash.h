// The hashes of the Merkle tree: RFC 6962 §2.1 with SHA-256. Implements docs/protocol.md §10.
#pragma once

#include <array>
#include <cstdint>

#include "core/base/bytes.h"

namespace urna::merkle {

// 32 bytes: of a leaf, of a node, or the root.
using Hash = std::array<uint8_t, 32>;

// SHA-256(0x00 ‖ entry).
Hash LeafHash(ByteSpan entry);

// SHA-256(0x01 ‖ left ‖ right).
Hash NodeHash(const Hash& left, const Hash& right);

// SHA-256 of nothing: the root of a tree without leaves.
Hash EmptyRoot();

}  // namespace urna::merkle
