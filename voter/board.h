// What the voter library asks of a board. Whatever answers is believed nowhere: callers check
// checkpoints, proofs and receipts themselves, so that a lying board may stand behind this.
#pragma once

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
#include "core/base/progress.h"
#include "core/merkle/hash.h"
#include "core/remote/board_client.h"

namespace urna::voter {

// What voters and signers log.
enum class Submission { kBallot, kAct, kChallenge, kOpening };
absl::string_view SubmissionName(Submission kind);  // "ballot", "act", "challenge", "opening"
// Of an entry that is one of these; of any other, kBallot.
Submission SubmissionOf(ByteSpan entry);

class Board {
 public:
  virtual ~Board() = default;

  // As the functions of the same names of remote::BoardClient.
  virtual absl::StatusOr<remote::PollSummary> GetPoll(absl::string_view origin) = 0;
  virtual absl::StatusOr<std::string> GetCheckpoint(absl::string_view origin) = 0;
  // The largest checkpoint that has met the board's own witness quorum; nothing if there is none.
  virtual absl::StatusOr<std::optional<std::string>> GetFinalCheckpoint(
      absl::string_view /*origin*/) {
    return std::nullopt;
  }
  virtual absl::Status StreamEntries(
      absl::string_view origin, uint64_t from, uint64_t to,
      const std::function<absl::Status(uint64_t index, Bytes entry)>& entry) = 0;
  virtual absl::StatusOr<std::vector<merkle::Hash>> GetConsistencyProof(absl::string_view origin,
                                                                        uint64_t old_size,
                                                                        uint64_t new_size) = 0;

  // A receipt, under the board's checkpoint of now, of an entry that is in the log; NotFound if it
  // isn't.
  virtual absl::StatusOr<remote::Receipt> FindReceipt(absl::string_view origin,
                                                      const merkle::Hash& leaf_hash) = 0;

  virtual absl::StatusOr<remote::Receipt> Submit(absl::string_view origin, Submission kind,
                                                 ByteSpan entry) = 0;
  // As BoardClient::CastMany and ActMany.
  using Next = std::function<std::optional<Bytes>()>;
  using Done = std::function<void(uint64_t index, absl::StatusOr<remote::Receipt> receipt)>;
  virtual void SubmitMany(absl::string_view origin, Submission kind, const Next& next,
                          int in_flight, const Done& done) = 0;
};

// The board at the other end of a connection. Whoever looks at `progress` is told of long reads.
std::unique_ptr<Board> MakeRemoteBoard(remote::BoardClient client, ProgressOf progress = {});

// The error as a voter should read it: "the board refused the ballot: …", or Unavailable where
// nothing is known about what became of it. What a board refuses as malformed is
// FailedPrecondition here: the voter's arguments are not at fault.
absl::Status ExplainRefusal(const absl::Status& status, Submission kind);

// Whether the same bytes may be sent again after this error with hope of another answer.
bool IsTransient(const absl::Status& status);

}  // namespace urna::voter
