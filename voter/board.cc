#include "voter/board.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/record/entry_types.h"

namespace urna::voter {
namespace {

class RemoteBoard final : public Board {
 public:
  RemoteBoard(remote::BoardClient client, ProgressOf progress)
      : client_(std::move(client)), progress_of_(std::move(progress)) {}

  absl::StatusOr<remote::PollSummary> GetPoll(absl::string_view origin) override {
    return client_.GetPoll(origin);
  }
  absl::StatusOr<std::string> GetCheckpoint(absl::string_view origin) override {
    return client_.GetCheckpoint(origin);
  }
  absl::StatusOr<std::optional<std::string>> GetFinalCheckpoint(absl::string_view origin) override {
    URNA_ASSIGN_OR_RETURN(remote::ShownCheckpoints shown, client_.GetCheckpoints(origin));
    return std::move(shown.final);
  }
  absl::Status StreamEntries(
      absl::string_view origin, uint64_t from, uint64_t to,
      const std::function<absl::Status(uint64_t index, Bytes entry)>& entry) override {
    const Progress progress = Begin(progress_of_, absl::StrCat("entries of ", origin, " read"));
    if (!progress || to == 0) return client_.StreamEntries(origin, from, to, entry);
    return client_.StreamEntries(origin, from, to, [&](uint64_t index, Bytes bytes) {
      progress(index + 1 - from, to - from);
      return entry(index, std::move(bytes));
    });
  }
  absl::StatusOr<std::vector<merkle::Hash>> GetConsistencyProof(absl::string_view origin,
                                                                uint64_t old_size,
                                                                uint64_t new_size) override {
    return client_.GetConsistencyProof(origin, old_size, new_size);
  }
  absl::StatusOr<remote::Receipt> FindReceipt(absl::string_view origin,
                                              const merkle::Hash& leaf_hash) override {
    URNA_ASSIGN_OR_RETURN(remote::BoardClient::Inclusion found,
                          client_.GetInclusionProof(origin, leaf_hash, 0));
    if (!found.receipt.has_value()) {
      return absl::DataLossError("the board proved the entry but gave no receipt");
    }
    return *std::move(found.receipt);
  }
  absl::StatusOr<remote::Receipt> Submit(absl::string_view origin, Submission kind,
                                         ByteSpan entry) override {
    return kind == Submission::kAct ? client_.Act(origin, entry) : client_.Cast(origin, entry);
  }
  void SubmitMany(absl::string_view origin, Submission kind, const Next& next, int in_flight,
                  const Done& done) override {
    if (kind == Submission::kAct) {
      client_.ActMany(origin, next, in_flight, done);
    } else {
      client_.CastMany(origin, next, in_flight, done);
    }
  }

 private:
  remote::BoardClient client_;
  ProgressOf progress_of_;
};

}  // namespace

absl::string_view SubmissionName(Submission kind) {
  switch (kind) {
    case Submission::kBallot:
      return "ballot";
    case Submission::kAct:
      return "act";
    case Submission::kChallenge:
      return "challenge";
    case Submission::kOpening:
      return "opening";
  }
  return "";
}

Submission SubmissionOf(ByteSpan entry) {
  const auto is = [&](record::EntryType type) {
    return !entry.empty() && entry[0] == static_cast<uint8_t>(type);
  };
  if (!entry.empty() && record::IsPetitionAct(static_cast<record::EntryType>(entry[0]))) {
    return Submission::kAct;
  }
  if (is(record::EntryType::kBallotChallenge)) return Submission::kChallenge;
  if (is(record::EntryType::kBallotOpening)) return Submission::kOpening;
  return Submission::kBallot;
}

std::unique_ptr<Board> MakeRemoteBoard(remote::BoardClient client, ProgressOf progress) {
  return std::make_unique<RemoteBoard>(std::move(client), std::move(progress));
}

bool IsTransient(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status) ||
         absl::IsDeadlineExceeded(status) || absl::IsAborted(status) || absl::IsCancelled(status);
}

absl::Status ExplainRefusal(const absl::Status& status, Submission kind) {
  if (status.ok()) return status;
  if (absl::IsResourceExhausted(status)) {
    return Annotate(
        status, absl::StrCat("the board is too busy to take the ", SubmissionName(kind), " now"));
  }
  if (IsTransient(status)) return absl::UnavailableError(status.message());
  if (absl::IsInternal(status) || absl::IsUnknown(status)) {
    return absl::UnavailableError(absl::StrCat("the board failed to answer: ", status.message()));
  }
  const std::string sentence =
      absl::StrCat("the board refused the ", SubmissionName(kind), ": ", status.message());
  if (absl::IsInvalidArgument(status)) return absl::FailedPreconditionError(sentence);
  return absl::Status(status.code(), sentence);
}

}  // namespace urna::voter
