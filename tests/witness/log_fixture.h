// A log that grows, and what it sends to witnesses.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "core/merkle/add_checkpoint.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/proof.h"
#include "core/merkle/tree_head.h"

namespace urna::testing {

class TestLog {
 public:
  // Logs of one branch have the same leaves; those of different ones differ from `fork` on.
  explicit TestLog(std::string origin = "log.example/1", uint8_t key = 7, uint64_t fork = ~0ULL)
      : signer_(
            merkle::NoteSigner::Create(origin, crypto::SigningKey::FromSeed(Bytes(32, key)).value())
                .value()),
        fork_(fork) {}

  const merkle::NoteVerifier& key() const { return signer_.verifier(); }

  // The checkpoint of so many leaves, signed.
  std::string NoteAt(uint64_t size) {
    return merkle::SignCheckpoint(
               merkle::Checkpoint::Create(key().name(), size, HeadAt(size).root).value(), signer_)
        .value();
  }
  merkle::TreeHead HeadAt(uint64_t size) {
    while (tree_.size() < size) {
      const std::string leaf = std::to_string(tree_.size()) + (tree_.size() >= fork_ ? "!" : "");
      tree_.Append(merkle::LeafHash(AsBytes(leaf)));
    }
    return {size, merkle::RootAt(size, tree_.reader()).value()};
  }
  merkle::AddCheckpointRequest Request(uint64_t from, uint64_t to) {
    const std::string note = NoteAt(to);
    return merkle::AddCheckpointRequest::Create(
               from, merkle::ConsistencyProof(from, to, tree_.reader()).value(), note)
        .value();
  }
  std::string Body(uint64_t from, uint64_t to) { return Request(from, to).Serialize(); }

 private:
  merkle::NoteSigner signer_;
  uint64_t fork_;
  merkle::MemoryTree tree_;
};

}  // namespace urna::testing
