#include "core/base/codec.h"

#include <gtest/gtest.h>

namespace urna {
namespace {

Bytes Sample() {
  Writer writer;
  writer.U8(0x01);
  writer.U16(0x0203);
  writer.U32(0x04050607);
  writer.U64(0x08090a0b0c0d0e0f);
  writer.Raw(Bytes{0xaa, 0xbb});
  writer.Vector8(Bytes{0x11});
  writer.Vector16(Bytes{0x22, 0x33});
  writer.Vector32(Bytes{});
  return writer.Take();
}

absl::Status ReadSample(ByteSpan bytes) {
  Reader reader(bytes);
  for (const absl::Status& status :
       {reader.U8("a").status(), reader.U16("b").status(), reader.U32("c").status(),
        reader.U64("d").status(), reader.Array<2>("e").status(), reader.Vector8("f").status(),
        reader.Vector16("g").status(), reader.Vector32("h").status()}) {
    if (!status.ok()) return status;
  }
  return reader.Finish("sample");
}

TEST(CodecTest, WritesBigEndianAndLengths) {
  EXPECT_EQ(ToHex(Sample()),
            "0102030405060708090a0b0c0d0e0faabb011100022233"
            "00000000");
}

TEST(CodecTest, ReadsWhatItWrote) {
  const Bytes bytes = Sample();
  Reader reader(bytes);
  EXPECT_EQ(reader.U8("a").value(), 0x01);
  EXPECT_EQ(reader.U16("b").value(), 0x0203);
  EXPECT_EQ(reader.U32("c").value(), 0x04050607u);
  EXPECT_EQ(reader.U64("d").value(), 0x08090a0b0c0d0e0fu);
  EXPECT_EQ(reader.Array<2>("e").value(), (std::array<uint8_t, 2>{0xaa, 0xbb}));
  EXPECT_EQ(ToHex(reader.Vector8("f").value()), "11");
  EXPECT_EQ(ToHex(reader.Vector16("g").value()), "2233");
  EXPECT_EQ(reader.remaining(), 4u);
  EXPECT_FALSE(reader.empty());
  EXPECT_EQ(reader.Vector32("h")->size(), 0u);
  EXPECT_TRUE(reader.empty());
  EXPECT_TRUE(reader.Finish("sample").ok());
}

TEST(CodecTest, RefusesEveryTruncationAndTrailingBytes) {
  const Bytes bytes = Sample();
  ASSERT_TRUE(ReadSample(bytes).ok());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(ReadSample(ByteSpan(bytes).first(size)).ok()) << size;
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_EQ(ReadSample(longer).message(), "sample: 1 byte left over at byte 27");
}

TEST(CodecTest, NamesTheFieldAndStaysInPlaceOnError) {
  const Bytes bytes = {0x00, 0x05, 0x01, 0x02};
  Reader reader(bytes);
  EXPECT_EQ(reader.Vector16("root").status().message(),
            "3 bytes missing in field 'root' at byte 2");
  EXPECT_EQ(reader.position(), 0u);
  EXPECT_EQ(reader.U64("size").status().message(), "4 bytes missing in field 'size' at byte 0");
  EXPECT_EQ(reader.U32("rest").value(), 0x00050102u);
}

TEST(CodecTest, HugeLengthDoesNotOverflow) {
  const Bytes bytes = {0xff, 0xff, 0xff, 0xff, 0x00};
  Reader reader(bytes);
  EXPECT_FALSE(reader.Vector32("v").ok());
  EXPECT_FALSE(reader.Raw(SIZE_MAX, "r").ok());
  EXPECT_EQ(reader.remaining(), 5u);
}

TEST(CodecTest, TakeLeavesTheWriterEmpty) {
  Writer writer;
  writer.U8(7);
  EXPECT_EQ(writer.Take(), Bytes{7});
  EXPECT_TRUE(writer.bytes().empty());
}

TEST(CodecDeathTest, VectorLongerThanItsPrefixAborts) {
  Writer writer;
  writer.Vector8(Bytes(255));
  EXPECT_EQ(writer.bytes().size(), 256u);
  EXPECT_DEATH(writer.Vector8(Bytes(256)), "one-byte length");
  EXPECT_DEATH(writer.Vector16(Bytes(65536)), "two-byte length");
}

}  // namespace
}  // namespace urna
