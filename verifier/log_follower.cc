#include "verifier/log_follower.h"

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/proof.h"
#include "core/merkle/tile.h"

namespace urna::verifier {
namespace {

constexpr size_t kHashSize = 32;

// A tile's contents; of a partial one that is gone, the beginning of the full one.
absl::StatusOr<Bytes> ReadTile(const merkle::TileId& tile, const LogFiles& files) {
  constexpr size_t kMost = merkle::kTileWidth * kHashSize;
  absl::StatusOr<Bytes> contents = files(tile.Path(), kMost);
  if (absl::IsNotFound(contents.status()) && tile.width < merkle::kTileWidth) {
    merkle::TileId full = tile;
    full.width = merkle::kTileWidth;
    absl::StatusOr<Bytes> longer = files(full.Path(), kMost);
    if (!longer.ok()) return contents.status();
    if (longer->size() == kMost) longer->resize(tile.width * kHashSize);
    contents = std::move(longer);
  }
  if (contents.ok() && contents->size() != tile.width * kHashSize) {
    return absl::DataLossError(absl::StrCat(tile.Path(), " has ", contents->size(), " bytes"));
  }
  return contents;
}

// Nodes of the tree of `size` leaves; every tile is read once.
merkle::NodeReader NodesOf(uint64_t size, const LogFiles& files) {
  auto known = std::make_shared<std::map<merkle::TileId, Bytes>>();
  return merkle::NodesFromTiles(
      size, [known, &files](const merkle::TileId& tile) -> absl::StatusOr<Bytes> {
        const auto found = known->find(tile);
        if (found != known->end()) return found->second;
        URNA_ASSIGN_OR_RETURN(Bytes contents, ReadTile(tile, files));
        return known->emplace(tile, std::move(contents)).first->second;
      });
}

// What the tiles of the larger tree say of its first leaves.
struct Prefix {
  merkle::Hash root;
  std::vector<merkle::Hash> proof;
};

// DataLoss if the tiles are not those of a tree with this root.
absl::StatusOr<Prefix> PrefixOf(const merkle::Checkpoint& larger, uint64_t size,
                                const LogFiles& files) {
  const merkle::NodeReader nodes = NodesOf(larger.size(), files);
  Prefix prefix;
  URNA_ASSIGN_OR_RETURN(prefix.root, merkle::RootAt(size, nodes));
  URNA_ASSIGN_OR_RETURN(prefix.proof, merkle::ConsistencyProof(size, larger.size(), nodes));
  if (!merkle::VerifyConsistency(size, prefix.root, larger.size(), larger.root(), prefix.proof)
           .ok()) {
    return absl::DataLossError(
        absl::StrCat("the tiles are not those of the checkpoint of ", larger.size(), " entries"));
  }
  return prefix;
}

// Whether the tiles give the checkpoint's root.
absl::Status CheckTiles(const merkle::Checkpoint& checkpoint, const LogFiles& files) {
  URNA_ASSIGN_OR_RETURN(const merkle::Hash root,
                        merkle::RootAt(checkpoint.size(), NodesOf(checkpoint.size(), files)));
  if (root == checkpoint.root()) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("the tiles are not those of the checkpoint of ", checkpoint.size(), " entries"));
}

// The note with the log's line alone: cosignatures are of no matter to who compares trees.
absl::StatusOr<std::string> OnlyTheLogs(ByteSpan note, const merkle::NoteVerifier& log) {
  URNA_ASSIGN_OR_RETURN(const merkle::OpenedNote opened, merkle::OpenNote(note, {&log, 1}));
  URNA_ASSIGN_OR_RETURN(const merkle::Note kept,
                        merkle::Note::Create(opened.note.text(), opened.verified));
  return kept.Serialize();
}

}  // namespace

absl::StatusOr<LogFollower> LogFollower::Create(const merkle::NoteVerifier& log,
                                                const std::optional<std::string>& known_note) {
  LogFollower follower(log);
  if (!known_note) return follower;
  URNA_ASSIGN_OR_RETURN(follower.known_, merkle::OpenCheckpoint(AsBytes(*known_note), log,
                                                                merkle::OtherSignatures::kIgnored));
  URNA_ASSIGN_OR_RETURN(follower.note_, OnlyTheLogs(AsBytes(*known_note), log));
  return follower;
}

absl::StatusOr<FollowStep> LogFollower::Look(const LogFiles& files) {
  URNA_ASSIGN_OR_RETURN(const Bytes note, files("checkpoint", merkle::kMaxNoteSize));
  absl::StatusOr<std::string> kept = OnlyTheLogs(note, log_);
  if (!kept.ok()) {
    return absl::DataLossError(absl::StrCat("checkpoint: ", kept.status().message()));
  }
  absl::StatusOr<merkle::Checkpoint> now =
      merkle::OpenCheckpoint(note, log_, merkle::OtherSignatures::kIgnored);
  if (!now.ok()) return absl::DataLossError(now.status().message());

  FollowStep step;
  if (!known_ || (known_->size() == 0 && now->size() > 0)) {
    URNA_RETURN_IF_ERROR(CheckTiles(*now, files));
    step = {known_ ? FollowOutcome::kGrown : FollowOutcome::kFirst, 0, now->size(), {}};
  } else if (now->size() == known_->size()) {
    URNA_ASSIGN_OR_RETURN(step, LookAtOneSize(note, *now));
  } else if (now->size() > known_->size()) {
    URNA_ASSIGN_OR_RETURN(step, LookAtGrowth(note, *now, files));
  } else {
    URNA_ASSIGN_OR_RETURN(step, LookAtSmaller(note, *now, files));
  }
  if (step.outcome == FollowOutcome::kFirst || step.outcome == FollowOutcome::kGrown) {
    known_ = *std::move(now);
    note_ = *std::move(kept);
  }
  return step;
}

absl::StatusOr<FollowStep> LogFollower::LookAtOneSize(ByteSpan note,
                                                      const merkle::Checkpoint& now) const {
  FollowStep step{FollowOutcome::kUnchanged, known_->size(), now.size(), {}};
  if (now.root() == known_->root()) return step;
  step.outcome = FollowOutcome::kForked;
  URNA_ASSIGN_OR_RETURN(step.evidence,
                        merkle::ForkEvidence::OfOneSize(AsBytes(*note_), note, log_));
  return step;
}

absl::StatusOr<FollowStep> LogFollower::LookAtGrowth(ByteSpan note, const merkle::Checkpoint& now,
                                                     const LogFiles& files) const {
  FollowStep step{FollowOutcome::kGrown, known_->size(), now.size(), {}};
  URNA_ASSIGN_OR_RETURN(Prefix prefix, PrefixOf(now, known_->size(), files));
  if (prefix.root == known_->root()) return step;
  step.outcome = FollowOutcome::kForked;
  URNA_ASSIGN_OR_RETURN(step.evidence,
                        merkle::ForkEvidence::Create(AsBytes(*note_), note, prefix.root,
                                                     std::move(prefix.proof), log_));
  return step;
}

// An honest log never shows fewer entries, but a cache may. Whether they are the ones known is seen
// only from tiles of the larger tree, which need not be there.
absl::StatusOr<FollowStep> LogFollower::LookAtSmaller(ByteSpan note, const merkle::Checkpoint& now,
                                                      const LogFiles& files) const {
  FollowStep step{FollowOutcome::kSmaller, known_->size(), now.size(), {}};
  absl::StatusOr<Prefix> prefix = PrefixOf(*known_, now.size(), files);
  if (!prefix.ok() || prefix->root == now.root()) return step;
  step.outcome = FollowOutcome::kForked;
  URNA_ASSIGN_OR_RETURN(step.evidence,
                        merkle::ForkEvidence::Create(note, AsBytes(*note_), prefix->root,
                                                     std::move(prefix->proof), log_));
  return step;
}

}  // namespace urna::verifier
