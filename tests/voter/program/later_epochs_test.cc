// A petition on a real server into which a later epoch of its roll is brought: from the first
// signature to the record that verifies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/audit/audit.h"
#include "server/grpc_server.h"
#include "tests/server/board_fixture.h"
#include "tests/support/record_files.h"
#include "voter/participant.h"

namespace urna::voter {
namespace {

using petition::Act;
using ::testing::HasSubstr;
using testing::kPollOrigin;

constexpr crypto::Hash32 kLaterBeacon = {0xbe, 2};

class ServedEpochsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(board_.Open(), absl::OkStatus());
    ASSERT_EQ(petition_.SetUp(board_), absl::OkStatus());
    auto server = server::GrpcServer::Start(*board_, {});
    ASSERT_EQ(server.status(), absl::OkStatus());
    server_ = *std::move(server);
  }

  remote::BoardClient Client() const {
    return remote::BoardClient::Connect(server_->address(), {}).value();
  }
  absl::Status Do(const crypto::Credential& who, Act act, bool few_members = false) {
    const std::unique_ptr<Board> board = MakeRemoteBoard(Client());
    const std::string receipts =
        board_.directory().File("receipts-" + ToHex(who.public_key().bytes()).substr(0, 8));
    auto participant = Participant::Open(*board, kPollOrigin, who, receipts, {}, rng_);
    if (!participant.ok()) return participant.status();
    SigningChecks checks;
    checks.beacons = {{1, *petition_.state().beacon()}, {2, kLaterBeacon}};
    checks.few_members = few_members;
    return participant->Act(act, PendingPolicy::kRefuse, checks).status();
  }
  // An order of the officers behind what others have logged.
  void Log(const std::function<Bytes()>& make) {
    const uint64_t size = (*board_->Find(kPollOrigin))->size;
    const auto take = [&](uint64_t, const Bytes& entry) {
      petition_.Take(entry);
      return absl::OkStatus();
    };
    if (petition_.size() < size) {
      ASSERT_EQ(MakeRemoteBoard(Client())->StreamEntries(kPollOrigin, petition_.size(), size, take),
                absl::OkStatus());
    }
    ASSERT_EQ(board_.Append(kPollOrigin, make()).status(), absl::OkStatus());
  }
  const crypto::Credential& Member(size_t number) const {
    return petition_.roll().credentials[number];
  }

  testing::TestBoard board_;
  testing::TestPetition petition_{board_, 8, 7, testing::MakeAnonymousRules()};
  std::unique_ptr<server::GrpcServer> server_;
  crypto::SystemRng rng_;
};

TEST_F(ServedEpochsTest, ANewcomerSignsTheRekeyedDoNotAndTheRecordVerifies) {
  crypto::SeededRng draws(11);
  const crypto::Credential newcomer = crypto::Credential::Generate(draws);
  const crypto::Credential new_key = crypto::Credential::Generate(draws);
  ASSERT_EQ(Do(Member(0), Act::kSign), absl::OkStatus());
  EXPECT_TRUE(absl::IsPermissionDenied(Do(newcomer, Act::kSign)));

  // Districts 1 and 2 have the members 0, 2, 4, 6 and 1, 3, 5, 7.
  const testing::TestRoll& roll = petition_.roll();
  ASSERT_EQ(
      petition_.ChangeRoll(
          board_, {testing::Addition(roll, newcomer, 1, draws), testing::Moving(roll.members[2], 2),
                   testing::Rekeying(roll, roll.members[4], new_key, draws)}),
      absl::OkStatus());
  Log([&] { return petition_.BringIn(1, kLaterBeacon); });
  const absl::Status few = Do(newcomer, Act::kSign);
  EXPECT_THAT(std::string(few.message()), HasSubstr("3 members are in the rings of epoch 2"));
  EXPECT_EQ(Do(newcomer, Act::kSign, true), absl::OkStatus());
  EXPECT_EQ(Do(Member(2), Act::kSign), absl::OkStatus());
  const absl::Status rekeyed = Do(new_key, Act::kSign);
  EXPECT_TRUE(absl::IsPermissionDenied(rekeyed)) << rekeyed;
  EXPECT_THAT(std::string(rekeyed.message()),
              HasSubstr("your credential replaces one that was on the roll in epoch 1"));
  EXPECT_THAT(std::string(Do(Member(4), Act::kSign).message()), HasSubstr("--older-ring"));
  EXPECT_EQ(Do(Member(0), Act::kWithdraw), absl::OkStatus());
  EXPECT_EQ(Do(Member(0), Act::kSign), absl::OkStatus());

  Log([&] { return petition_.EndEpochs(2); });
  const absl::Status ended = Do(Member(4), Act::kSign);
  EXPECT_THAT(std::string(ended.message()), HasSubstr("is not on the roll in its epoch 2"));
  EXPECT_THAT(std::string(ended.message()), ::testing::Not(HasSubstr("--older-ring")));
  EXPECT_EQ(Do(Member(1), Act::kSign), absl::OkStatus());

  Log([&] { return petition_.Close(); });
  Log([&] { return petition_.Result(); });
  EXPECT_EQ(petition_.state().counted()->online, 4u);
  const std::string record = board_.directory().File("record");
  ASSERT_EQ(Client().FetchRecord(kPollOrigin, record), absl::OkStatus());
  audit::AuditOptions options;
  options.policy = audit::Policy::Parse(testing::PolicyText(petition_.people(), 2, 0)).value();
  options.policy->beacon = *petition_.state().beacon();
  options.policy->epoch_beacons = {{2, kLaterBeacon}};
  const audit::AuditResult result = audit::AuditRecord(record, options);
  EXPECT_EQ(result.report.ExitStatus(), 0) << result.report.ToText();
  options.policy->epoch_beacons[2][0] ^= 1;
  EXPECT_EQ(audit::AuditRecord(record, options).report.ExitStatus(), 1);
}

}  // namespace
}  // namespace urna::voter
