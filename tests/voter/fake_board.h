// A board in memory that can be told to misbehave, and the polls of the tests on it.
#pragma once

#include <unistd.h>

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/merkle/note.h"
#include "core/merkle/tree.h"
#include "core/petition/state.h"
#include "tests/support/election_fixture.h"
#include "tests/support/poll_fixture.h"
#include "voter/board.h"

namespace urna::voter {

class FakeBoard final : public Board {
 public:
  void AddLog(const testing::Signer& log, const std::vector<Bytes>& entries);
  void Append(const std::string& origin, const Bytes& entry);
  // Another history under the same key.
  void Replace(const std::string& origin, const std::vector<Bytes>& entries);
  const std::vector<Bytes>& entries(const std::string& origin) const {
    return logs_.at(origin).entries;
  }
  std::string SignedCheckpoint(const std::string& origin, uint64_t size) const;

  // --- How it behaves.

  std::string roll_origin = "board.example/roll";
  // What refuses an entry, or logs it where it wants to be kept in step; OK: it is appended.
  std::function<absl::Status(const record::Entry&)> admit;
  // Said instead of logging anything, one a submission.
  std::deque<absl::Status> answers;
  int lose_answers = 0;                         // so many are logged, but the answer is lost
  std::function<void(remote::Receipt&)> spoil;  // a receipt before it is given
  std::function<void(Bytes&)> spoil_entry;      // an entry before it is streamed
  std::optional<uint64_t> shown_size;           // an old checkpoint is shown as the newest
  std::vector<Bytes> submitted;                 // everything that came
  std::optional<std::string> final_checkpoint;  // a note; of polls
  std::optional<std::string> final_of_roll;     // the same of `roll_origin`
  std::vector<uint64_t> later_orders;           // as it names them
  int asked_proofs = 0;                         // consistency proofs that it was asked for

  // --- Board.

  absl::StatusOr<remote::PollSummary> GetPoll(absl::string_view origin) override;
  absl::StatusOr<std::string> GetCheckpoint(absl::string_view origin) override;
  absl::StatusOr<std::optional<std::string>> GetFinalCheckpoint(absl::string_view origin) override {
    return origin == roll_origin ? final_of_roll : final_checkpoint;
  }
  absl::Status StreamEntries(
      absl::string_view origin, uint64_t from, uint64_t to,
      const std::function<absl::Status(uint64_t index, Bytes entry)>& entry) override;
  absl::StatusOr<std::vector<merkle::Hash>> GetConsistencyProof(absl::string_view origin,
                                                                uint64_t old_size,
                                                                uint64_t new_size) override;
  absl::StatusOr<remote::Receipt> FindReceipt(absl::string_view origin,
                                              const merkle::Hash& leaf_hash) override;
  absl::StatusOr<remote::Receipt> Submit(absl::string_view origin, Submission kind,
                                         ByteSpan entry) override;
  void SubmitMany(absl::string_view origin, Submission kind, const Next& next, int in_flight,
                  const Done& done) override;

 private:
  struct Log {
    std::unique_ptr<merkle::NoteSigner> signer;
    std::vector<Bytes> entries;
    std::unique_ptr<merkle::MemoryTree> tree;
  };

  absl::StatusOr<const Log*> Find(absl::string_view origin) const;
  remote::Receipt ReceiptOf(const std::string& origin, uint64_t index) const;

  std::map<std::string, Log> logs_;
};

// An election that has been opened, on a board that applies its rules. Voters are the fixture's:
// 0, 2, 4 in district 1 (style 1), 1 and 3 in district 2 (style 2).
struct ElectionOnBoard {
  explicit ElectionOnBoard(testing::ElectionOptions options = {});

  static constexpr char kOrigin[] = "board.example/poll";
  testing::ElectionFixture fixture;
  FakeBoard board;

  // Logs on the board what the fixture has more.
  void Sync();
  const crypto::Credential& credential(size_t voter) const {
    return fixture.roll().credentials.at(voter);
  }
};

// The same for a petition; all members of the roll are in districts 1 and 2. It is
// pseudonymous, or anonymous with rings of 64; and open, or about to be.
struct PetitionOnBoard {
  explicit PetitionOnBoard(bool anonymous = false, bool open = true, size_t members = 5);

  static constexpr char kOrigin[] = "board.example/poll";
  static constexpr crypto::Hash32 kLaterBeacon = {8};

  // Of an anonymous one: seals a next epoch of the roll; brings it in, or ends those before.
  void ChangeRoll(std::vector<roll::RollChange> changes);
  void BringIn(uint32_t earliest);
  void EndEpochs(uint32_t earliest);

  crypto::SeededRng rng;
  testing::TestPeople people;
  testing::TestRoll roll;
  std::unique_ptr<petition::PetitionState> state;
  FakeBoard board;

 private:
  void Log(const poll::RollEpoch& epoch);
};

// An empty directory that is gone at the end.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "voter_test.XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace urna::voter
