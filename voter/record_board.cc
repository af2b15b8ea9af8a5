#include "voter/record_board.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/proof.h"
#include "core/merkle/tlog_proof.h"
#include "core/record/directory.h"

namespace urna::voter {
namespace {

class RecordBoard final : public Board {
 public:
  explicit RecordBoard(record::LogReader log) : log_(std::move(log)) {}

  absl::StatusOr<remote::PollSummary> GetPoll(absl::string_view origin) override {
    URNA_RETURN_IF_ERROR(CheckOrigin(origin));
    return absl::UnimplementedError("a record does not say where its roll is kept");
  }

  absl::StatusOr<std::string> GetCheckpoint(absl::string_view origin) override {
    URNA_RETURN_IF_ERROR(CheckOrigin(origin));
    return std::string(AsText(log_.checkpoint_note()));
  }

  absl::Status StreamEntries(
      absl::string_view origin, uint64_t from, uint64_t to,
      const std::function<absl::Status(uint64_t index, Bytes entry)>& entry) override {
    URNA_RETURN_IF_ERROR(CheckOrigin(origin));
    const uint64_t end = to == 0 ? log_.size() : std::min(to, log_.size());
    if (from >= end) return absl::OkStatus();
    return log_.ForEachEntry(
        from, end, [&](uint64_t index, ByteSpan bytes) { return entry(index, ToBytes(bytes)); });
  }

  absl::StatusOr<std::vector<merkle::Hash>> GetConsistencyProof(absl::string_view origin,
                                                                uint64_t old_size,
                                                                uint64_t new_size) override {
    URNA_RETURN_IF_ERROR(CheckOrigin(origin));
    return merkle::ConsistencyProof(old_size, new_size == 0 ? log_.size() : new_size, log_.nodes());
  }

  absl::StatusOr<remote::Receipt> FindReceipt(absl::string_view origin,
                                              const merkle::Hash& leaf_hash) override {
    URNA_RETURN_IF_ERROR(CheckOrigin(origin));
    std::optional<uint64_t> found;
    URNA_RETURN_IF_ERROR(log_.ForEachEntry(0, log_.size(), [&](uint64_t index, ByteSpan bytes) {
      if (!found.has_value() && merkle::LeafHash(bytes) == leaf_hash) found = index;
      return absl::OkStatus();
    }));
    if (!found.has_value()) return absl::NotFoundError("the record has no such entry");
    URNA_ASSIGN_OR_RETURN(std::vector<merkle::Hash> hashes,
                          merkle::InclusionProof(log_.size(), *found, log_.nodes()));
    URNA_ASSIGN_OR_RETURN(
        const merkle::TlogProof proof,
        merkle::TlogProof::Create(*found, std::move(hashes), AsText(log_.checkpoint_note())));
    return remote::Receipt{*found, leaf_hash, proof.Serialize()};
  }

  absl::StatusOr<remote::Receipt> Submit(absl::string_view, Submission, ByteSpan) override {
    return TakesNothing();
  }
  void SubmitMany(absl::string_view, Submission, const Next& next, int, const Done& done) override {
    if (next().has_value()) done(0, TakesNothing());
  }

 private:
  static absl::Status TakesNothing() {
    return absl::FailedPreconditionError("a record takes no entries");
  }
  absl::Status CheckOrigin(absl::string_view origin) const {
    const std::string& own = log_.checkpoint().origin();
    if (origin == own) return absl::OkStatus();
    return absl::NotFoundError(
        absl::StrCat("the record is of the poll '", own, "', not of '", origin, "'"));
  }

  record::LogReader log_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Board>> OpenRecordBoard(const std::string& record,
                                                       std::string& origin) {
  URNA_ASSIGN_OR_RETURN(record::LogReader log,
                        record::LogReader::Open(record::PollDirectory(record)));
  origin = log.checkpoint().origin();
  return std::make_unique<RecordBoard>(std::move(log));
}

}  // namespace urna::voter
