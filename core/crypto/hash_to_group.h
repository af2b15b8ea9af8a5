// Points whose logarithms nobody knows. Implements docs/protocol.md §2, "hash to group".
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/crypto/point.h"

namespace urna::crypto {

// hash_to_ristretto255 of RFC 9380 appendix B with expand_message_xmd and SHA-512; the domain
// separation tag is "urna/1/" ‖ name, so `name` has at most 248 bytes.
RistrettoPoint HashToGroup(absl::string_view name, ByteSpan message);

// K_R = HashToGroup("credential base", ""): the second base of credentials. Computed once.
const RistrettoPoint& CredentialBase();

// expand_message_xmd of RFC 9380 §5.3.1 with SHA-512: `length` bytes, 1..16,320. `tag` has 1..255.
Bytes ExpandMessageXmdSha512(ByteSpan message, ByteSpan tag, size_t length);

}  // namespace urna::crypto
