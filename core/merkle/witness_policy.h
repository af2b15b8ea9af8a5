// Witness policies (c2sp.org/tlog-policy): whose cosignatures make a checkpoint one that everybody
// was shown. A text of lines, words between spaces and tabs, '#' before comments:
//
//   log <vkey> [<url>]
//   witness <name> <vkey> [<url>]
//   group <name> all|any|<k> <member>…     members: names of witnesses and groups in lines above
//   quorum <name>|none
//
// A group has cosigned when k of its members have. Implements docs/protocol.md §10.2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/cosignature.h"
#include "core/merkle/note.h"

namespace urna::merkle {

inline constexpr size_t kMaxPolicySize = 1 << 20;  // bytes
inline constexpr size_t kMaxPolicyNames = 256;     // logs; witnesses; groups: of each

// What a note's cosignatures are worth under a policy.
struct Witnessing {
  // For each witness of the policy, in its order: the time of its cosignature, if it has signed.
  std::vector<std::optional<uint64_t>> times;
  std::vector<NoteSignature> unknown;  // by other keys: not checked, and mean nothing
  bool quorum_met = false;

  // Times that the quorum vouches for, in seconds since 1970; none if it isn't met, or if the
  // quorum is none.
  //
  // The tree existed at this time: the smallest t such that the cosignatures of times up to t meet
  // the quorum. It holds if every set of witnesses that meets the quorum has an honest one in it,
  // whose clock is right: that one has signed by t.
  std::optional<uint64_t> existed_by;

  // The tree was the largest at this time: the largest t such that the cosignatures of times from t
  // on meet the quorum. Some honest witness among those had seen no larger tree at t. If moreover
  // any two sets that meet the quorum have an honest witness in common, then no larger tree met
  // the quorum before t: what is not in this tree came to the witnesses later.
  std::optional<uint64_t> newest_at;
};

// A checkpoint whose log's signature was checked, and what its cosignatures are worth.
struct WitnessedCheckpoint {
  Checkpoint checkpoint;
  Witnessing witnessing;
};

// Immutable. All its functions may be called from several threads at once.
class WitnessPolicy {
 public:
  struct Log {
    NoteVerifier key;
    std::optional<std::string> url;

    bool operator==(const Log&) const = default;
  };
  struct Witness {
    std::string name;  // within the policy; that of the key may be another
    CosignatureVerifier key;
    std::optional<std::string> url;  // where add-checkpoint is

    bool operator==(const Witness&) const = default;
  };

  // InvalidArgument naming the line. Beyond what C2SP says: at most kMaxPolicyNames of a kind, and
  // numbers without leading zeros.
  static absl::StatusOr<WitnessPolicy> Parse(absl::string_view text);

  // The policy `quorum none`, without logs and witnesses.
  static WitnessPolicy WithoutWitnesses();

  // One line each, single spaces, no comments, thresholds as numbers; Parse gives an equal policy.
  std::string ToText() const;

  const std::vector<Log>& logs() const { return logs_; }
  const std::vector<Witness>& witnesses() const { return witnesses_; }

  // Whether cosignatures are needed at all: the quorum is not none.
  bool has_quorum() const { return quorum_.has_value(); }

  // Checks the note's cosignatures by known witnesses; its other lines are passed over. Of a note
  // that too few have cosigned, too. InvalidArgument if a witness has two lines; PermissionDenied
  // if a known witness's line does not verify.
  absl::StatusOr<Witnessing> Evaluate(const Note& note) const;

  // Opens the checkpoint of the given log and evaluates its cosignatures. The errors of
  // OpenCheckpoint and of Evaluate; no error where the quorum is missed.
  absl::StatusOr<WitnessedCheckpoint> Open(ByteSpan note, const NoteVerifier& log) const;

  // What times mean of which nothing needs to be checked: one for each witness, in the policy's
  // order, none where it has not signed.
  Witnessing Weigh(std::vector<std::optional<uint64_t>> times) const;

  bool operator==(const WitnessPolicy&) const = default;

 private:
  friend class WitnessPolicyReader;

  // A name that a group or the quorum can refer to, in the order of the lines.
  struct Party {
    std::string name;
    size_t witness = 0;           // its place among the witnesses, if it has no members
    size_t needed = 0;            // of the members
    std::vector<size_t> members;  // places of earlier parties

    bool operator==(const Party&) const = default;
  };

  WitnessPolicy() = default;

  std::vector<Log> logs_;
  std::vector<Witness> witnesses_;
  std::vector<Party> parties_;
  std::optional<size_t> quorum_;  // a place among the parties
};

}  // namespace urna::merkle
