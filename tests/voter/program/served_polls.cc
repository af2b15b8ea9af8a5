#include "tests/voter/program/served_polls.h"

#include <cstdlib>
#include <iostream>
#include <utility>

namespace urna::voter {
namespace {

void Need(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << "served_polls: " << status << "\n";
  std::abort();
}

}  // namespace

ServedPolls::ServedPolls(std::function<void(election::Manifest&)> change) {
  Need(board_.Open());
  const auto key = board_->identity().log_key.bytes();
  testing::ElectionOptions options;
  options.manifest = [key, change = std::move(change)](election::Manifest& manifest) {
    manifest.origin = kElection;
    manifest.log_key = key;
    if (change) change(manifest);
  };
  options.make_roll = [this](const testing::TestPeople& people, crypto::Rng& rng) {
    return testing::MakeRoll({testing::kRollOrigin, 5, {1, 2}}, people.registrar,
                             board_.LogSigner(testing::kRollOrigin), rng);
  };
  fixture_ = std::make_unique<testing::ElectionFixture>(std::move(options));
  fixture_->RunCeremony();
  fixture_->Open();
  LogRoll();
  LogElection();
  LogPetition();
  LogAnonymousPetition();
  auto server = server::GrpcServer::Start(*board_, {});
  Need(server.status());
  server_ = *std::move(server);
}

void ServedPolls::Append(const std::string& origin, const Bytes& entry) {
  Need(board_.Append(origin, entry).status());
}

void ServedPolls::LogRoll() {
  const std::vector<Bytes> entries = fixture_->roll().Entries();
  Need(board_.Create(entries[0]).status());
  for (size_t i = 1; i < entries.size(); ++i) Append(testing::kRollOrigin, entries[i]);
}

void ServedPolls::LogElection() {
  Need(board_.Create(fixture_->encoded()[0]).status());
  for (size_t i = 1; i < fixture_->encoded().size(); ++i) {
    Append(kElection, fixture_->encoded()[i]);
  }
}

void ServedPolls::LogPetition() {
  petition::Manifest manifest = testing::MakePetitionManifest(fixture_->people(), fixture_->rng());
  manifest.origin = kPetition;
  OpenPetition(std::move(manifest));
}

void ServedPolls::LogAnonymousPetition() {
  petition::Manifest manifest = testing::MakePetitionManifest(fixture_->people(), fixture_->rng());
  manifest.origin = kAnonymousPetition;
  manifest.anonymous = testing::MakeAnonymousRules(64, 2, "the beacon of these tests");
  OpenPetition(std::move(manifest));
}

void ServedPolls::OpenPetition(petition::Manifest manifest) {
  const testing::TestPeople& people = fixture_->people();
  const auto roll = fixture_->roll().state;
  manifest.log_key = board_->identity().log_key.bytes();
  const petition::SignedManifest signed_manifest = testing::SignManifest(people.officers, manifest);
  petition::PetitionState state(signed_manifest);
  Need(board_.Create(record::EncodeEntry(signed_manifest).value()).status());
  uint64_t index = 1;
  const auto log = [&](const decltype(poll::Order::act)& act, uint64_t time) {
    const poll::SignedOrder order = testing::SignOrder(
        people.officers, state.poll_id(), testing::NextOrder(state.orders(), act, time));
    state.ApplyOrder(order, index++, roll);
    Append(manifest.origin, record::EncodeEntry(order).value());
  };
  const poll::OpenPetition plain{state.text_hash(), roll->pin()};
  decltype(poll::Order::act) opening = plain;
  if (manifest.anonymous.has_value()) {
    for (const auto& [act, time] : testing::PublishingOrders()) log(act, time);
    const auto rings = state.MakeRings(roll, kBeacon);
    opening =
        poll::OpenAnonymousPetition{plain, roll->epoch(), kBeacon, rings->size(), rings->hash()};
  }
  log(opening, testing::kTestSchedule.opens + 1);
}

void ServedPolls::CloseElection() {
  fixture_->Close();
  Append(kElection, fixture_->encoded().back());
}

std::unique_ptr<Board> ServedPolls::Connect() const {
  auto client = remote::BoardClient::Connect(server_->address(), {});
  Need(client.status());
  return MakeRemoteBoard(*std::move(client));
}

}  // namespace urna::voter
