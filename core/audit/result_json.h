// An election's published result as JSON, for every program that prints one.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/base/localized_text.h"
#include "core/election/state.h"

namespace urna::audit {

// {"en": "Mayor", …}
nlohmann::ordered_json TextsJson(const LocalizedTexts& texts);

// A list with one element for each contest that was decrypted: its totals over all parts by option,
// list and blank, the parts with theirs, and the outcome. Empty before the result.
nlohmann::ordered_json ContestResultsJson(const election::ElectionState& state);

}  // namespace urna::audit
