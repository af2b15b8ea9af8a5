#include "voter/receipt_verifier.h"

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/proof.h"
#include "core/merkle/tlog_proof.h"

namespace urna::voter {

absl::StatusOr<merkle::Checkpoint> ReceiptVerifier::Open(const std::string& note) {
  if (const auto found = opened_.find(note); found != opened_.end()) return found->second;
  URNA_ASSIGN_OR_RETURN(
      const merkle::Checkpoint checkpoint,
      merkle::OpenCheckpoint(AsBytes(note), log_, merkle::OtherSignatures::kIgnored));
  const auto [at, added] = roots_.emplace(checkpoint.size(), checkpoint.root());
  if (!added && at->second != checkpoint.root()) {
    return absl::DataLossError(
        absl::StrCat("the board signed two different histories of size ", checkpoint.size()));
  }
  opened_.emplace(note, checkpoint);
  return checkpoint;
}

absl::StatusOr<merkle::Checkpoint> ReceiptVerifier::VerifyProof(const merkle::TlogProof& proof,
                                                                const merkle::Hash& leaf_hash) {
  if (proof.extra().has_value()) {
    return absl::InvalidArgumentError("a receipt has no extra data");
  }
  URNA_ASSIGN_OR_RETURN(merkle::Checkpoint checkpoint, Open(proof.checkpoint_note()));
  URNA_RETURN_IF_ERROR(merkle::VerifyInclusion(leaf_hash, proof.index(), checkpoint.size(),
                                               proof.hashes(), checkpoint.root()));
  return checkpoint;
}

absl::StatusOr<merkle::Checkpoint> ReceiptVerifier::VerifyFile(ByteSpan proof,
                                                               const merkle::Hash& leaf_hash) {
  URNA_ASSIGN_OR_RETURN(const merkle::TlogProof parsed, merkle::TlogProof::Parse(proof));
  return VerifyProof(parsed, leaf_hash);
}

absl::StatusOr<merkle::Checkpoint> ReceiptVerifier::Verify(const remote::Receipt& receipt,
                                                           const merkle::Hash& leaf_hash) {
  if (receipt.leaf_hash != leaf_hash) {
    return absl::DataLossError("the board's receipt is for another entry");
  }
  URNA_ASSIGN_OR_RETURN(const merkle::TlogProof parsed,
                        merkle::TlogProof::Parse(AsBytes(receipt.proof)));
  if (parsed.index() != receipt.index) {
    return absl::DataLossError(absl::StrCat("the board says index ", receipt.index,
                                            ", its receipt says ", parsed.index()));
  }
  return VerifyProof(parsed, leaf_hash);
}

}  // namespace urna::voter
