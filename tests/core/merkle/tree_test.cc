#include "core/merkle/tree.h"

#include <gtest/gtest.h>

#include "tests/core/merkle/naive_tree.h"

namespace urna::merkle {
namespace {

// The reference tree of the certificate-transparency project: eight leaves and the root after each.
constexpr const char* kReferenceLeaves[] = {"",
                                            "00",
                                            "10",
                                            "2021",
                                            "3031",
                                            "40414243",
                                            "5051525354555657",
                                            "606162636465666768696a6b6c6d6e6f"};
constexpr const char* kReferenceRoots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

TEST(CompactTreeTest, MatchesTheReferenceTree) {
  CompactTree tree;
  EXPECT_EQ(ToHex(EmptyRoot()), kReferenceRoots[0]);
  for (size_t i = 0; i < std::size(kReferenceLeaves); ++i) {
    EXPECT_EQ(tree.size(), i);
    EXPECT_EQ(ToHex(tree.root()), kReferenceRoots[i]);
    tree.Append(LeafHash(FromHex(kReferenceLeaves[i]).value()));
  }
  EXPECT_EQ(tree.size(), 8u);
  EXPECT_EQ(ToHex(tree.root()), kReferenceRoots[8]);
}

TEST(CompactTreeTest, MatchesTheDefinition) {
  const std::vector<Hash> leaves = naive::SomeLeaves(130);
  CompactTree tree;
  for (size_t size = 0; size <= leaves.size(); ++size) {
    const auto some = std::span(leaves).first(size);
    EXPECT_EQ(tree.root(), naive::Root(some)) << size;
    EXPECT_EQ(RootFromLeaves(some), naive::Root(some)) << size;
    if (size < leaves.size()) tree.Append(leaves[size]);
  }
}

TEST(CompactTreeTest, ACopyGoesItsOwnWay) {
  const std::vector<Hash> leaves = naive::SomeLeaves(7);
  CompactTree tree;
  for (const Hash& leaf : leaves) tree.Append(leaf);
  CompactTree copy = tree;
  EXPECT_EQ(copy, tree);
  copy.Append(leaves[0]);
  EXPECT_EQ(tree.size(), 7u);
  EXPECT_EQ(tree.root(), naive::Root(leaves));
  EXPECT_NE(copy, tree);
}

TEST(CompactTreeTest, TellsTheSinkEveryNodeOnce) {
  const std::vector<Hash> leaves = naive::SomeLeaves(37);
  CompactTree tree;
  MemoryTree stored;
  for (const Hash& leaf : leaves) {
    stored.Append(leaf);
    int expected_level = 0;
    tree.Append(leaf, [&](int level, uint64_t index, const Hash& hash) {
      EXPECT_EQ(level, expected_level++);
      EXPECT_EQ(stored.Node(level, index).value(), hash);
      EXPECT_EQ(stored.Node(level, index + 1).status().code(), absl::StatusCode::kNotFound);
      const size_t width = size_t{1} << level;
      EXPECT_EQ(hash, naive::Root(std::span(leaves).subspan(index * width, width)));
    });
  }
  EXPECT_FALSE(stored.Node(6, 0).ok());
  EXPECT_FALSE(stored.Node(-1, 0).ok());
}

TEST(CompactTreeTest, ResumesAtEverySize) {
  const std::vector<Hash> leaves = naive::SomeLeaves(70);
  MemoryTree stored;
  for (const Hash& leaf : leaves) stored.Append(leaf);
  CompactTree grown;
  for (size_t size = 0; size <= leaves.size(); ++size) {
    EXPECT_EQ(CompactTree::Resume(size, stored.reader()).value(), grown) << size;
    EXPECT_EQ(RootAt(size, stored.reader()).value(), grown.root()) << size;
    if (size < leaves.size()) grown.Append(leaves[size]);
  }
  EXPECT_EQ(stored.root(), grown.root());
  EXPECT_EQ(CompactTree::Resume(71, stored.reader()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(RootAt(kMaxTreeSize + 1, stored.reader()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace urna::merkle
