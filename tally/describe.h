// Entries in words: what an officer reads before signing, what a command says it has posted.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/base/utf8.h"
#include "core/record/entry.h"

namespace urna::tally {

// Several lines, each ending in a newline. `manifest`: the poll's, or null if it is not at hand;
// with it contests and options are named.
std::string Describe(const record::Entry& entry, const record::Entry* manifest,
                     absl::string_view language);

using urna::Printable;

}  // namespace urna::tally
