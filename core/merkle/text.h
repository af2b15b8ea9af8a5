// Small parts of the line formats of c2sp.org: numbers, and text taken line by line.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/merkle/hash.h"

namespace urna::merkle {

// ASCII digits without sign or leading zeros; InvalidArgument also above `max`.
absl::StatusOr<uint64_t> ParseDecimal(absl::string_view text, uint64_t max);

// Takes the first line off `text`, without its newline. InvalidArgument if no newline is left;
// `what` names the line that was expected.
absl::StatusOr<absl::string_view> TakeLine(absl::string_view& text, absl::string_view what);

// A hash in canonical base64: 44 characters.
absl::StatusOr<Hash> ParseBase64Hash(absl::string_view text);

}  // namespace urna::merkle
