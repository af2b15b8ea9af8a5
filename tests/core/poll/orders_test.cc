// What is hashed of manifests and orders.
#include "core/poll/orders.h"

#include <gtest/gtest.h>

#include "core/crypto/transcript.h"

namespace urna::poll {
namespace {

const Bytes kBody = {1, 2, 3};

TEST(OrdersTest, HashesAndMessagesAreThoseOfTheProtocol) {
  const crypto::Hash32 poll = ManifestHash(kBody);
  EXPECT_EQ(poll, crypto::Transcript("manifest").Field("body", kBody).Hash32());
  EXPECT_EQ(OrderHash(poll, kBody),
            crypto::Transcript("order").Field("poll", poll).Field("body", kBody).Hash32());
  EXPECT_EQ(
      PollContext(poll, kBody),
      crypto::Transcript("poll context").Field("poll", poll).Field("opening", kBody).Hash32());
  EXPECT_EQ(ManifestSignatureMessage(poll),
            crypto::Transcript("manifest signature").Field("manifest", poll).Hash());
  EXPECT_EQ(OrderSignatureMessage(poll, kBody),
            crypto::Transcript("order signature").Field("poll", poll).Field("body", kBody).Hash());
}

TEST(OrdersTest, EveryKindHasItsNumberAndName) {
  Order order;
  order.act = OpenElection{};
  EXPECT_EQ(order.kind(), OrderKind::kOpenElection);
  EXPECT_EQ(OrderName(order.kind()), "open");
  order.act = Close{};
  EXPECT_EQ(order.kind(), OrderKind::kClose);
  EXPECT_EQ(OrderName(order.kind()), "close");
  order.act = NewAttempt{};
  EXPECT_EQ(order.kind(), OrderKind::kNewAttempt);
  EXPECT_EQ(OrderName(order.kind()), "new attempt");
  order.act = Sum{};
  EXPECT_EQ(order.kind(), OrderKind::kSum);
  EXPECT_EQ(OrderName(order.kind()), "sum");
  order.act = ElectionResult{};
  EXPECT_EQ(order.kind(), OrderKind::kElectionResult);
  EXPECT_EQ(OrderName(order.kind()), "result");
  order.act = OpenPetition{};
  EXPECT_EQ(order.kind(), OrderKind::kOpenPetition);
  EXPECT_EQ(OrderName(order.kind()), "open");
  EXPECT_NE(PetitionOpening(order), nullptr);
  order.act = OpenAnonymousPetition{};
  EXPECT_EQ(order.kind(), OrderKind::kOpenAnonymousPetition);
  EXPECT_EQ(OrderName(order.kind()), "open");
  EXPECT_NE(PetitionOpening(order), nullptr);
  order.act = RollEpoch{};
  EXPECT_EQ(order.kind(), OrderKind::kRollEpoch);
  EXPECT_EQ(OrderName(order.kind()), "roll epoch");
  EXPECT_EQ(PetitionOpening(order), nullptr);
  EXPECT_TRUE(IsTimedOrder(order));
  order.act = Revoke{};
  EXPECT_EQ(order.kind(), OrderKind::kRevoke);
  EXPECT_EQ(PetitionOpening(order), nullptr);
  order.act = PetitionResult{};
  EXPECT_EQ(order.kind(), OrderKind::kPetitionResult);
  EXPECT_EQ(OrderName(order.kind()), "result");
}

}  // namespace
}  // namespace urna::poll
