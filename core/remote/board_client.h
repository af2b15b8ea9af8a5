// Talking to a board: the gRPC client that all programs share. docs/protocol.md §10 for checkpoints
// and receipts, proto/urna.proto for the calls.
//
// Nothing that a board answers is believed here unless a function says that it verifies. Receipts
// are verified by CheckReceipt, whole logs by FetchLog and FetchRecord (and then, wholly, by the
// verifier).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/base/bytes.h"
#include "core/base/localized_text.h"
#include "core/merkle/hash.h"
#include "core/merkle/note.h"
#include "core/merkle/tlog_proof.h"
#include "core/poll/orders.h"
#include "core/record/log_kind.h"
#include "core/remote/fetch_choice.h"

namespace urna::remote {

using record::LogKind;
using record::LogKindName;
using record::LogPhase;
using record::LogPhaseName;

// What the board says about one log.
struct PollSummary {
  std::string origin;
  LogKind kind = LogKind::kElection;
  LogPhase phase = LogPhase::kSetup;
  LocalizedTexts title;
  poll::Schedule schedule;            // all zero for a roll
  uint64_t tree_size = 0;             // entries
  std::array<uint8_t, 32> id{};       // manifest hash, or roll id
  std::optional<roll::RollPin> roll;  // once opened; without root
  std::string roll_origin;            // once opened
  // A witnessed checkpoint is still to be logged behind the opening or closing: an order that
  // states its index is to be drafted after that.
  bool awaits_witnesses = false;
  std::vector<uint64_t> later_orders;  // of a petition: the indexes of those behind the opening
};

struct BoardInfo {
  std::string name;
  std::array<uint8_t, 32> log_key{};
  std::string version;
};

// That an entry was accepted, as the board says it.
struct Receipt {
  uint64_t index = 0;
  merkle::Hash leaf_hash{};
  std::string proof;  // a tlog-proof: what is written into a receipt file
};

// Verifies a receipt of `entry` in the log that `log` names (key name = origin). Errors of
// merkle::VerifyReceipt, and DataLoss if index or leaf hash beside the proof are not the proof's.
absl::Status CheckReceipt(const Receipt& receipt, ByteSpan entry, const merkle::NoteVerifier& log);

struct PetitionCount {
  uint64_t signatures = 0;
  std::vector<poll::DistrictCount> districts;
  std::vector<poll::ThresholdReached> thresholds;
  uint64_t tree_size = 0;
};

struct ConnectOptions {
  // TLS with the certificates of this PEM file as roots; empty: the system's roots if `tls`.
  std::string root_certificates_file;
  bool tls = false;
  // PEM files, the certificate with its chain: what an official shows to a board that asks those
  // who administer for a certificate. Both or neither.
  std::string client_certificate_file;
  std::string client_key_file;
  // Without TLS: only to this machine, unless this is set.
  bool allow_plain_anywhere = false;
  // The board's administration token, as in the file that `urna-server init` made; empty: none.
  std::string admin_token_file;
  // Of one call; streams get ten times as long.
  int64_t deadline_seconds = 30;
};

// One connection. Thread-safe; move-only.
class BoardClient {
 public:
  // `address`: host:port. FailedPrecondition if it would be plain to another machine, or if the
  // client's certificate is not valid now; InvalidArgument if that and its key are not a pair.
  // Connects when the first call is made; Unavailable is then that call's error.
  static absl::StatusOr<BoardClient> Connect(absl::string_view address,
                                             const ConnectOptions& options);
  BoardClient(BoardClient&&) noexcept;
  BoardClient& operator=(BoardClient&&) noexcept;
  ~BoardClient();

  absl::StatusOr<BoardInfo> GetBoard();
  // Elections and petitions of the board, and rolls if asked for, by origin.
  absl::StatusOr<std::vector<PollSummary>> ListPolls(bool rolls = false);
  // NotFound if there is no log (poll or roll) of this origin.
  absl::StatusOr<PollSummary> GetPoll(absl::string_view origin);
  // The newest signed note, as it is.
  absl::StatusOr<std::string> GetCheckpoint(absl::string_view origin);
  // That, and the largest that has met the board's witness quorum.
  absl::StatusOr<ShownCheckpoints> GetCheckpoints(absl::string_view origin);
  // Calls `entry` for each of from..to-1, in order; a `to` of 0 or beyond the end means the end.
  // Stops with the first error that `entry` returns.
  absl::Status StreamEntries(absl::string_view origin, uint64_t from, uint64_t to,
                             const std::function<absl::Status(uint64_t index, Bytes entry)>& entry);
  absl::StatusOr<std::vector<Bytes>> GetEntries(absl::string_view origin, uint64_t from,
                                                uint64_t to);
  // `tree_size` 0: of the last checkpoint.
  struct Inclusion {
    uint64_t index = 0;
    uint64_t tree_size = 0;
    std::vector<merkle::Hash> hashes;
    std::optional<Receipt> receipt;  // if tree_size was 0
  };
  absl::StatusOr<Inclusion> GetInclusionProof(absl::string_view origin, uint64_t index,
                                              uint64_t tree_size = 0);
  absl::StatusOr<Inclusion> GetInclusionProof(absl::string_view origin,
                                              const merkle::Hash& leaf_hash,
                                              uint64_t tree_size = 0);
  // `new_size` 0: of the last checkpoint.
  absl::StatusOr<std::vector<merkle::Hash>> GetConsistencyProof(absl::string_view origin,
                                                                uint64_t old_size,
                                                                uint64_t new_size = 0);

  // A ballot, the challenge of a sealed ballot, or the opening of a challenged one.
  absl::StatusOr<Receipt> Cast(absl::string_view origin, ByteSpan entry);
  absl::StatusOr<Receipt> Act(absl::string_view origin, ByteSpan act);
  absl::StatusOr<PetitionCount> GetCount(absl::string_view origin);

  // A manifest or a roll's header. Needs the administration token.
  absl::StatusOr<Receipt> CreateLog(ByteSpan first_entry);
  // An order or a trustee message; with the token also a roll member or seal.
  absl::StatusOr<Receipt> Append(absl::string_view origin, ByteSpan entry);
  // Roll members, in order, until `next` has none left; needs the token. The receipt is the last
  // one's. InvalidArgument if there are none.
  absl::StatusOr<Receipt> AppendMany(absl::string_view origin,
                                     const std::function<std::optional<Bytes>()>& next);

  // Rehearsals: casts all that `next` gives with up to `in_flight` calls under way at once, all
  // from the calling thread, which is also where `next` and `done` (index: the how-manieth, from 0)
  // are called. A busy board is asked again after a while, up to ten times. The entries arrive in
  // no particular order. Returns when all are done.
  using Next = std::function<std::optional<Bytes>()>;
  using Done = std::function<void(uint64_t index, absl::StatusOr<Receipt> receipt)>;
  void CastMany(absl::string_view origin, const Next& next, int in_flight, const Done& done);
  void ActMany(absl::string_view origin, const Next& next, int in_flight, const Done& done);

  // Downloads a log as static files into `directory`, which must be empty or missing: everything
  // under a checkpoint of now (fetch_choice.h), signed by the log key of its first entry, whose
  // root is what the entries give. DataLoss if not. Returns the checkpoint's size.
  absl::StatusOr<uint64_t> FetchLog(absl::string_view origin, const std::string& directory,
                                    FetchAt at = FetchAt::kNewest, const ProgressOf& progress = {});
  // Downloads a poll and, once it is opened, the roll that its opening order pins, as a record:
  // `directory`/poll and `directory`/roll-<id>. DataLoss if the roll is not the pinned one. The
  // roll is sealed and taken at its newest checkpoint.
  absl::Status FetchRecord(absl::string_view origin, const std::string& directory,
                           FetchAt at = FetchAt::kFinal, const ProgressOf& progress = {});

 private:
  struct Impl;
  explicit BoardClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace urna::remote
