#include "tally/revocations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "core/record/entry.h"
#include "tally/draft_order.h"
#include "tests/support/election_fixture.h"

namespace urna::tally {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using urna::testing::ElectionFixture;

TEST(CredentialListTest, IsOneALineWithComments) {
  const std::string a(64, 'a'), b(64, 'b');
  const auto listed = ParseCredentials(absl::StrCat("# moved\n", a, "\n\n  ", b, "\r\n", a), "f");
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->size(), 3u);
  EXPECT_EQ((*listed)[0].line, 2u);
  EXPECT_EQ((*listed)[1].line, 4u);
  EXPECT_EQ((*listed)[1].credential[31], 0xbb);
  EXPECT_EQ((*listed)[2].line, 5u);
  EXPECT_EQ(ParseCredentials(a + "\nab", "f").status().message(),
            "f line 2: 64 hex digits belong here");
  EXPECT_FALSE(ParseCredentials(a + "0", "f").ok());
  EXPECT_THAT(std::string(ParseCredentials("# nobody\n", "f").status().message()),
              HasSubstr("no credential"));
}

class RevocationsTest : public ::testing::Test {
 protected:
  RevocationsTest() { log_.RunTo(election::Phase::kVoting); }

  RevocationReport Report(RevocationKind kind, const std::vector<ListedCredential>& listed) {
    return ReportCredentials(log_.state(), *log_.roll().state, kind, listed);
  }
  static std::vector<std::string> What(const RevocationReport& report) {
    std::vector<std::string> out;
    for (const auto& line : report.lines) out.push_back(line.what);
    return out;
  }
  ListedCredential Voter(size_t line, size_t voter) { return {line, log_.Credential(voter)}; }

  ElectionFixture log_;  // voter 4 has no ballot
};

TEST_F(RevocationsTest, SayWhatEachLineChanges) {
  const std::string ballot = absl::StrCat("entry ", log_.state().Find(log_.Credential(1))->index);
  log_.Revoke({3});
  const RevocationReport report =
      Report(RevocationKind::kRevoke, {Voter(1, 4), Voter(2, 1), Voter(4, 4), Voter(5, 3)});
  EXPECT_THAT(What(report),
              ElementsAre("has no ballot; none that it casts will count",
                          absl::StrCat("its ballot at ", ballot, " will not count"),
                          "stands on line 1 already: left out",
                          "is revoked already, by order 2 (They voted at a polling station.): "
                          "nothing changes"));
  EXPECT_EQ(report.credentials, log_.Credentials({1, 3, 4}));
  EXPECT_THAT(report.refused, IsEmpty());
  // The order is one that the rules take.
  const PollState state{&log_.state(), nullptr};
  const auto order = DraftOrder(state, poll::Revoke{report.credentials}, 0, 0, "why");
  ASSERT_TRUE(order.ok()) << order.status();
  EXPECT_TRUE(
      CheckDraft(state, *order, log_.entries().size(), log_.roll().state.get(), nullptr, false)
          .ok());
}

TEST_F(RevocationsTest, SayWhatIsRestored) {
  log_.Revoke({1, 4});
  const std::string ballot = absl::StrCat("entry ", log_.state().Find(log_.Credential(1))->index);
  EXPECT_THAT(What(Report(RevocationKind::kRestore, {Voter(1, 0), Voter(2, 1), Voter(3, 4)})),
              ElementsAre("is not revoked: nothing changes",
                          absl::StrCat("its ballot at ", ballot, " will count again"),
                          "has no ballot; it may vote again"));
}

TEST_F(RevocationsTest, RefuseWhoIsNotOnTheRoll) {
  const ListedCredential stranger{7, {1, 2, 3}};
  const RevocationReport report =
      Report(RevocationKind::kRevoke, {Voter(1, 1), stranger, {9, {4}}});
  EXPECT_THAT(report.refused, ElementsAre(7, 9));
  EXPECT_EQ(report.lines[1].state, "not on the roll");
  EXPECT_EQ(report.credentials, log_.Credentials({1}));
}

TEST_F(RevocationsTest, FillAnEntryToTheBrim) {
  const std::string reason = "They voted at a polling station.";
  const size_t officers = log_.people().officers.size();
  const size_t most = MostCredentials(reason.size(), officers);
  EXPECT_EQ(most, 2039u);
  const auto entry_of = [&](size_t count) -> absl::Status {
    poll::SignedOrder order;
    order.order = testing::NextOrder(log_.state().orders(), poll::Revoke{}, 1'500'000, reason);
    auto& credentials = std::get<poll::Revoke>(order.order.act).credentials;
    for (size_t i = 0; i < count; ++i) {
      credentials.push_back({static_cast<uint8_t>(i >> 8), static_cast<uint8_t>(i)});
    }
    absl::StatusOr<Bytes> body = record::EncodeBody(order.order);
    if (!body.ok()) return body.status();
    order.signed_body.body = *std::move(body);
    for (uint16_t i = 0; i < officers; ++i) order.signed_body.signatures.push_back({i, {}});
    return record::EncodeEntry(order).status();
  };
  EXPECT_EQ(entry_of(most), absl::OkStatus());
  EXPECT_FALSE(entry_of(most + 1).ok());
}

}  // namespace
}  // namespace urna::tally
