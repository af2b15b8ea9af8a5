// A poll as a wary voter sees it: nothing of it is the board's word. docs/protocol.md §5, §6, §10.
//
// The log key is that of the manifest, the log's first entry. The checkpoint is signed by it, and
// the entries read are those of the checkpoint: all of them where the log is small, else those up
// to the opening order, proved to be its beginning. Officers' signatures, the chain of orders, the
// key ceremony, the roll that the opening order pins and the epochs of it that later orders bring
// in are checked by the rules of the protocol. What others cast is not: that is an auditor's work.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/crypto/credential.h"
#include "core/election/ballot.h"
#include "core/election/manifest.h"
#include "core/merkle/note.h"
#include "core/petition/state.h"
#include "core/roll/roll.h"
#include "voter/board.h"
#include "voter/history.h"

namespace urna::voter {

// Whose acts are whose: a credential, or in an anonymous poll a tag.
using OwnId = std::array<uint8_t, 32>;

// Where the voter's own credential or tag stands in a log: ballots, challenges, petition acts.
struct OwnAct {
  uint64_t index = 0;
  uint64_t sequence = 0;
  merkle::Hash leaf_hash{};
  Submission kind = Submission::kBallot;
  crypto::Hash64 ballot_hash{};           // of a challenge
  std::optional<petition::Act> act = {};  // of a petition act
};

struct ReadOptions {
  // The manifest's hash as the voter knows it from elsewhere; what the board shows must be that.
  std::optional<crypto::Hash32> poll_id;
  // Logs of up to so many entries are read whole.
  uint64_t whole_log_limit = 5000;
  // Whether to read and verify the pinned roll.
  bool roll = true;
  // Whose acts to look for, in a log that is read whole. With the secrets, which must outlive the
  // call, its tag is looked for in an anonymous poll, else nothing is there.
  std::optional<std::array<uint8_t, 32>> credential;
  const crypto::Credential* secrets = nullptr;
  // Whether to keep the roll's members with their enrolments, of an anonymous poll.
  bool enrolments = false;
};

struct PollView {
  std::string origin;
  crypto::Hash32 poll_id{};
  merkle::NoteVerifier log;
  SeenCheckpoint checkpoint;
  // Of a petition title and text are those in force.
  std::variant<election::Manifest, petition::Manifest> manifest;

  bool whole = false;  // whether every entry was seen
  // At the checkpoint if `whole`; else voting or collecting, though it may have been closed since;
  // of an anonymous petition whose roll was asked for, as far as the board names its orders.
  remote::LogPhase phase = remote::LogPhase::kSetup;
  // The same of a petition, as its own phase.
  std::optional<petition::Phase> life = {};
  // Whose acts were looked for; nothing in an anonymous poll that is not open yet.
  std::optional<OwnId> own_id = {};
  std::vector<OwnAct> own = {};  // ascending by index; empty if not `whole`
  // The officers' order that revoked the credential, as "order 5: voted in the town hall"; nothing
  // if it was not revoked, or was restored, or not `whole`.
  std::optional<std::string> revoked = {};

  // Once opened:
  std::optional<election::VotingContext> voting = {};  // of an election
  std::optional<petition::ActContext> signing = {};    // of a petition
  std::optional<roll::RollPin> pin = {};
  std::shared_ptr<const roll::RollState> roll = {};  // as the opening pins it, if asked for
  uint64_t opened_at = 0;                            // the index of the opening order
  // Of an anonymous petition: the index of the order that brought each epoch of the roll in.
  std::map<uint32_t, uint64_t> brought_in_at = {};
  // Of an anonymous election: the beacon that the opening order gives.
  std::optional<crypto::Hash32> beacon = {};
  // Of an anonymous poll, if they were asked for: all who were ever put on the roll, up to its
  // newest epoch that an order has pinned.
  std::vector<roll::RollMember> members = {};

  const election::Manifest* election() const { return std::get_if<election::Manifest>(&manifest); }
  const petition::Manifest* petition() const { return std::get_if<petition::Manifest>(&manifest); }
  const LocalizedTexts& title() const;
  const poll::Schedule& schedule() const;
  bool anonymous() const;  // whether nothing that is cast or signed says whose it is
  // Of an anonymous poll: the source that the manifest names, and its rings, of a petition those of
  // the newest epoch; null before the opening, or where the roll was not asked for.
  const std::string& beacon_source() const;
  std::shared_ptr<const roll::Rings> rings() const;

  // The district in which a credential is entitled in this poll. FailedPrecondition before the
  // opening; PermissionDenied if it is not on the pinned roll, or in no district of the poll, or of
  // a category that does not vote in an anonymous election.
  absl::StatusOr<uint16_t> DistrictOf(const std::array<uint8_t, 32>& credential) const;
  // The ballot style of that district; elections only.
  absl::StatusOr<uint16_t> StyleOf(const std::array<uint8_t, 32>& credential) const;
};

// DataLoss where what the board shows is wrong in itself, FailedPrecondition where it is not the
// poll that `options` name; NotFound if the board has no such log.
absl::StatusOr<PollView> ReadPoll(Board& board, absl::string_view origin,
                                  const ReadOptions& options);

// A log that was read to its end.
struct WholeLog {
  std::vector<OwnAct> acts;  // of one credential or tag, ascending by index
  std::optional<std::string> revoked;
  uint64_t bytes = 0;                      // of all entries
  std::map<uint64_t, merkle::Hash> roots;  // of the trees of the sizes that were asked for
};
// Reads all entries of the log of a verified checkpoint; who signed its orders is not looked at.
// `sizes` above that of the checkpoint are left out. DataLoss if the entries are not those of the
// checkpoint.
absl::StatusOr<WholeLog> ReadWholeLog(Board& board, const SeenCheckpoint& checkpoint,
                                      const OwnId& credential_or_tag,
                                      const std::set<uint64_t>& sizes);

// Whose it is and the sequence of a ballot, challenge or petition act; nothing if the entry is none
// of these.
struct ActHead {
  Submission kind = Submission::kBallot;
  OwnId id{};  // credential or tag
  uint64_t sequence = 0;
  crypto::Hash64 ballot_hash{};           // of a challenge
  std::optional<petition::Act> act = {};  // of a petition act
};
std::optional<ActHead> ReadActHead(ByteSpan entry);

}  // namespace urna::voter
