// Whether a directory is exactly the log that its checkpoint names: LogReader::CheckFiles.
// docs/protocol.md §10; check L2 of §12.
#pragma once

#include <string>
#include <vector>

#include "core/merkle/checkpoint.h"

namespace urna::record {

std::vector<std::string> CheckLogDirectory(const std::string& directory,
                                           const merkle::Checkpoint& checkpoint);

}  // namespace urna::record
