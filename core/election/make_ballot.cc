#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/disjunctive_proof.h"
#include "core/crypto/elgamal.h"
#include "core/election/ballot.h"

namespace urna::election {
namespace {

using crypto::DisjunctiveProof;
using crypto::DisjunctiveProver;
using crypto::RistrettoPoint;
using crypto::SecretScalar;

void AppendTo(Bytes& out, ByteSpan bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// One contest between encryption, which needs no challenge, and the answers, which do.
class ContestSealer {
 public:
  static absl::StatusOr<ContestSealer> Encrypt(const Contest& contest, const RistrettoPoint& key,
                                               const std::vector<uint32_t>& selections,
                                               crypto::Rng& rng) {
    ContestSealer out;
    out.bytes_.contest = contest.number;
    SecretScalar sum_r = SecretScalar::FromUint64(0);
    crypto::Ciphertext sum;
    uint64_t total = 0;
    for (uint32_t selection : selections) {
      const SecretScalar r = SecretScalar::Random(rng);
      const crypto::Ciphertext ciphertext = crypto::Encrypt(key, selection, r);
      URNA_ASSIGN_OR_RETURN(
          DisjunctiveProver prover,
          DisjunctiveProver::Commit(key, ciphertext, selection, r, 0, contest.option_max, rng));
      AppendTo(out.bytes_.ciphertexts, ciphertext.Encode());
      out.Take(std::move(prover));
      sum_r = sum_r.Add(r);
      sum = sum + ciphertext;
      total += selection;
    }
    if (contest.HasSumProof()) {
      URNA_ASSIGN_OR_RETURN(
          DisjunctiveProver prover,
          DisjunctiveProver::Commit(key, sum, total, sum_r, contest.sum_min, contest.sum_max, rng));
      out.Take(std::move(prover));
    }
    out.options_ = selections.size();
    return out;
  }

  const ContestBallot& bytes() const { return bytes_; }

  // h covers the commitments of the whole ballot.
  ContestBallot Prove(const crypto::Hash64& h) && {
    for (size_t i = 0; i < provers_.size(); ++i) {
      const bool selection = i < options_;
      const crypto::Scalar challenge = crypto::Challenge(
          h, bytes_.contest, selection ? static_cast<uint16_t>(i) : crypto::kNoIndex,
          selection ? crypto::ChallengeKind::kSelection : crypto::ChallengeKind::kContestSum);
      const DisjunctiveProof proof = std::move(provers_[i]).Respond(challenge);
      AppendTo(bytes_.challenges, crypto::EncodeScalars(proof.challenges));
      AppendTo(bytes_.responses, crypto::EncodeScalars(proof.responses));
    }
    return std::move(bytes_);
  }

 private:
  void Take(DisjunctiveProver prover) {
    AppendTo(bytes_.commitments, crypto::EncodePoints(prover.commitments()));
    provers_.push_back(std::move(prover));
  }

  ContestBallot bytes_;
  size_t options_ = 0;
  std::vector<DisjunctiveProver> provers_;  // of the options, then of the sum
};

}  // namespace

absl::StatusOr<Ballot> MakeBallot(const Manifest& manifest, const VotingContext& context,
                                  uint16_t style, const Selections& selections, uint64_t sequence,
                                  const crypto::Credential& credential, crypto::Rng& rng) {
  URNA_RETURN_IF_ERROR(CheckSelections(manifest, style, selections));
  if (sequence < 1) return absl::InvalidArgumentError("a ballot's sequence begins with 1");

  Ballot ballot;
  ballot.sequence = sequence;
  ballot.style = style;
  ballot.credential = credential.public_key().bytes();
  std::vector<ContestSealer> sealers;
  for (size_t i = 0; i < selections.size(); ++i) {
    const Contest& contest = *manifest.FindContest(manifest.FindStyle(style)->contests[i]);
    auto sealer = ContestSealer::Encrypt(contest, context.election_key, selections[i], rng);
    if (!sealer.ok()) {
      return Annotate(sealer.status(), absl::StrCat("contest ", contest.number));
    }
    ballot.contests.push_back(sealer->bytes());
    sealers.push_back(*std::move(sealer));
  }
  crypto::CredentialProver signer = crypto::CredentialProver::Commit(
      credential, BallotTranscript(context.poll_context, ballot), rng);
  ballot.commitment = signer.commitment().bytes();

  const crypto::Hash64 h = BallotTranscript(context.poll_context, ballot);
  for (size_t i = 0; i < sealers.size(); ++i) {
    ballot.contests[i] = std::move(sealers[i]).Prove(h);
  }
  ballot.responses = std::move(signer)
                         .Respond(crypto::Challenge(h, crypto::kNoIndex, crypto::kNoIndex,
                                                    crypto::ChallengeKind::kCredential))
                         .EncodeResponses();
  return ballot;
}

}  // namespace urna::election
