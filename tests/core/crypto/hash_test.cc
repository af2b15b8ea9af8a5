#include "core/crypto/hash.h"

#include <gtest/gtest.h>

#include "core/crypto/hash_to_group.h"
#include "core/crypto/transcript.h"
#include "tests/core/crypto/test_util.h"

namespace urna::crypto {
namespace {

// FIPS 180-4 examples.
constexpr char kSha256Abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr char kSha256Empty[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr char kSha512Abc[] =
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

TEST(HashTest, KnownAnswers) {
  EXPECT_EQ(ToHex(Sha256(AsBytes("abc"))), kSha256Abc);
  EXPECT_EQ(ToHex(Sha256({})), kSha256Empty);
  EXPECT_EQ(ToHex(Sha512(AsBytes("abc"))), kSha512Abc);
  EXPECT_EQ(ToHex(SecretSha512(AsBytes("abc")).ExposeSpan()), kSha512Abc);
}

TEST(HashTest, PiecesGiveTheSame) {
  Sha256Hasher sha256;
  EXPECT_EQ(ToHex(sha256.Update(AsBytes("a")).Update({}).Update(AsBytes("bc")).Finish()),
            kSha256Abc);
  EXPECT_EQ(ToHex(sha256.Finish()), kSha256Empty) << "a finished hasher begins anew";
  Sha512Hasher sha512;
  EXPECT_EQ(ToHex(sha512.Update(AsBytes("ab")).Update(AsBytes("c")).Finish()), kSha512Abc);
  SecretSha512Hasher secret;
  secret.Update(AsBytes("ab")).Update(AsBytes("c"));
  EXPECT_EQ(ToHex(std::move(secret).Finish().ExposeSpan()), kSha512Abc);
}

TEST(HashTest, CopyContinuesFromTheSamePoint) {
  Sha256Hasher first;
  first.Update(AsBytes("ab"));
  Sha256Hasher second = first;
  Sha256Hasher third;
  third = first;
  EXPECT_EQ(ToHex(first.Update(AsBytes("c")).Finish()), kSha256Abc);
  EXPECT_EQ(ToHex(second.Update(AsBytes("c")).Finish()), kSha256Abc);
  EXPECT_EQ(ToHex(third.Update(AsBytes("c")).Finish()), kSha256Abc);
}

TEST(TranscriptTest, FixedVectors) {
  const auto vectors = LoadVectors("transcript.json");
  for (const auto& vector : vectors["transcripts"]) {
    Transcript transcript(vector["purpose"].get<std::string>());
    for (const auto& field : vector["fields"]) {
      transcript.Field(field["label"].get<std::string>(), Unhex(field["value"]));
    }
    EXPECT_EQ(ToHex(transcript.Hash()), vector["hash"].get<std::string>());
    EXPECT_EQ(ToHex(transcript.Hash32()), vector["hash32"].get<std::string>());
  }
  for (const auto& vector : vectors["challenges"]) {
    EXPECT_EQ(ToHex(Challenge(UnhexArray<64>(vector["h"]), vector["i"], vector["j"],
                              static_cast<ChallengeKind>(vector["kind"].get<int>()))
                        .bytes()),
              vector["challenge"].get<std::string>());
  }
}

TEST(TranscriptTest, BytesAreAsWrittenInTheProtocol) {
  Bytes expected = ToBytes(AsBytes("\x08protocol"));
  const auto append = [&expected](ByteSpan bytes) {
    expected.insert(expected.end(), bytes.begin(), bytes.end());
  };
  append(Bytes{0, 0, 0, 6});
  append(AsBytes("urna/1"));
  append(AsBytes("\x07purpose"));
  append(Bytes{0, 0, 0, 2});
  append(AsBytes("up"));
  append(AsBytes("\x01n"));
  append(Bytes{0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 1, 2});
  append(AsBytes("\x01m"));
  append(Bytes{0, 1, 0x11, 0x70});  // 70,000
  append(Bytes(70'000, 9));
  EXPECT_EQ(Transcript("up").FieldU64("n", 258).Field("m", Bytes(70'000, 9)).Hash(),
            Sha512(expected));
}

TEST(TranscriptTest, IntegersAreFieldsOfTheirWidth) {
  EXPECT_EQ(Transcript("p").FieldU8("x", 1).Hash(), Transcript("p").Field("x", Bytes{1}).Hash());
  EXPECT_EQ(Transcript("p").FieldU16("x", 258).Hash(),
            Transcript("p").Field("x", Bytes{1, 2}).Hash());
  EXPECT_EQ(Transcript("p").FieldU32("x", 258).Hash(),
            Transcript("p").Field("x", Bytes{0, 0, 1, 2}).Hash());
  EXPECT_EQ(Transcript("p").FieldText("x", "ab").Hash(),
            Transcript("p").Field("x", Bytes{'a', 'b'}).Hash());
}

TEST(TranscriptTest, StreamedFieldIsTheSameField) {
  Transcript streamed("p");
  streamed.BeginField("x", 5).Append(Bytes{1, 2}).Append({}).Append(Bytes{3, 4, 5});
  EXPECT_EQ(streamed.Hash(), Transcript("p").Field("x", Bytes{1, 2, 3, 4, 5}).Hash());
}

TEST(TranscriptTest, BytesHashToTheSame) {
  const Bytes value(3000, 5);
  const auto fill = [&value](auto&& transcript) -> auto&& {
    return transcript.Field("a", value)
        .FieldU8("b", 1)
        .FieldU64("c", 2)
        .BeginField("d", 3)
        .Append(Bytes{1, 2, 3});
  };
  for (size_t room : {0u, 10u, 5000u}) {
    TranscriptBytes bytes("p", room);
    EXPECT_EQ(Sha512(std::move(fill(bytes)).Take()), fill(Transcript("p")).Hash());
  }
}

TEST(TranscriptTest, BoundariesAndLabelsMatter) {
  const Hash64 h = Transcript("p").FieldText("a", "bc").Hash();
  EXPECT_NE(h, Transcript("p").FieldText("ab", "c").Hash());
  EXPECT_NE(h, Transcript("p").FieldText("a", "b").FieldText("", "c").Hash());
  EXPECT_NE(h, Transcript("q").FieldText("a", "bc").Hash());
  EXPECT_NE(Transcript("p").Hash(), Transcript("p").FieldText("", "").Hash());
}

TEST(TranscriptTest, HashLeavesTheTranscriptOpen) {
  Transcript transcript("p");
  transcript.FieldU8("x", 1);
  const Hash64 first = transcript.Hash();
  EXPECT_EQ(transcript.Hash(), first);
  Transcript branch = transcript;
  EXPECT_EQ(transcript.FieldU8("y", 2).Hash(), branch.FieldU8("y", 2).Hash());
  EXPECT_NE(transcript.Hash(), first);
}

TEST(TranscriptDeathTest, UnfinishedOrOverfullFieldAborts) {
  EXPECT_DEATH(Transcript("p").BeginField("x", 2).Append(Bytes{1}).Hash(), "not complete");
  EXPECT_DEATH(Transcript("p").BeginField("x", 2).FieldU8("y", 1), "not complete");
  EXPECT_DEATH(Transcript("p").BeginField("x", 1).Append(Bytes{1, 2}), "more bytes");
  EXPECT_DEATH(std::move(TranscriptBytes("p").BeginField("x", 2)).Take(), "not complete");
  EXPECT_DEATH(Transcript("p").FieldU8(std::string(256, 'l'), 1), "255");
}

TEST(ChallengeTest, EveryInputCounts) {
  const Hash64 h = Transcript("p").Hash();
  Hash64 other = h;
  other[63] ^= 1;
  const Scalar c = Challenge(h, 1, 2, ChallengeKind::kCellRange);
  EXPECT_NE(c, Challenge(other, 1, 2, ChallengeKind::kCellRange));
  EXPECT_NE(c, Challenge(h, 2, 2, ChallengeKind::kCellRange));
  EXPECT_NE(c, Challenge(h, 1, 3, ChallengeKind::kCellRange));
  EXPECT_NE(c, Challenge(h, 1, 2, ChallengeKind::kLinearClaim));
  EXPECT_NE(c, Challenge(h, 2, 1, ChallengeKind::kCellRange));
}

TEST(HashToGroupTest, ExpandMessageVectorsOfRfc9380) {
  size_t count = 0;
  const auto vectors = LoadVectors("rfc9380.json");
  for (const auto& vector : vectors["expand_message_xmd"]) {
    const Bytes expected = Unhex(vector["output"]);
    EXPECT_EQ(ExpandMessageXmdSha512(AsBytes(vector["message"].get<std::string>()),
                                     AsBytes(vector["tag"].get<std::string>()), expected.size()),
              expected);
    ++count;
  }
  EXPECT_EQ(count, 10u);
}

TEST(HashToGroupTest, WholeHashAgreesWithRfc9497) {
  const auto vectors = LoadVectors("rfc9380.json");
  for (const auto& vector : vectors["blinded_hash_to_group"]) {
    const Bytes uniform =
        ExpandMessageXmdSha512(Unhex(vector["message"]), Unhex(vector["tag"]), 64);
    const RistrettoPoint point = RistrettoPoint::FromUniform(std::span<const uint8_t, 64>(uniform));
    const Scalar blind = Scalar::Decode(Unhex(vector["blind"])).value();
    EXPECT_EQ(ToHex(MulVarTime(blind, point).bytes()), vector["point"].get<std::string>());
  }
}

TEST(HashToGroupTest, FixedVectors) {
  const auto vectors = LoadVectors("hash_to_group.json");
  ASSERT_EQ(vectors["points"].size(), 4u);
  for (const auto& vector : vectors["points"]) {
    EXPECT_EQ(
        ToHex(HashToGroup(vector["name"].get<std::string>(), Unhex(vector["message"])).bytes()),
        vector["point"].get<std::string>());
  }
  EXPECT_EQ(ToHex(CredentialBase().bytes()), vectors["points"][0]["point"].get<std::string>());
  EXPECT_FALSE(CredentialBase().IsIdentity());
}

}  // namespace
}  // namespace urna::crypto
