// What a voter keeps of one poll, on disk: the bytes that were sent, the receipts, and the newest
// checkpoint seen. Files of RECEIPTS/<poll>/, where <poll> is the origin with '_' for '/':
//
//   poll.json               {"origin", "poll" (manifest hash), "log" (vkey), "credential"}
//   <sequence>.entry        the bytes of a ballot or act, written before they are sent
//   <sequence>.tlog-proof   its receipt, docs/protocol.md §10
//   <sequence>.refused      what the board said when it refused the entry
//   checkpoint              the newest checkpoint of the log that was verified
//   evidence-<n>.json       two checkpoints that contradict each other: proof against the board
//
// No secret is in them; but they say that somebody voted, so all files are for the owner alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/crypto/hash.h"
#include "core/merkle/note.h"

namespace urna::voter {

// Whom and what the files of a directory are about.
struct ReceiptLabel {
  std::string origin;
  crypto::Hash32 poll_id{};
  merkle::NoteVerifier log;
  // P; in an anonymous poll the tag T, and nowhere in the directory P, so that nobody who finds
  // it learns whose the tag is.
  std::array<uint8_t, 32> credential{};

  bool operator==(const ReceiptLabel&) const = default;
};

struct StoredAct {
  uint64_t sequence = 0;
  bool receipt = false;
  bool refused = false;
};

// Not for two processes at once, but then neither overwrites what the other sent.
class ReceiptStore {
 public:
  // Where `receipts`, a directory of many polls, keeps this one.
  static std::string DirectoryOf(const std::string& receipts, absl::string_view origin);

  // Makes the directory if need be. FailedPrecondition if it is about another poll of the same
  // origin, another log key or another credential.
  static absl::StatusOr<ReceiptStore> Create(const std::string& receipts,
                                             const ReceiptLabel& label);
  // One poll's directory, as it is. NotFound if it has no poll.json.
  static absl::StatusOr<ReceiptStore> Open(const std::string& directory);
  // The directories under `receipts` that Open takes, in order of their names.
  static absl::StatusOr<std::vector<std::string>> List(const std::string& receipts);

  const std::string& directory() const { return directory_; }
  const ReceiptLabel& label() const { return label_; }

  // By sequence, ascending.
  absl::StatusOr<std::vector<StoredAct>> Acts() const;
  // The highest sequence of all entries; 0 if there are none.
  absl::StatusOr<uint64_t> LastSequence() const;
  // The highest entry, if it has no receipt and was not refused: sent, perhaps logged, never
  // answered. (An older one without receipt can no longer be logged when a later one has been.)
  absl::StatusOr<std::optional<uint64_t>> Pending() const;

  std::string EntryPath(uint64_t sequence) const;
  std::string ReceiptPath(uint64_t sequence) const;

  // Durable when it returns. AlreadyExists for a sequence that was used before.
  absl::Status SaveEntry(uint64_t sequence, ByteSpan entry) const;
  absl::Status SaveReceipt(uint64_t sequence, absl::string_view proof) const;
  absl::Status SaveRefusal(uint64_t sequence, absl::string_view sentence) const;
  absl::StatusOr<Bytes> ReadEntry(uint64_t sequence) const;
  absl::StatusOr<Bytes> ReadReceipt(uint64_t sequence) const;

  // Nothing if none was seen yet.
  absl::StatusOr<std::optional<std::string>> ReadCheckpoint() const;
  absl::Status SaveCheckpoint(absl::string_view note) const;
  // The path of the file that was written.
  absl::StatusOr<std::string> SaveEvidence(absl::string_view reason, absl::string_view first_note,
                                           absl::string_view second_note) const;

 private:
  ReceiptStore(std::string directory, ReceiptLabel label)
      : directory_(std::move(directory)), label_(std::move(label)) {}

  std::string directory_;
  ReceiptLabel label_;
};

}  // namespace urna::voter
