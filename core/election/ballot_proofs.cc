#include "core/election/ballot_proofs.h"

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/election/contest_plan.h"

namespace urna::election {
namespace {

using crypto::DisjunctiveProof;

void Add(std::vector<Violation>& violations, Check check, absl::Status status) {
  if (!status.ok()) violations.push_back({check, std::move(status)});
}

crypto::RistrettoPoint Times(int64_t coefficient, const crypto::RistrettoPoint& point) {
  if (coefficient == 1) return point;
  if (coefficient == -1) return crypto::RistrettoPoint() - point;
  const auto scalar = crypto::Scalar::FromUint64(
      static_cast<uint64_t>(coefficient < 0 ? -coefficient : coefficient));
  return crypto::MulVarTime(coefficient < 0 ? scalar.Negate() : scalar, point);
}

// The ciphertext that the claim is about (§7.1).
crypto::Ciphertext CiphertextOf(const Claim& claim,
                                const std::vector<crypto::Ciphertext>& ciphertexts) {
  crypto::Ciphertext sum;
  for (const std::vector<Term>* terms : {&claim.terms, &claim.slack}) {
    for (const Term& term : *terms) {
      const crypto::Ciphertext& cell = ciphertexts[term.cell];
      sum = sum + crypto::Ciphertext{Times(term.coefficient, cell.alpha),
                                     Times(term.coefficient, cell.beta)};
    }
  }
  return sum;
}

// The first whole element that is none; T is crypto::RistrettoPoint or crypto::Scalar.
template <typename T>
absl::Status CheckElements(ByteSpan elements) {
  for (size_t i = 0; 32 * (i + 1) <= elements.size(); ++i) {
    const auto decoded = T::Decode(elements.subspan(32 * i, 32));
    if (!decoded.ok()) return Annotate(decoded.status(), absl::StrCat("element ", i));
  }
  return absl::OkStatus();
}

class Dissector {
 public:
  Dissector(const Manifest& manifest, const VotingContext& context, const Ballot& ballot)
      : manifest_(manifest), context_(context), ballot_(ballot) {
    if (const std::optional<Bytes> bytes = BallotTranscriptBytes(context, ballot)) {
      hash_ = crypto::Sha512(*bytes);
    } else {
      out_.bound = false;
    }
  }

  BallotProofs Run() {
    if (const TagAnswer* tag = ballot_.tag_answer()) {
      const crypto::RistrettoPoint base =
          out_.bound ? context_.anonymous->tag_base : crypto::RistrettoPoint();
      out_.tag = TakeTag(base, hash_, ballot_.credential, *tag, out_.violations);
      if (!out_.bound) out_.tag.reset();
    } else if (const RingAnswer* ring = ballot_.ring_answer()) {
      out_.violations = CheckRingAnswer(ballot_, *ring);
    } else {
      out_.credential = TakeCredential(hash_, ballot_.credential, ballot_.commitment,
                                       ballot_.responses, out_.violations);
    }
    if (absl::Status status = CheckContestsOfStyle(manifest_, ballot_); !status.ok()) {
      Add(out_.violations, Check::kB1, std::move(status));
    } else {
      for (const ContestBallot& contest : ballot_.contests) TakeContest(contest);
    }
    return std::move(out_);
  }

 private:
  void TakeContest(const ContestBallot& bytes) {
    const ContestPlan plan(*manifest_.FindContest(bytes.contest));
    const std::string contest = absl::StrCat("contest ", bytes.contest);
    if (absl::Status status = plan.CheckLengths(bytes); !status.ok()) {
      Add(out_.violations, Check::kB1, Annotate(std::move(status), contest));
      return;
    }
    std::vector<crypto::Ciphertext> ciphertexts;
    for (size_t cell = 0; cell < plan.cells(); ++cell) {
      auto ciphertext =
          crypto::Ciphertext::Decode(ByteSpan(bytes.ciphertexts).subspan(64 * cell, 64));
      Add(out_.violations, Check::kL3,
          Annotate(ciphertext.status(),
                   absl::StrCat(contest, ", ", plan.CellName(cell), ": ciphertext")));
      if (ciphertext.ok()) ciphertexts.push_back(*ciphertext);
    }
    for (size_t i = 0; i < plan.proofs().size(); ++i) {
      TakeProof(bytes, plan, i, absl::StrCat(contest, ", ", plan.ProofName(i)), ciphertexts);
    }
  }

  void TakeProof(const ContestBallot& bytes, const ContestPlan& plan, size_t number,
                 const std::string& where, const std::vector<crypto::Ciphertext>& ciphertexts) {
    const PlannedProof& planned = plan.proofs()[number];
    const Claim& claim = *planned.claim;
    const size_t branches = claim.branches();
    auto proof = DisjunctiveProof::Decode(
        branches, ByteSpan(bytes.commitments).subspan(64 * planned.first_branch, 64 * branches),
        ByteSpan(bytes.challenges).subspan(32 * planned.first_challenge, 32 * (branches - 1)),
        ByteSpan(bytes.responses).subspan(32 * planned.first_branch, 32 * branches));
    Add(out_.violations, Check::kL3,
        Annotate(proof.status(), absl::StrCat(where, ": range proof")));
    if (!proof.ok() || ciphertexts.size() != plan.cells() || !out_.bound) return;
    out_.ranges.push_back({claim.check, where, CiphertextOf(claim, ciphertexts), claim.proved_lo(),
                           claim.hi, *std::move(proof),
                           crypto::Challenge(hash_, plan.contest(), planned.number, planned.kind)});
  }

  const Manifest& manifest_;
  const VotingContext& context_;
  const Ballot& ballot_;
  crypto::Hash64 hash_{};  // if it is bound
  BallotProofs out_;
};

}  // namespace

absl::Status CheckContestsOfStyle(const Manifest& manifest, const Ballot& ballot) {
  const Style* style = manifest.FindStyle(ballot.style);
  if (style == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("there is no style ", ballot.style));
  }
  const auto& contests = ballot.contests;
  for (size_t i = 0; i < contests.size() || i < style->contests.size(); ++i) {
    if (i >= contests.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("contest ", style->contests[i], " of style ", style->number, " is missing"));
    }
    if (i >= style->contests.size() || contests[i].contest != style->contests[i]) {
      return absl::InvalidArgumentError(
          absl::StrCat("contest ", contests[i].contest, " stands where ",
                       i < style->contests.size() ? absl::StrCat("contest ", style->contests[i])
                                                  : std::string("no further contest"),
                       " of style ", style->number, " belongs"));
    }
  }
  return absl::OkStatus();
}

std::optional<CredentialStatement> TakeCredential(const crypto::Hash64& h, ByteSpan credential,
                                                  ByteSpan commitment, ByteSpan responses,
                                                  std::vector<Violation>& violations) {
  auto point = crypto::RistrettoPoint::DecodeNonIdentity(credential);
  auto proof = crypto::CredentialProof::Decode(commitment, responses);
  Add(violations, Check::kL3, Annotate(point.status(), "credential"));
  Add(violations, Check::kL3, Annotate(proof.status(), "proof of the credential"));
  if (!point.ok() || !proof.ok()) return std::nullopt;
  return CredentialStatement{
      *point, *std::move(proof),
      crypto::Challenge(h, crypto::kNoIndex, crypto::kNoIndex, crypto::ChallengeKind::kCredential)};
}

std::vector<Violation> CheckRingAnswer(const Ballot& ballot, const RingAnswer& answer) {
  std::vector<Violation> out;
  const auto tag = crypto::RistrettoPoint::DecodeNonIdentity(ballot.credential);
  Add(out, Check::kL3, Annotate(tag.status(), "tag"));
  Add(out, Check::kL3,
      Annotate(CheckElements<crypto::RistrettoPoint>(answer.commitments), "ring_commitments"));
  Add(out, Check::kL3, Annotate(CheckElements<crypto::Scalar>(answer.responses), "ring_responses"));
  return out;
}

std::optional<TagStatement> TakeTag(const crypto::RistrettoPoint& tag_base, const crypto::Hash64& h,
                                    ByteSpan tag, const TagAnswer& answer,
                                    std::vector<Violation>& violations) {
  const auto point = crypto::RistrettoPoint::DecodeNonIdentity(tag);
  const auto proof = crypto::TagProof::Decode(answer.commitment, answer.response);
  Add(violations, Check::kL3, Annotate(point.status(), "tag"));
  Add(violations, Check::kL3, Annotate(proof.status(), "proof of the tag"));
  if (!point.ok() || !proof.ok()) return std::nullopt;
  return TagStatement{tag_base, *point, *proof, crypto::TagChallenge(h)};
}

BallotProofs TakeApart(const Manifest& manifest, const VotingContext& context,
                       const Ballot& ballot) {
  return Dissector(manifest, context, ballot).Run();
}

std::optional<Violation> VerifyVarTime(const crypto::RistrettoPoint& election_key,
                                       const RangeStatement& statement) {
  const absl::Status why =
      crypto::VerifyDisjunctiveProofVarTime(election_key, statement.ciphertext, statement.lo,
                                            statement.hi, statement.proof, statement.challenge);
  if (why.ok()) return std::nullopt;
  return Violation{statement.check,
                   absl::InvalidArgumentError(absl::StrCat(
                       statement.where, ": range proof does not verify (", why.message(), ")"))};
}

std::optional<Violation> VerifyVarTime(const CredentialStatement& statement) {
  const absl::Status why = crypto::VerifyCredentialProofVarTime(
      statement.credential, statement.proof, statement.challenge);
  if (why.ok()) return std::nullopt;
  return Violation{Check::kB6,
                   absl::PermissionDeniedError(absl::StrCat(
                       "proof of the credential does not verify (", why.message(), ")"))};
}

std::optional<Violation> VerifyVarTime(const TagStatement& statement) {
  const absl::Status why = crypto::VerifyTagProofVarTime(statement.tag_base, statement.tag,
                                                         statement.proof, statement.challenge);
  if (why.ok()) return std::nullopt;
  return Violation{Check::kB6, absl::PermissionDeniedError(absl::StrCat(
                                   "proof of the tag does not verify (", why.message(), ")"))};
}

}  // namespace urna::election
