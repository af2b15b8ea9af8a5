#include "core/merkle/proof.h"

#include <gtest/gtest.h>

#include "tests/core/merkle/naive_tree.h"

namespace urna::merkle {
namespace {

constexpr size_t kSizes = 40;

class ProofTest : public testing::Test {
 protected:
  ProofTest() : leaves_(naive::SomeLeaves(kSizes)) {
    for (const Hash& leaf : leaves_) tree_.Append(leaf);
    for (size_t size = 0; size <= kSizes; ++size) {
      roots_.push_back(naive::Root(std::span(leaves_).first(size)));
    }
  }

  // Calls check with every proof that differs from the given one by one change.
  static void ForEachMutation(const std::vector<Hash>& proof,
                              const std::function<void(const std::vector<Hash>&)>& check) {
    for (size_t i = 0; i < proof.size(); ++i) {
      std::vector<Hash> changed = proof;
      changed[i][i % 32] ^= 1 << (i % 8);
      check(changed);
      changed = proof;
      changed.erase(changed.begin() + i);
      check(changed);
      if (i > 0) {
        changed = proof;
        std::swap(changed[i], changed[i - 1]);
        check(changed);
      }
    }
    for (size_t i = 0; i <= proof.size(); ++i) {
      std::vector<Hash> changed = proof;
      changed.insert(changed.begin() + i, i == 0 ? Hash{} : proof[i - 1]);
      check(changed);
    }
  }

  std::vector<Hash> leaves_;
  std::vector<Hash> roots_;
  MemoryTree tree_;
};

TEST_F(ProofTest, InclusionMatchesTheDefinitionAndVerifies) {
  for (size_t size = 1; size <= kSizes; ++size) {
    for (size_t index = 0; index < size; ++index) {
      const std::vector<Hash> proof = InclusionProof(size, index, tree_.reader()).value();
      EXPECT_EQ(proof, naive::Path(index, std::span(leaves_).first(size)));
      EXPECT_TRUE(VerifyInclusion(leaves_[index], index, size, proof, roots_[size]).ok())
          << index << " of " << size;
    }
  }
}

TEST_F(ProofTest, ChangedInclusionProofsAreRefused) {
  for (size_t size = 1; size <= kSizes; ++size) {
    for (size_t index = 0; index < size; ++index) {
      const std::vector<Hash> proof = InclusionProof(size, index, tree_.reader()).value();
      ForEachMutation(proof, [&](const std::vector<Hash>& changed) {
        EXPECT_FALSE(VerifyInclusion(leaves_[index], index, size, changed, roots_[size]).ok())
            << index << " of " << size;
      });
      EXPECT_FALSE(
          VerifyInclusion(leaves_[(index + 1) % kSizes], index, size, proof, roots_[size]).ok());
      EXPECT_FALSE(VerifyInclusion(leaves_[index], index, size, proof, roots_[size - 1]).ok());
      for (size_t other = 0; other < size; ++other) {
        if (other == index) continue;
        EXPECT_FALSE(VerifyInclusion(leaves_[index], other, size, proof, roots_[size]).ok())
            << index << " as " << other << " of " << size;
      }
    }
  }
}

TEST_F(ProofTest, InclusionOutsideTheTreeIsRefused) {
  EXPECT_FALSE(VerifyInclusion(leaves_[0], 0, 0, {}, EmptyRoot()).ok());
  EXPECT_FALSE(VerifyInclusion(leaves_[0], 1, 1, {}, leaves_[0]).ok());
  EXPECT_TRUE(VerifyInclusion(leaves_[0], 0, 1, {}, leaves_[0]).ok());
  EXPECT_FALSE(VerifyInclusion(leaves_[0], UINT64_MAX, UINT64_MAX, {}, leaves_[0]).ok());
  EXPECT_FALSE(VerifyInclusion(leaves_[0], 0, UINT64_MAX, {}, leaves_[0]).ok());
  EXPECT_FALSE(InclusionProof(0, 0, tree_.reader()).ok());
  EXPECT_FALSE(InclusionProof(5, 5, tree_.reader()).ok());
  EXPECT_FALSE(InclusionProof(UINT64_MAX, 0, tree_.reader()).ok());
  EXPECT_EQ(InclusionProof(kSizes + 1, 0, tree_.reader()).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(ProofTest, AProofForTheLargestTreeHas63Hashes) {
  // All leaves are alike, so that all nodes of a level are.
  std::vector<Hash> by_level = {Hash{}};
  while (by_level.size() < 63) by_level.push_back(NodeHash(by_level.back(), by_level.back()));
  const NodeReader alike = [&by_level](int level, uint64_t) { return by_level.at(level); };
  const std::vector<Hash> proof = InclusionProof(kMaxTreeSize, 0, alike).value();
  EXPECT_EQ(proof.size(), 63u);
  EXPECT_LE(proof.size(), kMaxProofHashes);
  const Hash root = RootAt(kMaxTreeSize, alike).value();
  EXPECT_TRUE(VerifyInclusion(Hash{}, 0, kMaxTreeSize, proof, root).ok());
  const std::vector<Hash> last = InclusionProof(kMaxTreeSize, kMaxTreeSize - 1, alike).value();
  EXPECT_TRUE(VerifyInclusion(Hash{}, kMaxTreeSize - 1, kMaxTreeSize, last, root).ok());
  for (uint64_t old_size : {uint64_t{1}, uint64_t{1} << 62, kMaxTreeSize - 1}) {
    const std::vector<Hash> steps = ConsistencyProof(old_size, kMaxTreeSize, alike).value();
    EXPECT_LE(steps.size(), kMaxProofHashes);
    EXPECT_TRUE(
        VerifyConsistency(old_size, RootAt(old_size, alike).value(), kMaxTreeSize, root, steps)
            .ok())
        << old_size;
  }
}

TEST_F(ProofTest, ConsistencyMatchesTheDefinitionAndVerifies) {
  for (size_t size = 0; size <= kSizes; ++size) {
    for (size_t old_size = 0; old_size <= size; ++old_size) {
      const std::vector<Hash> proof = ConsistencyProof(old_size, size, tree_.reader()).value();
      if (old_size > 0) {
        EXPECT_EQ(proof, naive::Subproof(old_size, std::span(leaves_).first(size), true));
      } else {
        EXPECT_TRUE(proof.empty());
      }
      EXPECT_TRUE(VerifyConsistency(old_size, roots_[old_size], size, roots_[size], proof).ok())
          << old_size << " to " << size;
    }
  }
}

TEST_F(ProofTest, ChangedConsistencyProofsAreRefused) {
  Hash wrong_root{};
  wrong_root[5] = 1;
  for (size_t size = 0; size <= kSizes; ++size) {
    for (size_t old_size = 0; old_size <= size; ++old_size) {
      const std::vector<Hash> proof = ConsistencyProof(old_size, size, tree_.reader()).value();
      ForEachMutation(proof, [&](const std::vector<Hash>& changed) {
        EXPECT_FALSE(
            VerifyConsistency(old_size, roots_[old_size], size, roots_[size], changed).ok())
            << old_size << " to " << size;
      });
      EXPECT_FALSE(VerifyConsistency(old_size, wrong_root, size, roots_[size], proof).ok());
      if (old_size > 0) {
        EXPECT_FALSE(VerifyConsistency(old_size, roots_[old_size], size, wrong_root, proof).ok());
      }
      if (old_size < size) {
        EXPECT_FALSE(VerifyConsistency(size, roots_[size], old_size, roots_[old_size], proof).ok());
        EXPECT_FALSE(VerifyConsistency(old_size, roots_[size], size, roots_[size], proof).ok());
      }
    }
  }
}

TEST_F(ProofTest, ConsistencyAtTheEdges) {
  EXPECT_TRUE(VerifyConsistency(0, EmptyRoot(), 0, EmptyRoot(), {}).ok());
  EXPECT_FALSE(VerifyConsistency(0, EmptyRoot(), 0, roots_[1], {}).ok());
  EXPECT_FALSE(VerifyConsistency(0, roots_[1], 0, roots_[1], {}).ok());
  EXPECT_FALSE(VerifyConsistency(0, roots_[1], 5, roots_[5], {}).ok());
  EXPECT_FALSE(VerifyConsistency(5, roots_[5], 5, roots_[4], {}).ok());
  EXPECT_FALSE(VerifyConsistency(4, roots_[4], 5, roots_[5], {}).ok());
  EXPECT_FALSE(VerifyConsistency(3, roots_[3], 5, roots_[5], {}).ok());
  EXPECT_FALSE(VerifyConsistency(1, roots_[1], UINT64_MAX, roots_[5], {}).ok());
  EXPECT_FALSE(ConsistencyProof(6, 5, tree_.reader()).ok());
  EXPECT_FALSE(ConsistencyProof(6, UINT64_MAX, tree_.reader()).ok());
  EXPECT_FALSE(ConsistencyProof(6, kSizes + 2, tree_.reader()).ok());
}

}  // namespace
}  // namespace urna::merkle
