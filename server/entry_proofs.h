// What can be said of entries without the state of the log, the cheapest first: what their log's
// view says, and then their proofs, of which those that wait together are verified together.
// docs/protocol.md §7.6 and §8.1, *Which first*.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/crypto/rng.h"
#include "server/committer.h"
#include "server/log_state.h"

namespace urna::server {

// How far an entry came.
enum class Verdict : uint8_t {
  kForm,    // refused: its bytes are none of an entry that may come this way
  kPhase,   // refused: the poll is not open
  kTurn,    // refused: who sends it may not act, or not so, or not again
  kPoints,  // refused: a point or scalar in it is none
  kProof,   // refused: its proof; of what is proved over a ring equations 4 and 3 of §3.8
  kRing,    // refused: equations 1 and 2 of what is proved over a ring
  kCopy,    // decided with another of the same bytes that came together with it
  kLogged,  // not looked at: the log has these bytes already
  kPassed,  // nothing is wrong with it as far as can be said here
};
absl::string_view VerdictName(Verdict verdict);  // "form", "phase", …
inline constexpr size_t kVerdicts = 9;

struct Judged {
  absl::Status status;
  Verdict verdict = Verdict::kPassed;
};

// What needs no proof: a voter or signer who is not on the pinned roll (final: a roll does not
// change once it is pinned), a poll that is not open, a ring of an epoch that is not in force, an
// act of a petition that its tag or credential cannot make after those that are published. What is
// being written at this moment is left to the committer, and so is an entry that has no place in
// such a log.
//
// The bytes of an act that is refused here may be logged already: of a view that is asked first the
// ledger then knows it.
std::vector<Judged> JudgeBeforeProofs(const LogView& view, std::span<AdmittedEntry* const> entries);

// The proofs of entries that JudgeBeforeProofs has passed. Of the opening of a challenged ballot
// what it comes to is left in the entry for the committer to compare.
//
// On up to `threads` threads (0: one a core). `rng` must be the operating system's, and
// thread-safe: with its weights many proofs are verified at once.
std::vector<Judged> JudgeProofs(const LogView& view, std::span<AdmittedEntry* const> entries,
                                unsigned threads, crypto::Rng& rng);

}  // namespace urna::server
