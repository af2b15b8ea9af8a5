// Which credentials an order 'revoke' or 'restore' names, and what that changes for each.
// docs/protocol.md §6. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/election/state.h"
#include "core/roll/roll.h"

namespace urna::tally {

// A line of a list of credentials.
struct ListedCredential {
  size_t line = 0;  // from 1
  std::array<uint8_t, 32> credential{};
};

// One credential in hex a line; empty lines and lines that begin with '#' are ignored.
// InvalidArgument as "list.txt line 3: 64 hex digits belong here"; also for an empty list.
absl::StatusOr<std::vector<ListedCredential>> ParseCredentials(absl::string_view text,
                                                               absl::string_view name);

enum class RevocationKind { kRevoke, kRestore };

struct RevocationReport {
  struct Line {
    ListedCredential listed;
    std::string state;  // for programs: "not on the roll", "repeated", "revoked", …
    std::string what;   // for people: "its ballot at entry 17 will not count"
  };
  std::vector<Line> lines;                           // as listed
  std::vector<std::array<uint8_t, 32>> credentials;  // what the order names: sorted, each once
  std::vector<size_t> refused;                       // lines that are not on the roll
};
RevocationReport ReportCredentials(const election::ElectionState& election,
                                   const roll::RollState& roll, RevocationKind kind,
                                   const std::vector<ListedCredential>& listed);

// How many credentials fit into one order with a reason of so many bytes, if all of these officers
// sign it.
size_t MostCredentials(size_t reason_bytes, size_t officers);

}  // namespace urna::tally
