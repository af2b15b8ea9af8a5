// Cheats with officers' orders: numbers, chains, signatures, times, places, revocations.
#include "tests/forgery/elections.h"

namespace urna::forgery {
namespace {

// Revoked, then restored; the operator logs the revocation once more.
void ReplayedRevocation(Case& out) {
  ElectionFixture election;
  election.RunTo(Phase::kVoting);
  const poll::SignedOrder revocation =
      election.Order(poll::Revoke{election.Credentials({kSouth})}, "Voted at a polling station.");
  election.Append(revocation);
  election.Restore({kSouth});
  election.Append(revocation);
  out.stage = Stage::kVoting;
  out.Write(election);
}

// Two signed orders in the other order: the voter who was restored last would be revoked last.
void OrdersReordered(Case& out) {
  ElectionFixture election;
  election.RunTo(Phase::kVoting);
  election.Revoke({kSouth});
  election.Restore({kSouth});
  std::vector<Bytes> entries = election.encoded();
  std::swap(entries[entries.size() - 1], entries[entries.size() - 2]);
  out.stage = Stage::kVoting;
  out.Write(election.people(), 2, entries, election.roll(), true);
}

std::function<void(Case&)> Revoking(
    const std::function<poll::SignedOrder(ElectionFixture&)>& make) {
  return [make](Case& out) { WithEntry(out, make); };
}

}  // namespace

std::vector<Forgery> OrderForgeries() {
  return {
      {{Check::kS5},
       "OrderNumberLeftOut",
       Cheat::kOfficers,
       [](Case& out) {
         MakeTo(out, Phase::kFinal,
                ChangeOrder<poll::Close>([](poll::Order& order, auto&) { order.number += 1; }));
       }},
      {{Check::kS5},
       "OrderOfAnotherChain",
       Cheat::kOfficers,
       [](Case& out) {
         MakeTo(out, Phase::kFinal, ChangeOrder<poll::Close>([](poll::Order& order, auto&) {
                  order.previous[0] ^= 1;
                }));
       }},
      {{Check::kS5, Check::kS7}, "ReplayedRevocation", Cheat::kOperator, ReplayedRevocation},
      {{Check::kS5, Check::kS7}, "OrdersReordered", Cheat::kOperator, OrdersReordered},
      {{Check::kS6},
       "OrderWithTooFewSignatures",
       Cheat::kOperator,
       [](Case& out) {
         MakeTo(out, Phase::kFinal, ChangeEntry<poll::SignedOrder>([](poll::SignedOrder& order) {
                  if (order.order.kind() == poll::OrderKind::kClose) {
                    order.signed_body.signatures.resize(1);
                  }
                }));
       }},
      {{Check::kS7},
       "ClosingBeforeTheScheduleWithoutAReason",
       Cheat::kOfficers,
       [](Case& out) {
         MakeTo(out, Phase::kFinal, ChangeOrder<poll::Close>([](poll::Order& order, auto&) {
                  order.time = testing::kTestSchedule.closes - 1;
                }));
       }},
      {{Check::kS8},
       "AnythingAfterTheResult",
       Cheat::kFewTrustees,
       [](Case& out) {
         ElectionFixture election;
         election.RunTo(Phase::kFinal);
         election.Append(election.Sign(election.Drill(1, 77)));
         out.Write(election);
       }},
      {{Check::kS8},
       "SecondCountedSet",
       Cheat::kOfficers,
       [](Case& out) {
         // Voter 1 is taken out, and the trustees are asked for what is left: the difference would
         // be one vote.
         ElectionFixture election;
         election.RunTo(Phase::kSummed);
         poll::Sum again = election.Sum();
         again.counted -= 1;
         election.Append(election.Order(again));
         out.stage = Stage::kClosed;
         out.Write(election);
       }},
      {{Check::kS8},
       "RevocationAfterTheSum",
       Cheat::kOfficers,
       [](Case& out) {
         ElectionFixture election;
         election.RunTo(Phase::kSummed);
         election.Revoke({kSouth});
         out.stage = Stage::kClosed;
         out.Write(election);
       }},
      {{Check::kS15},
       "RevokedWhoIsNotOnTheRoll",
       Cheat::kOfficers,
       Revoking([](ElectionFixture& e) {
         std::array<uint8_t, 32> stranger =
             crypto::Credential::Generate(e.rng()).public_key().bytes();
         return e.Order(poll::Revoke{{stranger}}, "A mistake.");
       })},
      {{Check::kS15}, "RevokedWithoutAReason", Cheat::kOfficers, Revoking([](ElectionFixture& e) {
         return e.Order(poll::Revoke{e.Credentials({kSouth})});
       })},
      {{Check::kS15}, "RestoredWithoutAReason", Cheat::kOfficers, Revoking([](ElectionFixture& e) {
         return e.Order(poll::Restore{e.Credentials({kSouth})});
       })},
  };
}

}  // namespace urna::forgery
