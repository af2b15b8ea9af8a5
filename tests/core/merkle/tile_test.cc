#include "core/merkle/tile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/merkle/proof.h"
#include "tests/core/merkle/naive_tree.h"

namespace urna::merkle {
namespace {

TEST(TilePathTest, WritesTheFormsOfTheSpecification) {
  EXPECT_EQ((TileId{0, 0, 256}.Path()), "tile/0/000");
  EXPECT_EQ((TileId{0, 5, 1}.Path()), "tile/0/005.p/1");
  EXPECT_EQ((TileId{1, 1234067, 256}.Path()), "tile/1/x001/x234/067");
  EXPECT_EQ((TileId{63, 1000, 255}.Path()), "tile/63/x001/000.p/255");
  EXPECT_EQ((TileId{TileId::kEntries, 273, 112}.Path()), "tile/entries/273.p/112");
  EXPECT_EQ((TileId{TileId::kEntries, 1000000, 256}.Path()), "tile/entries/x001/x000/000");
}

TEST(TilePathTest, ReadsWhatItWrites) {
  for (int level : {TileId::kEntries, 0, 1, 7, 63}) {
    for (uint64_t index : {uint64_t{0}, uint64_t{9}, uint64_t{10}, uint64_t{999}, uint64_t{1000},
                           uint64_t{999999}, uint64_t{1000000}, uint64_t{1234067}, kMaxTreeSize}) {
      for (uint32_t width : {1u, 9u, 10u, 255u, 256u}) {
        const TileId tile{level, index, width};
        EXPECT_EQ(TileId::ParsePath(tile.Path()).value(), tile) << tile.Path();
      }
    }
  }
}

TEST(TilePathTest, RefusesEverythingElse) {
  for (const char* path : {"",
                           "tile",
                           "tile/",
                           "tile/0",
                           "tile/0/",
                           "tile//000",
                           "/tile/0/000",
                           "tile/0/000/",
                           "tile/0/0",
                           "tile/0/00",
                           "tile/0/0000",
                           "tile/0/1000",
                           "tile/0/x000/000",
                           "tile/0/x001",
                           "tile/0/x001/",
                           "tile/0/001/000",
                           "tile/0/x001/x000",
                           "tile/0/x01/000",
                           "tile/0/X001/000",
                           "tile/0/x001//000",
                           "tile/00/000",
                           "tile/01/000",
                           "tile/64/000",
                           "tile/-1/000",
                           "tile/+1/000",
                           "tile/entry/000",
                           "tile/entries",
                           "tile/entries/",
                           "tile/0/000.p",
                           "tile/0/000.p/",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/01",
                           "tile/0/000.p/1/",
                           "tile/0/000.p/1.p/1",
                           "tile/0/000.P/1",
                           "tile/0/000 ",
                           " tile/0/000",
                           "tile/0/00a",
                           "tile/0/../000",
                           "tile/0/.p/1",
                           "tile/0/x",
                           "tile/0/000\n",
                           "checkpoint",
                           "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
                           "tile/0/x009/x223/x372/x036/x854/x775/808"}) {
    EXPECT_EQ(TileId::ParsePath(path).status().code(), absl::StatusCode::kInvalidArgument) << path;
  }
}

// Whatever is left of a path after cutting or changing a byte: refused, or the path of its tile.
TEST(TilePathTest, HasOneSpelling) {
  size_t refused = 0;
  for (const std::string path : {"tile/entries/x001/x234/067.p/42", "tile/12/x001/234"}) {
    for (size_t i = 0; i < path.size(); ++i) {
      std::vector<std::string> variants = {path.substr(0, i), path.substr(i)};
      for (int c = 0; c < 256; ++c) {
        variants.push_back(path);
        variants.back()[i] = static_cast<char>(c);
      }
      for (const std::string& variant : variants) {
        const absl::StatusOr<TileId> tile = TileId::ParsePath(variant);
        if (tile.ok()) {
          EXPECT_EQ(tile->Path(), variant);
        } else {
          ++refused;
        }
      }
    }
  }
  EXPECT_GT(refused, 10000u);
}

TEST(TilesOfTest, MatchesTheExamplesOfTheSpecification) {
  std::map<int, std::vector<TileId>> by_level;
  for (const TileId& tile : TilesOf(70000)) by_level[tile.level].push_back(tile);
  ASSERT_EQ(by_level.size(), 4u);
  for (int level : {TileId::kEntries, 0}) {
    ASSERT_EQ(by_level[level].size(), 274u);
    EXPECT_EQ(by_level[level][272], (TileId{level, 272, 256}));
    EXPECT_EQ(by_level[level][273], (TileId{level, 273, 112}));
  }
  EXPECT_EQ(by_level[1], (std::vector<TileId>{{1, 0, 256}, {1, 1, 17}}));
  EXPECT_EQ(by_level[2], (std::vector<TileId>{{2, 0, 1}}));

  EXPECT_EQ(TilesOf(256),
            (std::vector<TileId>{{TileId::kEntries, 0, 256}, {0, 0, 256}, {1, 0, 1}}));
  EXPECT_EQ(TilesOf(255), (std::vector<TileId>{{TileId::kEntries, 0, 255}, {0, 0, 255}}));
  EXPECT_EQ(TilesOf(1), (std::vector<TileId>{{TileId::kEntries, 0, 1}, {0, 0, 1}}));
  EXPECT_TRUE(TilesOf(0).empty());
}

TEST(TilesOfTest, CountAndMembershipAgreeWithTheList) {
  for (uint64_t size : {0, 1, 2, 255, 256, 257, 511, 512, 513, 1000, 65535, 65536, 65537, 131072}) {
    const std::vector<TileId> list = TilesOf(size);
    EXPECT_EQ(list.size(), TileCount(size));
    EXPECT_TRUE(std::is_sorted(list.begin(), list.end()));
    const std::set<TileId> tiles(list.begin(), list.end());
    EXPECT_EQ(tiles.size(), list.size());
    for (int level = -2; level <= 65; ++level) {
      for (uint64_t index : {uint64_t{0}, uint64_t{1}, uint64_t{2}, size / 256, size / 256 + 1,
                             size / 65536, uint64_t{1} << 56, UINT64_MAX}) {
        for (uint32_t width : {0u, 1u, 2u, 255u, 256u, 257u, static_cast<uint32_t>(size % 256)}) {
          const TileId tile{level, index, width};
          EXPECT_EQ(IsTileOf(tile, size), tiles.contains(tile))
              << tile.Path() << " width " << width << " in " << size;
        }
      }
    }
  }
  EXPECT_GT(TileCount(kMaxTreeSize), uint64_t{1} << 56);
}

class TileContentsTest : public testing::Test {
 protected:
  static constexpr size_t kSize = 70000;

  TileContentsTest() {
    for (const Hash& leaf : naive::SomeLeaves(kSize)) tree_.Append(leaf);
  }

  TileReader tiles() const {
    return [this](const TileId& tile) -> absl::StatusOr<Bytes> {
      EXPECT_TRUE(IsTileOf(tile, kSize)) << tile.Path();
      return EncodeTile(tile, tree_.reader());
    };
  }

  MemoryTree tree_;
};

TEST_F(TileContentsTest, HashesOfALevelAreRootsOfFullTilesBelow) {
  const Bytes leaves = EncodeTile({0, 3, 256}, tree_.reader()).value();
  ASSERT_EQ(leaves.size(), 8192u);
  EXPECT_EQ(ToHex(ByteSpan(leaves).first(32)),
            ToHex(LeafHash(AsBytes("leaf " + std::to_string(3 * 256)))));
  const std::vector<Hash> below = ParseTile(leaves, 256).value();
  const std::vector<Hash> above =
      ParseTile(EncodeTile({1, 0, 256}, tree_.reader()).value(), 256).value();
  EXPECT_EQ(above[3], naive::Root(below));
  const Bytes top = EncodeTile({2, 0, 1}, tree_.reader()).value();
  EXPECT_EQ(ParseTile(top, 1).value()[0], naive::Root(above));
}

TEST_F(TileContentsTest, TilesThatAreNotOfTheTreeAreRefused) {
  EXPECT_FALSE(EncodeTile({0, 273, 113}, tree_.reader()).ok());
  EXPECT_FALSE(EncodeTile({2, 0, 2}, tree_.reader()).ok());
  EXPECT_FALSE(EncodeTile({TileId::kEntries, 0, 256}, tree_.reader()).ok());
  EXPECT_FALSE(EncodeTile({0, 0, 0}, tree_.reader()).ok());
  EXPECT_FALSE(EncodeTile({0, 0, 257}, tree_.reader()).ok());
  EXPECT_FALSE(EncodeTile({0, uint64_t{1} << 56, 1}, tree_.reader()).ok());
}

TEST_F(TileContentsTest, ParseWantsTheExactWidth) {
  const Bytes contents = EncodeTile({1, 1, 17}, tree_.reader()).value();
  EXPECT_TRUE(ParseTile(contents, 17).ok());
  for (size_t size = 0; size < contents.size(); ++size) {
    EXPECT_FALSE(ParseTile(ByteSpan(contents).first(size), 17).ok()) << size;
  }
  EXPECT_FALSE(ParseTile(contents, 16).ok());
  EXPECT_FALSE(ParseTile(contents, 18).ok());
  EXPECT_FALSE(ParseTile({}, 0).ok());
  EXPECT_FALSE(ParseTile(Bytes(257 * 32), 257).ok());
}

TEST_F(TileContentsTest, ProofsComeOutOfTiles) {
  const NodeReader nodes = NodesFromTiles(kSize, tiles());
  EXPECT_EQ(RootAt(kSize, nodes).value(), tree_.root());
  for (uint64_t index : {0, 1, 255, 256, 65535, 65536, 69887, 69888, 69999}) {
    EXPECT_EQ(InclusionProof(kSize, index, nodes).value(),
              InclusionProof(kSize, index, tree_.reader()).value());
  }
  for (uint64_t old_size : {1, 3, 256, 300, 65536, 65537, 69999}) {
    EXPECT_EQ(ConsistencyProof(old_size, kSize, nodes).value(),
              ConsistencyProof(old_size, kSize, tree_.reader()).value());
  }
  EXPECT_EQ(nodes(0, kSize).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(nodes(17, 0).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(nodes(-1, 0).status().code(), absl::StatusCode::kNotFound);
  const NodeReader torn = NodesFromTiles(kSize, [](const TileId& tile) -> absl::StatusOr<Bytes> {
    return Bytes(32 * tile.width - 1);
  });
  EXPECT_EQ(torn(0, 5).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(EntryBundleTest, RoundTrips) {
  const std::vector<Bytes> entries = {Bytes{1}, Bytes(65535, 2), Bytes{3, 4}};
  const Bytes contents = EncodeEntryBundle(entries).value();
  EXPECT_EQ(contents.size(), 2 + 1 + 2 + 65535 + 2 + 2u);
  EXPECT_EQ(ToHex(ByteSpan(contents).first(7)), "000101ffff0202");
  const std::vector<ByteSpan> parsed = ParseEntryBundle(contents, 3).value();
  ASSERT_EQ(parsed.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(ToBytes(parsed[i]), entries[i]);
}

TEST(EntryBundleTest, RefusesEveryOtherWidthAndLength) {
  const std::vector<Bytes> entries = {Bytes{1}, Bytes{2, 3, 4}, Bytes(300, 5)};
  const Bytes contents = EncodeEntryBundle(entries).value();
  for (size_t size = 0; size < contents.size(); ++size) {
    EXPECT_FALSE(ParseEntryBundle(ByteSpan(contents).first(size), 3).ok()) << size;
  }
  Bytes longer = contents;
  longer.push_back(0);
  EXPECT_FALSE(ParseEntryBundle(longer, 3).ok());
  EXPECT_FALSE(ParseEntryBundle(contents, 2).ok());
  EXPECT_FALSE(ParseEntryBundle(contents, 4).ok());
  EXPECT_FALSE(ParseEntryBundle({}, 0).ok());
  EXPECT_FALSE(ParseEntryBundle(Bytes{0, 0}, 1).ok());
  EXPECT_FALSE(ParseEntryBundle(Bytes(257 * 3, 0), 257).ok());
}

TEST(EntryBundleTest, RefusesToWriteWhatCannotBeRead) {
  EXPECT_FALSE(EncodeEntryBundle(std::vector<Bytes>()).ok());
  EXPECT_FALSE(EncodeEntryBundle(std::vector<Bytes>{Bytes()}).ok());
  EXPECT_FALSE(EncodeEntryBundle(std::vector<Bytes>{Bytes(65536)}).ok());
  EXPECT_FALSE(EncodeEntryBundle(std::vector<Bytes>(257, Bytes{1})).ok());
  EXPECT_TRUE(EncodeEntryBundle(std::vector<Bytes>(256, Bytes{1})).ok());
}

}  // namespace
}  // namespace urna::merkle
