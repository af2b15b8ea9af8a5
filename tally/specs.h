// Specifications of polls and rolls: the JSON that people write, from which manifests and roll
// headers are made. docs/election-spec.md describes every field; docs/protocol.md §4 and §6 the
// outcome.
#pragma once

#include <variant>

#include "core/election/manifest.h"
#include "core/petition/petition.h"
#include "tally/spec_reader.h"

namespace urna::tally {

// {"kind": "election", …} or {"kind": "petition", …}. InvalidArgument names the JSON path, or, for
// rules about the whole, the element as CheckManifest does.
using PollSpec = std::variant<election::Manifest, petition::Manifest>;
absl::StatusOr<PollSpec> ReadPollSpec(const Json& json, const SpecDefaults& defaults);

// A manifest as a specification, every field written out: ReadPollSpec makes the same of it again.
// Safe for manifests that break rules; a key without a valid name or that is none is "?".
Json SpecOf(const election::Manifest& manifest);
Json SpecOf(const petition::Manifest& manifest);

// A roll; the registrar is whoever signs the header.
absl::StatusOr<roll::RollHeader> ReadRollSpec(const Json& json, const roll::NamedKey& registrar,
                                              const SpecDefaults& defaults);

}  // namespace urna::tally
