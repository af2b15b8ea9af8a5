// When a board with witnesses takes an order, and when it logs their times: the rules that its
// records need and that are not the log's own. docs/protocol.md §10.4.
#pragma once

#include "absl/status/status.h"
#include "core/base/clock.h"
#include "core/record/entry.h"
#include "server/log_state.h"
#include "server/recovery.h"
#include "server/witness_desk.h"

namespace urna::server {

// Whether the entry can change where its log stands with the witnesses.
bool MovesStanding(const record::Entry& entry);

// Where the log stands now. Nothing is owed once the log takes no more witnessed checkpoints.
WitnessStanding StandingOf(const LogState& log, const merkle::WitnessPolicy& policy);

// ResourceExhausted (WaitsForWitnesses) for an order that states its index while a checkpoint
// behind the closing is still to be logged and can still be of use, as `now` is, seconds since
// 1970.
absl::Status CheckNothingOwed(const OpenLog& log, const poll::Order& order, int64_t now);

// For the next entry of a log, which keeps the log's own rules. Without witnesses (null) or without
// a quorum only witnessed checkpoints are refused.
//
// ResourceExhausted (WaitsForWitnesses) for an opening or closing order or a mark behind which no
// witnessed checkpoint stands that shows that it is not earlier: one is then asked for; and by
// CheckNothingOwed. FailedPrecondition for a witnessed checkpoint that nothing waits for.
absl::Status CheckWitnessRules(const OpenLog& log, const record::Entry& entry,
                               WitnessDesk* witnesses, const Clock* clock);

}  // namespace urna::server
