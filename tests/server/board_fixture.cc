#include "tests/server/board_fixture.h"

#include <stdlib.h>

#include <filesystem>
#include <future>
#include <utility>

#include "core/base/check.h"
#include "core/base/status.h"
#include "core/crypto/sodium_init.h"

namespace urna::testing {

TempDirectory::TempDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "urna-test-XXXXXX").string();
  URNA_CHECK(mkdtemp(name.data()) != nullptr, "a directory for the test");
  path_ = name;
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void CopyDirectory(const std::string& from, const std::string& to) {
  std::filesystem::remove_all(to);
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
}

TestBoard::TestBoard() : data_(directory_.File("data")) {
  URNA_CHECK(crypto::InitializeCrypto().ok(), "libsodium");
  crypto::SystemRng rng;
  URNA_CHECK(server::InitializeBoard(data_, kBoardName, rng).ok(), "a new board");
}

absl::Status TestBoard::Open(server::BoardOptions options) {
  board_.reset();
  options.data = data_;
  URNA_ASSIGN_OR_RETURN(board_, server::Board::Open(options, clock_));
  return absl::OkStatus();
}

Signer TestBoard::LogSigner(absl::string_view origin) const {
  const server::BoardIdentity identity = server::LoadIdentity(data_).value();
  crypto::SigningKey key = server::LoadLogKey(server::LogKeyPath(data_), identity).value();
  return Signer{{std::string(origin), key.public_key().bytes()}, std::move(key)};
}

merkle::NoteVerifier TestBoard::LogVerifier(absl::string_view origin) const {
  return merkle::NoteVerifier::Create(origin, LogSigner(origin).key.public_key()).value();
}

absl::StatusOr<server::Receipt> TestBoard::Submit(server::Door door, std::string origin,
                                                  std::vector<Bytes> entries, bool administrator) {
  std::promise<absl::StatusOr<server::Receipt>> answer;
  server::AdmissionRequest request;
  request.door = door;
  request.administrator = administrator;
  request.origin = std::move(origin);
  request.entries = std::move(entries);
  request.done = [&answer](absl::StatusOr<server::Receipt> receipt) {
    answer.set_value(std::move(receipt));
  };
  board_->Submit(std::move(request));
  return answer.get_future().get();
}

namespace {

TestPeople PeopleOf(const TestBoard& board, crypto::Rng& rng) {
  TestPeople people = MakePeople(3, 0, rng);
  people.poll_log = board.LogSigner(kPollOrigin);
  people.roll_log = board.LogSigner(kRollOrigin);
  return people;
}

RollOptions RollOf(size_t members) {
  RollOptions options;
  options.origin = kRollOrigin;
  options.members = members;
  options.districts = {1, 2};
  return options;
}

}  // namespace

TestPetition::TestPetition(const TestBoard& board, size_t members, uint64_t seed,
                           const std::optional<petition::AnonymousRules>& anonymous)
    : rng_(seed),
      people_(PeopleOf(board, rng_)),
      roll_(MakeRoll(RollOf(members), people_.registrar, people_.roll_log, rng_)),
      manifest_(SignManifest(people_.officers,
                             [&] {
                               petition::Manifest manifest = MakePetitionManifest(people_, rng_);
                               manifest.anonymous = anonymous;
                               return manifest;
                             }())),
      state_(manifest_) {}

Bytes TestPetition::MakeOrder(decltype(poll::Order::act) act, uint64_t time,
                              absl::string_view reason) {
  const poll::Order order = NextOrder(state_.orders(), std::move(act), time, reason);
  return record::EncodeEntry(SignOrder(people_.officers, state_.poll_id(), order)).value();
}

Bytes TestPetition::ApplyOrder(decltype(poll::Order::act) act, uint64_t time) {
  Bytes bytes = MakeOrder(std::move(act), time);
  const record::Entry entry = record::DecodeEntry(bytes).value();
  state_.ApplyOrder(std::get<poll::SignedOrder>(entry), size_++, roll_.state);
  return bytes;
}

Bytes TestPetition::Open() {
  const poll::OpenPetition opening{state_.text_hash(), roll_.state->pin()};
  if (!state_.manifest().anonymous.has_value()) return ApplyOrder(opening, kTestSchedule.opens);
  const crypto::Hash32 beacon = {0xbe};
  const auto rings = state_.MakeRings(roll_.state, beacon);
  return ApplyOrder(poll::OpenAnonymousPetition{opening, roll_.state->epoch(), beacon,
                                                rings->size(), rings->hash()},
                    kTestSchedule.opens);
}

petition::RingAct TestPetition::MakeRingAct(size_t member, uint64_t sequence) {
  return MakeRingActOf(roll_.credentials[member], sequence,
                       state_.context()->anonymous->epochs.newest().epoch);
}

petition::RingAct TestPetition::MakeRingActOf(const crypto::Credential& who, uint64_t sequence,
                                              uint32_t epoch) {
  const roll::Rings& rings = *state_.context()->anonymous->epochs.Find(epoch)->rings;
  const uint32_t number = rings.Find(who.public_key().bytes()).value();
  return petition::MakeRingAct(*state_.context(), sequence, epoch, number,
                               crypto::Ring::Decode(rings.PointsOf(number)).value(), who, rng_)
      .value();
}

Bytes TestPetition::BringIn(uint32_t earliest, const crypto::Hash32& beacon) {
  const auto rings = state_.MakeLaterRings(roll_.state, beacon);
  const roll::RollPin pin = roll_.state->pin();
  return ApplyOrder(poll::RollEpoch{roll_.state->epoch(), earliest, pin.size, pin.root, beacon,
                                    rings->size(), rings->hash()},
                    state_.orders().last_time() + 1);
}

Bytes TestPetition::EndEpochs(uint32_t earliest) {
  const petition::EpochRings& newest = state_.context()->anonymous->epochs.newest();
  return ApplyOrder(poll::RollEpoch{newest.epoch, earliest, newest.roll.size, newest.roll.root,
                                    newest.beacon, newest.said_rings, newest.said_rings_hash},
                    state_.orders().last_time() + 1);
}

void TestPetition::Take(const Bytes& entry) {
  const record::Entry decoded = record::DecodeEntry(entry).value();
  const uint64_t index = size_++;
  if (const auto* act = std::get_if<petition::PetitionAct>(&decoded)) state_.ApplyAct(*act, index);
  if (const auto* act = std::get_if<petition::RingAct>(&decoded)) state_.ApplyAct(*act, index);
  if (const auto* act = std::get_if<petition::TagAct>(&decoded)) state_.ApplyAct(*act, index);
}

absl::Status TestPetition::ChangeRoll(TestBoard& board, std::vector<roll::RollChange> changes) {
  const size_t before = roll_.later.size();
  testing::ChangeRoll(roll_, people_.registrar, std::move(changes));
  for (size_t i = before; i < roll_.later.size(); ++i) {
    URNA_RETURN_IF_ERROR(board.Append(kRollOrigin, roll_.later[i]).status());
  }
  return absl::OkStatus();
}

petition::TagAct TestPetition::MakeTagAct(size_t member, petition::Act act, uint64_t sequence) {
  return petition::MakeTagAct(*state_.context(), act, sequence, roll_.credentials[member], rng_);
}

Bytes TestPetition::MakeAct(size_t member, petition::Act act, uint64_t sequence) {
  return record::EncodeEntry(
             petition::MakeAct(*state_.context(), act, sequence, roll_.credentials[member], rng_))
      .value();
}

Bytes TestPetition::Act(size_t member, petition::Act act, uint64_t sequence) {
  Bytes bytes = MakeAct(member, act, sequence);
  const record::Entry entry = record::DecodeEntry(bytes).value();
  state_.ApplyAct(std::get<petition::PetitionAct>(entry), size_++);
  return bytes;
}

Bytes TestPetition::Close() { return ApplyOrder(poll::Close{}, kTestSchedule.closes); }

Bytes TestPetition::Result() {
  if (state_.manifest().anonymous.has_value()) {
    return ApplyOrder(state_.AnonymousResult(size_), kTestSchedule.closes + 1);
  }
  return ApplyOrder(state_.Result(size_), kTestSchedule.closes + 1);
}

absl::Status TestPetition::SetUp(TestBoard& board) {
  URNA_RETURN_IF_ERROR(Prepare(board));
  return board.Append(kPollOrigin, Open()).status();
}

absl::Status TestPetition::Prepare(TestBoard& board) {
  URNA_RETURN_IF_ERROR(board.Create(roll_.Entries().front()).status());
  std::vector<Bytes> members;
  for (const roll::RollMember& member : roll_.members) {
    members.push_back(record::EncodeEntry(member).value());
  }
  URNA_RETURN_IF_ERROR(
      board.Submit(server::Door::kAppend, kRollOrigin, std::move(members)).status());
  URNA_RETURN_IF_ERROR(board.Append(kRollOrigin, roll_.Entries().back()).status());
  URNA_RETURN_IF_ERROR(board.Create(manifest_entry()).status());
  if (!state_.manifest().anonymous.has_value()) return absl::OkStatus();
  for (const auto& [act, time] : PublishingOrders()) {
    URNA_RETURN_IF_ERROR(board.Append(kPollOrigin, ApplyOrder(act, time)).status());
  }
  return absl::OkStatus();
}

}  // namespace urna::testing
