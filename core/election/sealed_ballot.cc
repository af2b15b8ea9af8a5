#include "core/election/sealed_ballot.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/base/codec.h"
#include "core/base/status.h"

namespace urna::election {
namespace {

using crypto::DisjunctiveProver;
using crypto::RistrettoPoint;
using crypto::SecretBytes;
using crypto::SecretScalar;

void AppendTo(Bytes& out, ByteSpan bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

crypto::Scalar CoefficientOf(const Term& term) {
  const auto magnitude = crypto::Scalar::FromUint64(
      static_cast<uint64_t>(term.coefficient < 0 ? -term.coefficient : term.coefficient));
  return term.coefficient < 0 ? magnitude.Negate() : magnitude;
}

// What a claim says about these cells: its value and the randomness of its ciphertext.
struct ClaimSecret {
  uint64_t value = 0;
  SecretScalar r = SecretScalar::FromUint64(0);

  void Take(const Term& term, uint64_t cell_value, const SecretScalar& cell_r) {
    value += static_cast<uint64_t>(term.coefficient) * cell_value;
    r = r.Add(cell_r.Mul(CoefficientOf(term)));
  }
};

// What the nonces of a proof are bound to: the ballot without commitments, and the proof's place.
Bytes StatementOfProof(const crypto::Hash64& ballot, uint16_t contest, const PlannedProof& proof) {
  Writer writer;
  writer.Raw(ballot);
  writer.U16(contest);
  writer.U8(static_cast<uint8_t>(proof.kind));
  writer.U16(proof.number);
  return writer.Take();
}

// Of all cells of a style, slack bits included.
uint64_t LargestMaximum(const Manifest& manifest, const Style& style) {
  uint64_t out = 1;
  for (uint16_t number : style.contests) {
    out = std::max<uint64_t>(out, manifest.FindContest(number)->option_max);
  }
  return out;
}

size_t StoredSize(const ContestPlan& plan) {
  size_t size = ContestOpening::kCellSize * plan.cells();
  for (const PlannedProof& proof : plan.proofs()) {
    size += DisjunctiveProver::StorageBytes(proof.claim->branches());
  }
  return size;
}

// Writes into secret bytes of the right size, one piece after the other.
class Filler {
 public:
  explicit Filler(SecretBytes& out) : out_(out) {}
  void Put(ByteSpan bytes) {
    std::copy(bytes.begin(), bytes.end(), out_.data() + at_);
    at_ += bytes.size();
  }
  void PutCell(uint16_t value, const SecretScalar& r) {
    out_.data()[at_++] = static_cast<uint8_t>(value >> 8);
    out_.data()[at_++] = static_cast<uint8_t>(value);
    Put(r.ExposeForKeyFile().ExposeSpan());
  }

 private:
  SecretBytes& out_;
  size_t at_ = 0;
};

absl::Status NotTogether(absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("what was kept of the sealed ballot does not fit together: ", why));
}

}  // namespace

SealedBallot::SealedContest SealedBallot::EncryptCells(const Contest& contest,
                                                       const RistrettoPoint& key,
                                                       const crypto::SmallMultiples& multiples,
                                                       const std::vector<uint32_t>& selections,
                                                       crypto::Rng& rng, ContestBallot& bytes) {
  SealedContest out{ContestPlan(contest), {}, {}};
  bytes.contest = contest.number;
  const std::vector<uint64_t> values =
      FillSlack(out.plan, std::vector<uint64_t>(selections.begin(), selections.end()));
  for (size_t cell = 0; cell < values.size(); ++cell) {
    SecretScalar r = SecretScalar::Random(rng);
    AppendTo(bytes.ciphertexts,
             crypto::Encrypt(key, multiples, values[cell], out.plan.Maximum(cell), r).Encode());
    out.cells.push_back({static_cast<uint16_t>(values[cell]), std::move(r)});
  }
  return out;
}

absl::Status SealedBallot::CommitProofs(const RistrettoPoint& key, const crypto::Hash64& statement,
                                        crypto::Rng& rng, SealedContest& contest,
                                        ContestBallot& bytes) {
  for (const PlannedProof& planned : contest.plan.proofs()) {
    const Claim& claim = *planned.claim;
    ClaimSecret secret;
    for (const std::vector<Term>* terms : {&claim.terms, &claim.slack}) {
      for (const Term& term : *terms) {
        const Cell& cell = contest.cells[term.cell];
        secret.Take(term, cell.value, cell.r);
      }
    }
    URNA_ASSIGN_OR_RETURN(
        DisjunctiveProver prover,
        DisjunctiveProver::Commit(key, StatementOfProof(statement, contest.plan.contest(), planned),
                                  secret.value, secret.r, claim.proved_lo(), claim.hi, rng));
    AppendTo(bytes.commitments, crypto::EncodePoints(prover.commitments()));
    contest.provers.push_back(std::move(prover));
  }
  return absl::OkStatus();
}

absl::StatusOr<SealedBallot> SealedBallot::Seal(const Manifest& manifest,
                                                const VotingContext& context, uint16_t style,
                                                const Selections& selections, uint64_t sequence,
                                                const crypto::Credential& credential,
                                                crypto::Rng& rng) {
  URNA_RETURN_IF_ERROR(CheckSelections(manifest, style, selections));
  if (sequence < 1) return absl::InvalidArgumentError("a ballot's sequence begins with 1");
  return SealChecked(manifest, context, style, selections, sequence, credential, rng);
}

absl::StatusOr<SealedBallot> SealedBallot::SealChecked(const Manifest& manifest,
                                                       const VotingContext& context, uint16_t style,
                                                       const Selections& selections,
                                                       uint64_t sequence,
                                                       const crypto::Credential& credential,
                                                       crypto::Rng& rng) {
  Ballot ballot;
  ballot.sequence = sequence;
  ballot.style = style;
  ballot.credential = credential.public_key().bytes();
  URNA_ASSIGN_OR_RETURN(std::vector<SealedContest> contests,
                        Fill(manifest, context, selections, rng, ballot));
  crypto::CredentialProver signer = crypto::CredentialProver::Commit(
      credential, BallotTranscript(context.poll_context, ballot), rng);
  ballot.commitment = signer.commitment().bytes();
  SealedBallot out(std::move(signer));
  out.ballot_ = std::move(ballot);
  out.hash_ = BallotTranscript(context.poll_context, out.ballot_);
  out.contests_ = std::move(contests);
  return out;
}

absl::StatusOr<SealedBallot> SealedBallot::SealAnonymous(
    const Manifest& manifest, const VotingContext& context, uint16_t style,
    const Selections& selections, uint64_t sequence, std::optional<uint32_t> ring,
    const crypto::Credential& credential, crypto::Rng& rng) {
  if (context.anonymous == nullptr) {
    return absl::FailedPreconditionError("the election is not open, or not anonymous");
  }
  URNA_RETURN_IF_ERROR(CheckSelections(manifest, style, selections));
  if (sequence < 1) return absl::InvalidArgumentError("a ballot's sequence begins with 1");
  Ballot ballot;
  ballot.sequence = sequence;
  ballot.style = style;
  ballot.credential = crypto::TagOf(credential, context.anonymous->tag_base).bytes();
  if (ring.has_value()) {
    ballot.anonymous = RingAnswer{*ring, {}, {}};
  } else {
    ballot.anonymous = TagAnswer{};
  }
  if (!BallotTranscriptBytes(context, ballot).has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("there is no ring ", *ring));
  }
  URNA_ASSIGN_OR_RETURN(std::vector<SealedContest> contests,
                        Fill(manifest, context, selections, rng, ballot));
  const crypto::Hash64 statement = crypto::Sha512(*BallotTranscriptBytes(context, ballot));
  URNA_ASSIGN_OR_RETURN(Signer signer, Sign(context, ring, credential, statement, rng, ballot));
  SealedBallot out(std::move(signer));
  out.ballot_ = std::move(ballot);
  out.hash_ = crypto::Sha512(*BallotTranscriptBytes(context, out.ballot_));
  out.contests_ = std::move(contests);
  return out;
}

absl::StatusOr<SealedBallot::Signer> SealedBallot::Sign(const VotingContext& context,
                                                        std::optional<uint32_t> ring,
                                                        const crypto::Credential& credential,
                                                        const crypto::Hash64& statement,
                                                        crypto::Rng& rng, Ballot& ballot) {
  const AnonymousVoting& anonymous = *context.anonymous;
  if (!ring.has_value()) {
    crypto::TagProver prover =
        crypto::TagProver::Commit(credential, anonymous.tag_base, statement, rng);
    ballot.anonymous = TagAnswer{prover.commitment().bytes(), {}};
    return Signer(std::move(prover));
  }
  URNA_ASSIGN_OR_RETURN(const crypto::Ring points,
                        crypto::Ring::Decode(anonymous.rings->PointsOf(*ring)));
  URNA_ASSIGN_OR_RETURN(
      crypto::RingProver prover,
      crypto::RingProver::Commit(points, credential, anonymous.tag_base, statement, rng));
  ballot.anonymous = RingAnswer{*ring, prover.EncodeCommitments(), {}};
  return Signer(std::move(prover));
}

absl::StatusOr<std::vector<SealedBallot::SealedContest>> SealedBallot::Fill(
    const Manifest& manifest, const VotingContext& context, const Selections& selections,
    crypto::Rng& rng, Ballot& ballot) {
  const Style& contained = *manifest.FindStyle(ballot.style);
  const crypto::SmallMultiples multiples(LargestMaximum(manifest, contained));
  std::vector<SealedContest> contests;
  for (size_t i = 0; i < selections.size(); ++i) {
    contests.push_back(EncryptCells(*manifest.FindContest(contained.contests[i]),
                                    context.election_key, multiples, selections[i], rng,
                                    ballot.contests.emplace_back()));
  }
  // All that the challenges will depend on but the commitments: should randomness ever come twice,
  // no nonce answers for two ballots that differ anywhere.
  const crypto::Hash64 statement = crypto::Sha512(*BallotTranscriptBytes(context, ballot));
  for (size_t i = 0; i < contests.size(); ++i) {
    URNA_RETURN_IF_ERROR(Annotate(
        CommitProofs(context.election_key, statement, rng, contests[i], ballot.contests[i]),
        absl::StrCat("contest ", contained.contests[i])));
  }
  return contests;
}

Ballot SealedBallot::Cast() && {
  Ballot ballot = std::move(ballot_);
  for (size_t q = 0; q < contests_.size(); ++q) {
    SealedContest& contest = contests_[q];
    for (size_t i = 0; i < contest.provers.size(); ++i) {
      const PlannedProof& planned = contest.plan.proofs()[i];
      const crypto::DisjunctiveProof proof =
          std::move(contest.provers[i])
              .Respond(
                  crypto::Challenge(hash_, contest.plan.contest(), planned.number, planned.kind));
      AppendTo(ballot.contests[q].challenges, crypto::EncodeScalars(proof.challenges));
      AppendTo(ballot.contests[q].responses, crypto::EncodeScalars(proof.responses));
    }
  }
  if (auto* named = std::get_if<crypto::CredentialProver>(&signer_)) {
    ballot.responses = std::move(*named)
                           .Respond(crypto::Challenge(hash_, crypto::kNoIndex, crypto::kNoIndex,
                                                      crypto::ChallengeKind::kCredential))
                           .EncodeResponses();
  } else if (auto* tag = std::get_if<crypto::TagProver>(&signer_)) {
    std::get<TagAnswer>(ballot.anonymous).response =
        std::move(*tag).Respond(crypto::TagChallenge(hash_)).response.bytes();
  } else {
    std::get<RingAnswer>(ballot.anonymous).responses =
        std::move(std::get<crypto::RingProver>(signer_))
            .Respond(crypto::RingChallenge(hash_))
            .EncodeResponses();
  }
  contests_.clear();
  return ballot;
}

SealedBallot::Challenged SealedBallot::Challenge(const VotingContext& context,
                                                 const crypto::Credential& credential,
                                                 crypto::Rng& rng) && {
  URNA_CHECK(!ballot_.is_anonymous(), "a ballot that can be challenged");
  Challenged out;
  out.challenge.sequence = ballot_.sequence;
  out.challenge.credential = ballot_.credential;
  out.challenge.ballot_hash = hash_;
  // Not the sealed ballot's own nonces: these would answer two challenges.
  crypto::CredentialProver signer = crypto::CredentialProver::Commit(credential, hash_, rng);
  out.challenge.commitment = signer.commitment().bytes();
  out.challenge.responses =
      std::move(signer)
          .Respond(crypto::Challenge(BallotChallengeTranscript(context.poll_context, out.challenge),
                                     crypto::kNoIndex, crypto::kNoIndex,
                                     crypto::ChallengeKind::kCredential))
          .EncodeResponses();

  out.opening.sequence = ballot_.sequence;
  out.opening.style = ballot_.style;
  out.opening.credential = ballot_.credential;
  out.opening.commitment = ballot_.commitment;
  for (size_t q = 0; q < contests_.size(); ++q) {
    ContestOpening& opened = out.opening.contests.emplace_back();
    opened.contest = contests_[q].plan.contest();
    opened.commitments = ballot_.contests[q].commitments;
    for (const Cell& cell : contests_[q].cells) {
      opened.cells.push_back(static_cast<uint8_t>(cell.value >> 8));
      opened.cells.push_back(static_cast<uint8_t>(cell.value));
      AppendTo(opened.cells, cell.r.ExposeForOpening().bytes());
    }
  }
  contests_.clear();
  return out;
}

SealedBallot::Stored SealedBallot::ExposeForStorage() const {
  URNA_CHECK(!ballot_.is_anonymous(), "a ballot that can be stored");
  size_t size = crypto::CredentialProver::kStorageSize;
  for (const SealedContest& contest : contests_) size += StoredSize(contest.plan);
  Stored out{ballot_, SecretBytes(size)};
  Filler filler(out.secrets);
  filler.Put(std::get<crypto::CredentialProver>(signer_).ExposeForStorage().ExposeSpan());
  for (const SealedContest& contest : contests_) {
    for (const Cell& cell : contest.cells) filler.PutCell(cell.value, cell.r);
    for (const DisjunctiveProver& prover : contest.provers) {
      filler.Put(prover.ExposeForStorage().ExposeSpan());
    }
  }
  return out;
}

absl::StatusOr<SealedBallot> SealedBallot::FromStorage(const Manifest& manifest,
                                                       const VotingContext& context,
                                                       const Stored& stored,
                                                       const crypto::Credential& credential) {
  const Ballot& ballot = stored.statement;
  const Style* style = manifest.FindStyle(ballot.style);
  if (style == nullptr || style->contests.size() != ballot.contests.size()) {
    return NotTogether("its style is none of this election");
  }
  if (ballot.credential != credential.public_key().bytes()) {
    return NotTogether("it was sealed with another credential");
  }
  std::vector<SealedContest> contests;
  size_t size = crypto::CredentialProver::kStorageSize;
  for (size_t q = 0; q < style->contests.size(); ++q) {
    const Contest* contest = manifest.FindContest(style->contests[q]);
    if (contest == nullptr || ballot.contests[q].contest != contest->number) {
      return NotTogether("its contests are not those of its style");
    }
    contests.push_back({ContestPlan(*contest), {}, {}});
    size += StoredSize(contests.back().plan);
  }
  if (stored.secrets.size() != size) return NotTogether("its secrets have another length");

  ByteSpan rest = stored.secrets.ExposeSpan();
  const auto take = [&rest](size_t length) {
    const ByteSpan out = rest.first(length);
    rest = rest.subspan(length);
    return out;
  };
  URNA_ASSIGN_OR_RETURN(crypto::CredentialProver signer,
                        crypto::CredentialProver::FromStorage(
                            credential, take(crypto::CredentialProver::kStorageSize)));
  for (size_t q = 0; q < contests.size(); ++q) {
    SealedContest& contest = contests[q];
    if (ballot.contests[q].commitments.size() != contest.plan.commitment_bytes()) {
      return NotTogether("its commitments are not those of its contests");
    }
    for (size_t cell = 0; cell < contest.plan.cells(); ++cell) {
      const ByteSpan value = take(2);
      URNA_ASSIGN_OR_RETURN(SecretScalar r, SecretScalar::FromCanonicalSecretBytes(take(32)));
      contest.cells.push_back({static_cast<uint16_t>(value[0] << 8 | value[1]), std::move(r)});
    }
    for (const PlannedProof& planned : contest.plan.proofs()) {
      const size_t branches = planned.claim->branches();
      URNA_ASSIGN_OR_RETURN(
          std::vector<RistrettoPoint> commitments,
          crypto::DecodePoints(ByteSpan(ballot.contests[q].commitments)
                                   .subspan(64 * planned.first_branch, 64 * branches)));
      URNA_ASSIGN_OR_RETURN(
          DisjunctiveProver prover,
          DisjunctiveProver::FromStorage(std::move(commitments),
                                         take(DisjunctiveProver::StorageBytes(branches))));
      contest.provers.push_back(std::move(prover));
    }
  }
  if (ballot.commitment != signer.commitment().bytes()) {
    return NotTogether("its nonces are not those of its commitment");
  }
  SealedBallot out(std::move(signer));
  out.ballot_ = ballot;
  out.hash_ = BallotTranscript(context.poll_context, ballot);
  out.contests_ = std::move(contests);
  return out;
}

absl::StatusOr<Ballot> MakeBallot(const Manifest& manifest, const VotingContext& context,
                                  uint16_t style, const Selections& selections, uint64_t sequence,
                                  const crypto::Credential& credential, crypto::Rng& rng) {
  URNA_ASSIGN_OR_RETURN(
      SealedBallot sealed,
      SealedBallot::Seal(manifest, context, style, selections, sequence, credential, rng));
  return std::move(sealed).Cast();
}

absl::StatusOr<Ballot> MakeAnonymousBallot(const Manifest& manifest, const VotingContext& context,
                                           uint16_t style, const Selections& selections,
                                           uint64_t sequence, std::optional<uint32_t> ring,
                                           const crypto::Credential& credential, crypto::Rng& rng) {
  URNA_ASSIGN_OR_RETURN(SealedBallot sealed,
                        SealedBallot::SealAnonymous(manifest, context, style, selections, sequence,
                                                    ring, credential, rng));
  return std::move(sealed).Cast();
}

}  // namespace urna::election
