// make_logs DIRECTORY: logs of several sizes, all with the same first entries, and proofs about
// them, for judge.go:
//
//   DIRECTORY/vkey                             of the key that signed all checkpoints
//   DIRECTORY/<size>/log/…                     the log's files
//   DIRECTORY/witnesses                        vkeys of two witnesses, one a line
//   DIRECTORY/<size>/cosigned                  the checkpoint with cosignatures of both
//   DIRECTORY/<size>/receipts/<index>          tlog-proofs
//   DIRECTORY/<size>/consistency/<old size>    hashes, one a line in base64
#include <array>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/base/status.h"
#include "core/crypto/rng.h"
#include "core/crypto/sodium_init.h"
#include "core/merkle/checkpoint.h"
#include "core/merkle/cosignature.h"
#include "core/merkle/proof.h"
#include "core/merkle/tile.h"
#include "core/merkle/tlog_proof.h"
#include "core/record/directory.h"
#include "core/record/plain_files.h"

namespace urna {
namespace {

constexpr char kOrigin[] = "interop.example/log";
constexpr std::array<uint64_t, 7> kSizes = {1, 2, 255, 256, 257, 65'536, 65'537};
constexpr uint64_t kStride = 997;                // of receipts, beside those at the edges
constexpr uint64_t kCosignedAt = 1'800'000'000;  // plus the size; judge.go knows it too

// Entries of many lengths, the longest there can be among them.
Bytes EntryAt(uint64_t index) {
  if (index == 1) return Bytes(merkle::kMaxEntrySize, 0x5a);
  const std::string text = absl::StrCat("entry ", index, std::string(index % 41, '.'));
  return index == 0 ? Bytes{0} : ToBytes(AsBytes(text));
}

// Indexes or sizes below `end` where tiles begin and end, and some between.
std::set<uint64_t> Interesting(uint64_t end) {
  std::set<uint64_t> numbers;
  for (const uint64_t edge :
       {0, 1, 2, 3, 127, 128, 254, 255, 256, 257, 511, 512, 65'279, 65'280, 65'535, 65'536}) {
    if (edge < end) numbers.insert(edge);
  }
  for (uint64_t number = 0; number < end; number += kStride) numbers.insert(number);
  numbers.insert(end - 1);
  return numbers;
}

class Maker {
 public:
  Maker(std::string directory, merkle::NoteSigner signer,
        std::vector<merkle::CosignatureSigner> witnesses)
      : directory_(std::move(directory)),
        signer_(std::move(signer)),
        witnesses_(std::move(witnesses)) {}

  absl::Status Run() {
    URNA_RETURN_IF_ERROR(MakeDirectories(directory_));
    URNA_RETURN_IF_ERROR(
        record::WriteFileUnsynced(directory_ + "/vkey", AsBytes(signer_.verifier().vkey() + "\n")));
    std::string vkeys;
    for (const auto& witness : witnesses_) vkeys += witness.verifier().vkey() + "\n";
    URNA_RETURN_IF_ERROR(record::WriteFileUnsynced(directory_ + "/witnesses", AsBytes(vkeys)));
    for (const uint64_t size : kSizes) {
      while (tree_.size() < size) tree_.Append(merkle::LeafHash(EntryAt(tree_.size())));
      URNA_RETURN_IF_ERROR(Annotate(Make(size), absl::StrCat("size ", size)));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Make(uint64_t size) {
    const std::string directory = absl::StrCat(directory_, "/", size);
    URNA_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint,
                          merkle::Checkpoint::Create(kOrigin, size, tree_.root()));
    URNA_ASSIGN_OR_RETURN(const std::string note, merkle::SignCheckpoint(checkpoint, signer_));
    URNA_RETURN_IF_ERROR(
        record::WriteLog(directory + "/log", AsBytes(note),
                         [](uint64_t index) -> absl::StatusOr<Bytes> { return EntryAt(index); }));
    std::string cosigned = note;
    for (const auto& witness : witnesses_) {
      URNA_ASSIGN_OR_RETURN(const merkle::NoteSignature line,
                            witness.Sign(checkpoint.Body(), kCosignedAt + size));
      cosigned += line.Line();
    }
    URNA_RETURN_IF_ERROR(record::WriteFileUnsynced(directory + "/cosigned", AsBytes(cosigned)));
    URNA_RETURN_IF_ERROR(MakeDirectories(directory + "/receipts"));
    for (const uint64_t index : Interesting(size)) {
      URNA_ASSIGN_OR_RETURN(const auto hashes, merkle::InclusionProof(size, index, tree_.reader()));
      URNA_ASSIGN_OR_RETURN(const merkle::TlogProof proof,
                            merkle::TlogProof::Create(index, hashes, note));
      URNA_RETURN_IF_ERROR(record::WriteFileUnsynced(absl::StrCat(directory, "/receipts/", index),
                                                     AsBytes(proof.Serialize())));
    }
    return MakeConsistency(size, directory + "/consistency/");
  }

  absl::Status MakeConsistency(uint64_t size, const std::string& directory) {
    URNA_RETURN_IF_ERROR(MakeDirectories(directory));
    for (const uint64_t old_size : Interesting(size + 1)) {
      if (old_size == 0) continue;
      URNA_ASSIGN_OR_RETURN(const auto hashes,
                            merkle::ConsistencyProof(old_size, size, tree_.reader()));
      std::string text;
      for (const merkle::Hash& hash : hashes) absl::StrAppend(&text, ToBase64(hash), "\n");
      URNA_RETURN_IF_ERROR(
          record::WriteFileUnsynced(absl::StrCat(directory, old_size), AsBytes(text)));
    }
    return absl::OkStatus();
  }

  const std::string directory_;
  const merkle::NoteSigner signer_;
  const std::vector<merkle::CosignatureSigner> witnesses_;
  merkle::MemoryTree tree_;
};

absl::Status MakeLogs(const std::string& directory) {
  URNA_RETURN_IF_ERROR(crypto::InitializeCrypto());
  crypto::SystemRng rng;
  URNA_ASSIGN_OR_RETURN(merkle::NoteSigner signer,
                        merkle::NoteSigner::Create(kOrigin, crypto::SigningKey::Generate(rng)));
  std::vector<merkle::CosignatureSigner> witnesses;
  for (const char* name : {"witness.example/one", "Zeugin"}) {
    URNA_ASSIGN_OR_RETURN(
        merkle::CosignatureSigner witness,
        merkle::CosignatureSigner::Create(name, crypto::SigningKey::Generate(rng)));
    witnesses.push_back(std::move(witness));
  }
  return Maker(directory, std::move(signer), std::move(witnesses)).Run();
}

}  // namespace
}  // namespace urna

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_logs DIRECTORY\n";
    return 3;
  }
  const absl::Status made = urna::MakeLogs(argv[1]);
  if (!made.ok()) std::cerr << "make_logs: " << made.message() << "\n";
  return made.ok() ? 0 : 1;
}
