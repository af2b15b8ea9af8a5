#include "core/merkle/fork_evidence.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "core/merkle/proof.h"
#include "tests/core/merkle/naive_tree.h"

namespace urna::merkle {
namespace {

constexpr char kOrigin[] = "urna.example/poll";

class ForkEvidenceTest : public testing::Test {
 protected:
  static constexpr uint64_t kSmall = 11;
  static constexpr uint64_t kLarge = 21;

  ForkEvidenceTest() {
    std::vector<Hash> leaves = naive::SomeLeaves(kLarge);
    for (const Hash& leaf : leaves) honest_.Append(leaf);
    leaves[5][0] ^= 1;
    for (const Hash& leaf : leaves) other_.Append(leaf);
  }

  static NoteSigner Log(uint8_t seed = 9) {
    return NoteSigner::Create(kOrigin, crypto::SigningKey::FromSeed(Bytes(32, seed)).value())
        .value();
  }
  std::string NoteOf(const MemoryTree& tree, uint64_t size) const {
    const Hash root = RootAt(size, tree.reader()).value();
    return SignCheckpoint(Checkpoint::Create(kOrigin, size, root).value(), log_).value();
  }
  // What shows that `larger` does not begin with the other's first leaves.
  absl::StatusOr<ForkEvidence> Between(const MemoryTree& smaller, uint64_t small,
                                       const MemoryTree& larger, uint64_t large) const {
    return ForkEvidence::Create(AsBytes(NoteOf(smaller, small)), AsBytes(NoteOf(larger, large)),
                                RootAt(small, larger.reader()).value(),
                                ConsistencyProof(small, large, larger.reader()).value(),
                                log_.verifier());
  }
  ForkEvidence Right() const { return Between(honest_, kSmall, other_, kLarge).value(); }

  absl::StatusCode Judge(absl::string_view text) const {
    const auto evidence = ForkEvidence::Parse(AsBytes(text));
    return evidence.ok() ? evidence->Verify(log_.verifier()).code() : evidence.status().code();
  }

  const NoteSigner log_ = Log();
  MemoryTree honest_;
  MemoryTree other_;
};

TEST_F(ForkEvidenceTest, HasTheFormOfTheSpecification) {
  std::string expected = absl::StrCat("urna/1/fork-evidence\nprefix ",
                                      ToBase64(RootAt(kSmall, other_.reader()).value()), "\n");
  const auto proof = ConsistencyProof(kSmall, kLarge, other_.reader()).value();
  for (const Hash& hash : proof) absl::StrAppend(&expected, ToBase64(hash), "\n");
  absl::StrAppend(&expected, "\n", NoteOf(honest_, kSmall), "\n", NoteOf(other_, kLarge));
  EXPECT_EQ(Right().Serialize(), expected);
  const ForkEvidence read = ForkEvidence::Parse(AsBytes(expected)).value();
  EXPECT_EQ(read, Right());
  EXPECT_TRUE(read.Verify(log_.verifier()).ok());
  EXPECT_EQ(read.smaller().size(), kSmall);
  EXPECT_EQ(read.larger().size(), kLarge);
}

TEST_F(ForkEvidenceTest, ProvesEveryForkOfDifferentSizes) {
  for (uint64_t small = 6; small <= kLarge; ++small) {
    for (uint64_t large = small + 1; large <= kLarge; ++large) {
      const auto evidence = Between(honest_, small, other_, large);
      ASSERT_TRUE(evidence.ok()) << small << " " << large << evidence.status();
      EXPECT_EQ(Judge(evidence->Serialize()), absl::StatusCode::kOk);
      EXPECT_TRUE(Between(other_, small, honest_, large).ok());
    }
  }
}

TEST_F(ForkEvidenceTest, OfOneSizeTheOrderIsThatOfTheRoots) {
  const std::string one = NoteOf(honest_, kLarge);
  const std::string two = NoteOf(other_, kLarge);
  const auto evidence =
      ForkEvidence::OfOneSize(AsBytes(one), AsBytes(two), log_.verifier()).value();
  EXPECT_EQ(ForkEvidence::OfOneSize(AsBytes(two), AsBytes(one), log_.verifier()).value(), evidence);
  EXPECT_LT(evidence.smaller().root(), evidence.larger().root());
  const std::string text = evidence.Serialize();
  EXPECT_EQ(Judge(text), absl::StatusCode::kOk);
  const size_t notes = text.find("\n\n") + 2;
  const std::string swapped =
      absl::StrCat(text.substr(0, notes), text.substr(notes + one.size() + 1), "\n",
                   text.substr(notes, one.size()));
  EXPECT_EQ(swapped.size(), text.size());
  EXPECT_EQ(Judge(swapped), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(ForkEvidence::OfOneSize(AsBytes(one), AsBytes(one), log_.verifier()).ok());
  EXPECT_FALSE(
      ForkEvidence::OfOneSize(AsBytes(one), AsBytes(NoteOf(honest_, 3)), log_.verifier()).ok());
}

TEST_F(ForkEvidenceTest, AnHonestLogCannotBeAccused) {
  for (uint64_t small = 0; small <= kLarge; ++small) {
    for (uint64_t large = small; large <= kLarge; ++large) {
      EXPECT_FALSE(Between(honest_, small, honest_, large).ok()) << small << " " << large;
    }
  }
  // Both begin with the same five leaves.
  EXPECT_FALSE(Between(honest_, 5, other_, kLarge).ok());
  // The proof of the one tree under the root of the other, and prefixes made up.
  const auto accuse = [&](const Hash& prefix, std::vector<Hash> proof) {
    return ForkEvidence::Create(AsBytes(NoteOf(honest_, kSmall)), AsBytes(NoteOf(honest_, kLarge)),
                                prefix, std::move(proof), log_.verifier())
        .ok();
  };
  const auto proof = ConsistencyProof(kSmall, kLarge, honest_.reader()).value();
  EXPECT_FALSE(accuse(Hash{7}, proof));
  EXPECT_FALSE(accuse(RootAt(kSmall, other_.reader()).value(), proof));
  EXPECT_FALSE(accuse(RootAt(kSmall, other_.reader()).value(),
                      ConsistencyProof(kSmall, kLarge, other_.reader()).value()));
  EXPECT_FALSE(accuse(Hash{7}, {}));
}

TEST_F(ForkEvidenceTest, OnlyTheLogsKeyAccusesIt) {
  const ForkEvidence evidence = Right();
  EXPECT_EQ(evidence.Verify(Log(8).verifier()).code(), absl::StatusCode::kPermissionDenied);
  const auto renamed = NoteVerifier::Create("urna.example/other", log_.verifier().key()).value();
  EXPECT_EQ(evidence.Verify(renamed).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Judge(absl::StrReplaceAll(evidence.Serialize(), {{"\n21\n", "\n22\n"}})),
            absl::StatusCode::kPermissionDenied);
}

TEST_F(ForkEvidenceTest, LinesOfOthersAreLeftOut) {
  Note note = Note::Parse(AsBytes(NoteOf(honest_, kLarge))).value();
  auto lines = note.signatures();
  lines.push_back({"w.example", 1, Bytes(72, 1)});
  const std::string more = Note::Create(note.text(), lines)->Serialize();
  const auto evidence =
      ForkEvidence::OfOneSize(AsBytes(more), AsBytes(NoteOf(other_, kLarge)), log_.verifier());
  EXPECT_EQ(evidence->Serialize().find("w.example"), std::string::npos);
  EXPECT_EQ(Judge(absl::StrReplaceAll(evidence->Serialize(), {{note.Serialize(), more}})),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ForkEvidenceTest, EveryTruncationAndEveryChangedByteIsRefused) {
  const std::string text = Right().Serialize();
  for (size_t i = 0; i < text.size(); ++i) {
    EXPECT_NE(Judge(text.substr(0, i)), absl::StatusCode::kOk) << i;
    std::string changed = text;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_NE(Judge(changed), absl::StatusCode::kOk) << i;
  }
  EXPECT_NE(Judge(text + "\n"), absl::StatusCode::kOk);
  EXPECT_NE(Judge("\n" + text), absl::StatusCode::kOk);
  EXPECT_NE(Judge(std::string(kMaxForkEvidenceSize + 1, 'a')), absl::StatusCode::kOk);
}

}  // namespace
}  // namespace urna::merkle
