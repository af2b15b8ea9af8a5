// What a board with witnesses has on disk: its witness policy, which the operator wrote, and in the
// data directory cosigned checkpoints and alarms.
//
//   cosigned/        of every log the largest checkpoint that met the quorum, with its
//   cosignatures,
//                    named as in checkpoints/
//   alarms/          of every fork alarm what was asked and what was answered (JSON); the board
//   takes
//                    nothing new while the policy names the witness that raised it
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/merkle/add_checkpoint.h"
#include "core/merkle/cosignature.h"
#include "core/merkle/witness_policy.h"
#include "server/data_directory.h"
#include "server/ledger.h"

namespace urna::server {

// The policy in the file, in C2SP's form. InvalidArgument if it cannot be read, is none, has no
// witness, a witness without a URL, or a log that is not this board's or has another key.
absl::StatusOr<merkle::WitnessPolicy> LoadWitnessPolicy(const std::string& path,
                                                        const BoardIdentity& board);

// The cosigned checkpoints in the data directory, by origin, not verified; none if there is no
// directory of them. DataLoss if one is torn.
absl::StatusOr<std::map<std::string, std::string>> ReadCosigned(const std::string& data);

// DataLoss with what to do unless the ledger has all trees that witnesses have cosigned.
absl::Status CheckCosigned(const std::map<std::string, std::string>& cosigned, const Ledger& ledger,
                           const BoardIdentity& board);

// A witness's answer that means two histories.
struct WitnessAlarm {
  std::string origin;
  merkle::CosignatureVerifier witness;
  std::string url;
  int64_t time = 0;  // seconds since 1970
  std::string what;  // in words
  std::string request;
  merkle::AddCheckpointReply reply;
};

// Writes it down, durably; the path.
absl::StatusOr<std::string> WriteAlarm(const std::string& data, const WitnessAlarm& alarm);

// What the board says while it takes nothing new.
std::string AlarmSentence(absl::string_view witness, absl::string_view origin,
                          absl::string_view what, absl::string_view path);

// The sentences of the alarms that witnesses of the policy have raised. DataLoss if a file there is
// no alarm: nobody knows then whose it was.
absl::StatusOr<std::vector<std::string>> ReadAlarms(const std::string& data,
                                                    const merkle::WitnessPolicy& policy);

}  // namespace urna::server
