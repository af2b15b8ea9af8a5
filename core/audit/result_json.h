// An election's published result as JSON, for every program that prints one. docs/protocol.md
// §12.1.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/base/localized_text.h"
#include "core/election/state.h"

namespace urna::audit {

// {"en": "Mayor", …}
nlohmann::ordered_json TextsJson(const LocalizedTexts& texts);

// A list with one element for every contest of the manifest, as docs/protocol.md §12.1 says: the
// totals over all its parts by option, list and blank, by parts if it is by district, and the
// outcome; a contest that was not decrypted, or has no result yet, is without totals.
nlohmann::ordered_json ContestResultsJson(const election::ElectionState& state);

}  // namespace urna::audit
