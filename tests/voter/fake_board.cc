#include "tests/voter/fake_board.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/proof.h"
#include "core/merkle/tlog_proof.h"

namespace urna::voter {
namespace {

constexpr uint64_t kOpens = testing::kTestSchedule.opens;

}  // namespace

void FakeBoard::AddLog(const testing::Signer& log, const std::vector<Bytes>& entries) {
  auto key = crypto::SigningKey::FromSeed(log.key.ExposeSeedForKeyFile().ExposeSpan()).value();
  Log added;
  added.signer = std::make_unique<merkle::NoteSigner>(
      merkle::NoteSigner::Create(log.named.name, std::move(key)).value());
  added.tree = std::make_unique<merkle::MemoryTree>();
  logs_[log.named.name] = std::move(added);
  for (const Bytes& entry : entries) Append(log.named.name, entry);
}

void FakeBoard::Append(const std::string& origin, const Bytes& entry) {
  Log& log = logs_.at(origin);
  log.tree->Append(merkle::LeafHash(entry));
  log.entries.push_back(entry);
}

void FakeBoard::Replace(const std::string& origin, const std::vector<Bytes>& entries) {
  Log& log = logs_.at(origin);
  log.entries.clear();
  log.tree = std::make_unique<merkle::MemoryTree>();
  for (const Bytes& entry : entries) Append(origin, entry);
}

absl::StatusOr<const FakeBoard::Log*> FakeBoard::Find(absl::string_view origin) const {
  const auto found = logs_.find(std::string(origin));
  if (found == logs_.end()) {
    return absl::NotFoundError(absl::StrCat("there is no log '", origin, "' on this board"));
  }
  return &found->second;
}

std::string FakeBoard::SignedCheckpoint(const std::string& origin, uint64_t size) const {
  const Log& log = logs_.at(origin);
  const merkle::Hash root = merkle::RootAt(size, log.tree->reader()).value();
  return merkle::SignCheckpoint(merkle::Checkpoint::Create(origin, size, root).value(), *log.signer)
      .value();
}

remote::Receipt FakeBoard::ReceiptOf(const std::string& origin, uint64_t index) const {
  const Log& log = logs_.at(origin);
  const uint64_t size = log.entries.size();
  auto hashes = merkle::InclusionProof(size, index, log.tree->reader()).value();
  const std::string proof =
      merkle::TlogProof::Create(index, std::move(hashes), SignedCheckpoint(origin, size))
          .value()
          .Serialize();
  return {index, merkle::LeafHash(log.entries[index]), proof};
}

absl::StatusOr<remote::PollSummary> FakeBoard::GetPoll(absl::string_view origin) {
  URNA_RETURN_IF_ERROR(Find(origin).status());
  remote::PollSummary summary;
  summary.origin = std::string(origin);
  summary.roll_origin = roll_origin;
  summary.later_orders = later_orders;
  return summary;
}

absl::StatusOr<std::string> FakeBoard::GetCheckpoint(absl::string_view origin) {
  URNA_ASSIGN_OR_RETURN(const Log* log, Find(origin));
  return SignedCheckpoint(std::string(origin), shown_size.value_or(log->entries.size()));
}

absl::Status FakeBoard::StreamEntries(
    absl::string_view origin, uint64_t from, uint64_t to,
    const std::function<absl::Status(uint64_t index, Bytes entry)>& entry) {
  URNA_ASSIGN_OR_RETURN(const Log* log, Find(origin));
  const uint64_t size = log->entries.size();
  for (uint64_t i = from; i < (to == 0 ? size : std::min(to, size)); ++i) {
    Bytes bytes = log->entries[i];
    if (spoil_entry) spoil_entry(bytes);
    URNA_RETURN_IF_ERROR(entry(i, std::move(bytes)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<merkle::Hash>> FakeBoard::GetConsistencyProof(absl::string_view origin,
                                                                         uint64_t old_size,
                                                                         uint64_t new_size) {
  ++asked_proofs;
  URNA_ASSIGN_OR_RETURN(const Log* log, Find(origin));
  return merkle::ConsistencyProof(old_size, new_size == 0 ? log->entries.size() : new_size,
                                  log->tree->reader());
}

absl::StatusOr<remote::Receipt> FakeBoard::FindReceipt(absl::string_view origin,
                                                       const merkle::Hash& leaf_hash) {
  URNA_ASSIGN_OR_RETURN(const Log* log, Find(origin));
  for (uint64_t i = 0; i < log->entries.size(); ++i) {
    if (merkle::LeafHash(log->entries[i]) == leaf_hash) return ReceiptOf(std::string(origin), i);
  }
  return absl::NotFoundError("no such entry");
}

absl::StatusOr<remote::Receipt> FakeBoard::Submit(absl::string_view origin, Submission,
                                                  ByteSpan bytes) {
  submitted.push_back(ToBytes(bytes));
  if (!answers.empty()) {
    const absl::Status answer = answers.front();
    answers.pop_front();
    if (!answer.ok()) return answer;
  }
  const std::string name(origin);
  absl::StatusOr<remote::Receipt> receipt = FindReceipt(origin, merkle::LeafHash(bytes));
  if (!receipt.ok()) {
    URNA_ASSIGN_OR_RETURN(const record::Entry entry, record::DecodeEntry(bytes));
    if (admit) URNA_RETURN_IF_ERROR(admit(entry));
    Append(name, ToBytes(bytes));
    receipt = ReceiptOf(name, logs_.at(name).entries.size() - 1);
  }
  if (lose_answers > 0) {
    --lose_answers;
    return absl::UnavailableError("the board cannot be reached");
  }
  if (spoil) spoil(*receipt);
  return receipt;
}

void FakeBoard::SubmitMany(absl::string_view origin, Submission kind, const Next& next,
                           int in_flight, const Done& done) {
  uint64_t index = 0;
  bool more = true;
  while (more) {
    std::vector<std::pair<uint64_t, absl::StatusOr<remote::Receipt>>> under_way;
    for (int i = 0; more && i < in_flight; ++i) {
      const std::optional<Bytes> entry = next();
      more = entry.has_value();
      if (more) under_way.emplace_back(index++, Submit(origin, kind, *entry));
    }
    std::reverse(under_way.begin(), under_way.end());
    for (auto& [number, receipt] : under_way) done(number, std::move(receipt));
  }
}

ElectionOnBoard::ElectionOnBoard(testing::ElectionOptions options) : fixture(std::move(options)) {
  fixture.RunCeremony();
  fixture.Open();
  board.AddLog(fixture.people().poll_log, fixture.encoded());
  board.AddLog(fixture.people().roll_log, fixture.roll().Entries());
  board.admit = [this](const record::Entry& entry) -> absl::Status {
    const std::vector<Violation> found = fixture.Check(entry);
    if (!found.empty()) return found.front().status;
    fixture.Append(entry);
    return absl::OkStatus();
  };
}

void ElectionOnBoard::Sync() {
  for (size_t i = board.entries(kOrigin).size(); i < fixture.encoded().size(); ++i) {
    board.Append(kOrigin, fixture.encoded()[i]);
  }
}

PetitionOnBoard::PetitionOnBoard(bool anonymous, bool open, size_t members)
    : rng(7),
      people(testing::MakePeople(2, 0, rng)),
      roll(testing::MakeRoll({"board.example/roll", members, {1, 2}}, people.registrar,
                             people.roll_log, rng)) {
  petition::Manifest stated = testing::MakePetitionManifest(people, rng);
  if (anonymous) stated.anonymous = testing::MakeAnonymousRules();
  const petition::SignedManifest manifest = testing::SignManifest(people.officers, stated);
  state = std::make_unique<petition::PetitionState>(manifest);
  std::vector<Bytes> entries = {record::EncodeEntry(manifest).value()};
  const auto log = [&](const decltype(poll::Order::act)& act, uint64_t time) {
    const poll::SignedOrder order = testing::SignOrder(
        people.officers, state->poll_id(), testing::NextOrder(state->orders(), act, time));
    state->ApplyOrder(order, entries.size(), roll.state);
    entries.push_back(record::EncodeEntry(order).value());
  };
  if (anonymous) {
    for (const auto& [act, time] : testing::PublishingOrders()) log(act, time);
  }
  const poll::OpenPetition plain{state->text_hash(), roll.state->pin()};
  decltype(poll::Order::act) opening = plain;
  if (anonymous) {
    const auto rings = state->MakeRings(roll.state, {7});
    opening = poll::OpenAnonymousPetition{plain, 1, {7}, rings->size(), rings->hash()};
  }
  if (open) log(opening, kOpens + 1);
  board.AddLog(people.poll_log, entries);
  board.AddLog(people.roll_log, roll.Entries());
  board.admit = [this](const record::Entry& entry) -> absl::Status {
    const auto take = [this](const auto& act) -> absl::Status {
      const std::vector<Violation> found = state->CheckAct(act);
      if (!found.empty()) return found.front().status;
      state->ApplyAct(act, board.entries(kOrigin).size());
      return absl::OkStatus();
    };
    if (const auto* ring_act = std::get_if<petition::RingAct>(&entry)) return take(*ring_act);
    if (const auto* tag_act = std::get_if<petition::TagAct>(&entry)) return take(*tag_act);
    return take(std::get<petition::PetitionAct>(entry));
  };
}

void PetitionOnBoard::ChangeRoll(std::vector<roll::RollChange> changes) {
  const size_t before = roll.later.size();
  testing::ChangeRoll(roll, people.registrar, std::move(changes));
  for (size_t i = before; i < roll.later.size(); ++i) {
    board.Append(people.roll_log.named.name, roll.later[i]);
  }
}

void PetitionOnBoard::Log(const poll::RollEpoch& epoch) {
  const poll::SignedOrder order = testing::SignOrder(
      people.officers, state->poll_id(),
      testing::NextOrder(state->orders(), epoch, state->orders().last_time() + 1));
  const uint64_t index = board.entries(kOrigin).size();
  state->ApplyOrder(order, index, roll.state);
  board.Append(kOrigin, record::EncodeEntry(order).value());
  board.later_orders.push_back(index);
}

void PetitionOnBoard::BringIn(uint32_t earliest) {
  const auto rings = state->MakeLaterRings(roll.state, kLaterBeacon);
  const roll::RollPin pin = roll.state->pin();
  Log({roll.state->epoch(), earliest, pin.size, pin.root, kLaterBeacon, rings->size(),
       rings->hash()});
}

void PetitionOnBoard::EndEpochs(uint32_t earliest) {
  const petition::EpochRings& newest = state->context()->anonymous->epochs.newest();
  Log({newest.epoch, earliest, newest.roll.size, newest.roll.root, newest.beacon, newest.said_rings,
       newest.said_rings_hash});
}

}  // namespace urna::voter
