// What the tests of the server share: a board in a directory of its own, and a petition whose
// entries are made beside it as honest people make them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/base/clock.h"
#include "core/crypto/rng.h"
#include "core/merkle/note.h"
#include "core/petition/anonymous_act.h"
#include "core/petition/state.h"
#include "server/board.h"
#include "server/data_directory.h"
#include "tests/support/poll_fixture.h"

namespace urna::testing {

// A directory that goes with the test.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string File(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// The files of one directory in another, which is replaced: what a crash would have left.
void CopyDirectory(const std::string& from, const std::string& to);

inline constexpr char kBoardName[] = "board.example";
inline constexpr char kPollOrigin[] = "board.example/poll";
inline constexpr char kRollOrigin[] = "board.example/roll";

// A board that can be stopped and opened again. Its clock stands after all test schedules.
class TestBoard {
 public:
  TestBoard();

  // Opens it; the options' data directory is this board's.
  absl::Status Open(server::BoardOptions options = {});
  void Stop() { board_.reset(); }
  server::Board& operator*() { return *board_; }
  server::Board* operator->() { return board_.get(); }

  const std::string& data() const { return data_; }
  TempDirectory& directory() { return directory_; }
  FixedClock& clock() { return clock_; }
  // The board's key under an origin.
  Signer LogSigner(absl::string_view origin) const;
  merkle::NoteVerifier LogVerifier(absl::string_view origin) const;

  // Sends entries in and waits for the answer.
  absl::StatusOr<server::Receipt> Submit(server::Door door, std::string origin,
                                         std::vector<Bytes> entries, bool administrator = true);
  absl::StatusOr<server::Receipt> Create(const Bytes& first) {
    return Submit(server::Door::kCreateLog, "", {first});
  }
  absl::StatusOr<server::Receipt> Append(const std::string& origin, const Bytes& entry) {
    return Submit(server::Door::kAppend, origin, {entry});
  }
  absl::StatusOr<server::Receipt> Act(const Bytes& entry) {
    return Submit(server::Door::kAct, kPollOrigin, {entry}, false);
  }

 private:
  TempDirectory directory_;
  std::string data_;
  FixedClock clock_{5'000'000};
  std::unique_ptr<server::Board> board_;
};

// A petition with a roll, for a board; knows what the log holds by applying what it made.
class TestPetition {
 public:
  // Pseudonymous, or with these rings.
  TestPetition(const TestBoard& board, size_t members, uint64_t seed = 7,
               const std::optional<petition::AnonymousRules>& anonymous = {});

  const TestPeople& people() const { return people_; }
  const TestRoll& roll() const { return roll_; }
  Bytes manifest_entry() const { return record::EncodeEntry(manifest_).value(); }
  const petition::PetitionState& state() const { return state_; }
  uint64_t size() const { return size_; }  // entries so far
  // The log has these many: witnessed checkpoints are the board's own.
  void TakeSize(uint64_t size) { size_ = size; }

  // Each makes the next entry and takes it as logged.
  Bytes Open();
  Bytes Act(size_t member, petition::Act act, uint64_t sequence);
  Bytes Close();
  Bytes Result();
  // Brings the roll's last epoch into the petition, an anonymous one; those below `earliest` end.
  Bytes BringIn(uint32_t earliest, const crypto::Hash32& beacon);
  // Repeats the newest epoch, for that alone.
  Bytes EndEpochs(uint32_t earliest);

  // Takes an entry that somebody else has made as logged.
  void Take(const Bytes& entry);

  // Makes an entry that is not (yet) logged.
  Bytes MakeAct(size_t member, petition::Act act, uint64_t sequence);
  // The same of an anonymous petition: in the member's own ring, and by its tag.
  petition::RingAct MakeRingAct(size_t member, uint64_t sequence);
  // Of anybody who is in a ring of this epoch.
  petition::RingAct MakeRingActOf(const crypto::Credential& who, uint64_t sequence, uint32_t epoch);
  petition::TagAct MakeTagAct(size_t member, petition::Act act, uint64_t sequence);
  Bytes MakeOrder(decltype(poll::Order::act) act, uint64_t time, absl::string_view reason = "");

  // Seals a next epoch of the roll, on the board too.
  absl::Status ChangeRoll(TestBoard& board, std::vector<roll::RollChange> changes);

  // Puts roll and manifest on the board and opens the petition.
  absl::Status SetUp(TestBoard& board);
  // The same without opening it.
  absl::Status Prepare(TestBoard& board);

 private:
  Bytes ApplyOrder(decltype(poll::Order::act) act, uint64_t time);

  crypto::SeededRng rng_;
  TestPeople people_;
  TestRoll roll_;
  petition::SignedManifest manifest_;
  petition::PetitionState state_;
  uint64_t size_ = 1;
};

}  // namespace urna::testing
