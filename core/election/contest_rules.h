// The rules of one contest of a manifest. docs/protocol.md §6. Part of CheckManifest.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "core/base/localized_text.h"
#include "core/election/manifest.h"

namespace urna::election {

// "contest 3 'Mayor'"
std::string NameOf(const Contest& contest);

// Valid texts in exactly the languages of the manifest's title.
absl::Status CheckText(const LocalizedTexts& title, const LocalizedTexts& texts);

// InvalidArgument, without the contest's name, for whatever breaks a rule of a contest by itself.
// A ContestPlan may be made of a contest that passes, and of no other.
absl::Status CheckContest(const LocalizedTexts& title, const Contest& contest);

}  // namespace urna::election
