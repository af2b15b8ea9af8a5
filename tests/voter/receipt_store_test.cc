#include "voter/receipt_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/base/file.h"
#include "tests/voter/fake_board.h"

namespace urna::voter {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReceiptStoreTest : public ::testing::Test {
 protected:
  ReceiptStoreTest() : rng_(3), log_(testing::MakeSigner("board.example/poll", rng_)) {}

  ReceiptLabel Label() {
    return {"board.example/poll",
            {1, 2},
            merkle::NoteVerifier::Create(log_.named.name, log_.key.public_key()).value(),
            {3, 4}};
  }
  ReceiptStore Make() {
    auto store = ReceiptStore::Create(scratch_.path() + "/receipts", Label());
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

  crypto::SeededRng rng_;
  testing::Signer log_;
  ScratchDirectory scratch_;
};

TEST_F(ReceiptStoreTest, IsFoundAgainWithItsLabel) {
  const ReceiptStore made = Make();
  EXPECT_EQ(made.directory(), scratch_.path() + "/receipts/board.example_poll");
  EXPECT_EQ(Make().label(), Label());
  const auto opened = ReceiptStore::Open(made.directory());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->label(), Label());
  EXPECT_THAT(ReceiptStore::List(scratch_.path() + "/receipts").value(),
              ElementsAre(made.directory()));
}

TEST_F(ReceiptStoreTest, RefusesAnotherPollKeyOrCredential) {
  Make();
  ReceiptLabel poll = Label();
  poll.poll_id[0] ^= 1;
  EXPECT_THAT(ReceiptStore::Create(scratch_.path() + "/receipts", poll).status().message(),
              HasSubstr("as another poll"));
  ReceiptLabel key = Label();
  key.log =
      merkle::NoteVerifier::Create(log_.named.name, testing::MakeSigner("x", rng_).key.public_key())
          .value();
  EXPECT_TRUE(absl::IsFailedPrecondition(
      ReceiptStore::Create(scratch_.path() + "/receipts", key).status()));
  ReceiptLabel credential = Label();
  credential.credential[0] ^= 1;
  EXPECT_THAT(ReceiptStore::Create(scratch_.path() + "/receipts", credential).status().message(),
              HasSubstr("another credential"));
}

TEST_F(ReceiptStoreTest, KeepsEntriesAndNeverOverwritesOne) {
  const ReceiptStore store = Make();
  EXPECT_EQ(store.LastSequence().value(), 0u);
  const Bytes entry = {1, 2, 3}, other = {4};
  ASSERT_TRUE(store.SaveEntry(7, entry).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(store.SaveEntry(7, other)));
  EXPECT_EQ(store.ReadEntry(7).value(), entry);
  EXPECT_EQ(store.LastSequence().value(), 7u);
  struct stat info {};
  ASSERT_EQ(stat(store.EntryPath(7).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(ReceiptStoreTest, OnlyTheLastUnansweredEntryIsPending) {
  const ReceiptStore store = Make();
  const Bytes entry = {1};
  EXPECT_EQ(store.Pending().value(), std::nullopt);
  ASSERT_TRUE(store.SaveEntry(9, entry).ok());
  EXPECT_EQ(store.Pending().value(), 9u);
  ASSERT_TRUE(store.SaveEntry(10, entry).ok());
  EXPECT_EQ(store.Pending().value(), 10u);
  ASSERT_TRUE(store.SaveReceipt(10, "proof").ok());
  EXPECT_EQ(store.Pending().value(), std::nullopt);
  ASSERT_TRUE(store.SaveEntry(11, entry).ok());
  ASSERT_TRUE(store.SaveRefusal(11, "no").ok());
  EXPECT_EQ(store.Pending().value(), std::nullopt);
  EXPECT_EQ(store.LastSequence().value(), 11u);
  const auto acts = store.Acts().value();
  ASSERT_EQ(acts.size(), 3u);
  EXPECT_EQ(acts[0].sequence, 9u);
  EXPECT_FALSE(acts[0].receipt);
  EXPECT_TRUE(acts[1].receipt);
  EXPECT_TRUE(acts[2].refused);
}

TEST_F(ReceiptStoreTest, TwoPiecesOfEvidenceGetTwoFiles) {
  const ReceiptStore store = Make();
  const std::string first = store.SaveEvidence("fork", "a\n", "b\n").value();
  const std::string second = store.SaveEvidence("fork", "a\n", "c\n").value();
  EXPECT_NE(first, second);
  EXPECT_TRUE(std::filesystem::exists(first));
  EXPECT_TRUE(std::filesystem::exists(second));
}

TEST_F(ReceiptStoreTest, SaysWhatIsWrongWithALabel) {
  const ReceiptStore store = Make();
  const std::string path = store.directory() + "/poll.json";
  ASSERT_TRUE(WriteFileDurably(path, AsBytes("{\"origin\": 3}")).ok());
  EXPECT_THAT(ReceiptStore::Open(store.directory()).status().message(),
              HasSubstr("no field 'origin'"));
  EXPECT_TRUE(absl::IsNotFound(ReceiptStore::Open(scratch_.path()).status()));
}

}  // namespace
}  // namespace urna::voter
