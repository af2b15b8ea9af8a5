// Records of small polls, written to disk and audited.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/audit/audit.h"
#include "core/base/check.h"
#include "core/petition/state.h"
#include "tests/core/petition/petition_kit.h"
#include "tests/support/election_fixture.h"
#include "tests/support/record_files.h"

namespace urna::audit {

inline Policy PolicyOf(const testing::TestPeople& people, uint16_t threshold) {
  absl::StatusOr<Policy> policy = Policy::Parse(
      testing::PolicyText(people, static_cast<uint16_t>(people.officers.size() - 1), threshold));
  URNA_CHECK(policy.ok(), "a test policy parses");
  return *std::move(policy);
}

// The numbers of the checks with this outcome, in order: "B4 C7".
inline std::string With(const Report& report, Outcome outcome) {
  std::string out;
  for (const CheckResult& result : report.results()) {
    if (result.outcome != outcome) continue;
    if (!out.empty()) out += ' ';
    out += std::string(InfoOf(result.check).number);
  }
  return out;
}

// Writes an election's log as it is and audits it.
inline AuditResult AuditElection(const testing::ElectionFixture& election, AuditOptions options) {
  const testing::TemporaryDirectory directory;
  testing::WriteRecordFiles(directory.path(), election.people().poll_log.named.name,
                            election.people(), election.encoded(), election.roll(),
                            election.state().opening().has_value());
  return AuditRecord(directory.path(), options);
}

inline AuditOptions ElectionOptionsOf(const testing::ElectionFixture& election,
                                      Stage stage = Stage::kFinal) {
  AuditOptions options;
  options.policy = PolicyOf(election.people(), 2);
  options.stage = stage;
  return options;
}

// A petition's log, entry by entry, whatever is wrong with the entries.
class PetitionLog {
 public:
  explicit PetitionLog(uint64_t seed = 7,
                       const std::optional<petition::AnonymousRules>& anonymous = {},
                       const testing::RollOptions& roll = petition::PetitionKit::SmallRoll(),
                       petition::PetitionKit::From from = petition::PetitionKit::From::kPublished)
      : kit(seed, anonymous, roll, petition::PetitionKit::From::kManifest) {
    const petition::SignedManifest manifest =
        testing::SignManifest(kit.people.officers, kit.state.manifest());
    Add(manifest);
    if (anonymous.has_value() && from == petition::PetitionKit::From::kPublished) Publish();
  }

  void Add(const record::Entry& entry) {
    absl::StatusOr<Bytes> bytes = record::EncodeEntry(entry);
    URNA_CHECK(bytes.ok(), "a test entry can be encoded");
    entries.push_back(*std::move(bytes));
  }
  void Order(const poll::SignedOrder& order) {
    Add(order);
    kit.Apply(order);
  }
  // Logged whatever the rules say; applied only if they allow it.
  template <typename AnyAct>
  void Act(const AnyAct& act) {
    Add(act);
    if (kit.state.context().has_value() && kit.state.CheckAct(act).empty() &&
        kit.CheckProof(act).empty()) {
      kit.state.ApplyAct(act, kit.index);
    }
    ++kit.index;
  }
  // Brings the roll's last epoch in, some time after the last order.
  void BringIn(const poll::RollEpoch& epoch) {
    Order(kit.Next(epoch, kit.state.orders().last_time() + 1));
  }
  void Publish() {
    for (const auto& [act, time] : testing::PublishingOrders()) Order(kit.Next(act, time));
  }
  void Open() { Order(kit.Next(kit.OpeningAct(), petition::PetitionKit::kOpens)); }
  // In an anonymous petition: for the first time, and later.
  void SignInRing(size_t member, uint64_t sequence) { Act(kit.MakeRing(member, sequence)); }
  void ActByTag(size_t member, petition::Act act, uint64_t sequence) {
    Act(kit.MakeTag(member, act, sequence));
  }
  void Sign(size_t member, uint64_t sequence) {
    Act(kit.Make(member, petition::Act::kSign, sequence));
  }
  void Withdraw(size_t member, uint64_t sequence) {
    Act(kit.Make(member, petition::Act::kWithdraw, sequence));
  }
  void Close() { Order(kit.Next(poll::Close{}, petition::PetitionKit::kCloses)); }
  poll::PetitionResult Result() const { return kit.state.Result(kit.index); }
  poll::AnonymousResult AnonymousResult() const { return kit.state.AnonymousResult(kit.index); }
  void Finish(const decltype(poll::Order::act)& result) {
    Order(kit.Next(result, petition::PetitionKit::kCloses + 1));
  }
  void Finish() { Finish(kit.ResultAct()); }

  void Write(const std::string& record) const {
    testing::WriteRecordFiles(record, kit.people.poll_log.named.name, kit.people, entries, kit.roll,
                              kit.state.roll_pin().has_value());
  }
  AuditOptions Options(Stage stage = Stage::kFinal) const {
    AuditOptions options;
    options.policy = PolicyOf(kit.people, 0);
    if (kit.state.manifest().anonymous) options.policy->beacon = petition::PetitionKit::kBeacon;
    if (kit.roll.state->epoch() > 1) {
      options.policy->epoch_beacons = {{2, petition::PetitionKit::kLaterBeacon}};
    }
    options.stage = stage;
    return options;
  }
  AuditResult Audit(const AuditOptions& options) const {
    const testing::TemporaryDirectory directory;
    Write(directory.path());
    return AuditRecord(directory.path(), options);
  }

  petition::PetitionKit kit;
  std::vector<Bytes> entries;
};

}  // namespace urna::audit
