#include "core/election/ballot_proofs.h"

#include "absl/strings/str_cat.h"
#include "core/base/status.h"

namespace urna::election {
namespace {

using crypto::DisjunctiveProof;

std::string Place(uint16_t contest, size_t option) {
  return absl::StrCat("contest ", contest, ", option ", option + 1);
}

absl::Status CheckLength(const char* what, size_t is, size_t should) {
  if (is == should) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, " of ", is, " bytes where ", should, " belong"));
}

void Add(std::vector<Violation>& violations, Check check, absl::Status status) {
  if (!status.ok()) violations.push_back({check, std::move(status)});
}

absl::StatusOr<DisjunctiveProof> DecodeProof(const ContestLayout::ProofBytes& bytes,
                                             size_t branches) {
  return DisjunctiveProof::Decode(branches, bytes.commitments, bytes.challenges, bytes.responses);
}

class Dissector {
 public:
  Dissector(const Manifest& manifest, const VotingContext& context, const Ballot& ballot)
      : manifest_(manifest),
        ballot_(ballot),
        hash_(BallotTranscript(context.poll_context, ballot)) {}

  BallotProofs Run() {
    TakeCredential();
    if (CheckContestList()) {
      for (const ContestBallot& contest : ballot_.contests) TakeContest(contest);
    }
    return std::move(out_);
  }

 private:
  void TakeCredential() {
    auto credential = crypto::RistrettoPoint::DecodeNonIdentity(ballot_.credential);
    auto proof = crypto::CredentialProof::Decode(ballot_.commitment, ballot_.responses);
    Add(out_.violations, Check::kL3, Annotate(credential.status(), "credential"));
    Add(out_.violations, Check::kL3, Annotate(proof.status(), "proof of the credential"));
    if (!credential.ok() || !proof.ok()) return;
    out_.credential =
        CredentialStatement{*credential, *std::move(proof),
                            crypto::Challenge(hash_, crypto::kNoIndex, crypto::kNoIndex,
                                              crypto::ChallengeKind::kCredential)};
  }

  // Whether these are exactly the style's contests, so that each can be looked at by itself.
  bool CheckContestList() {
    const Style* style = manifest_.FindStyle(ballot_.style);
    if (style == nullptr) {
      return Misshapen(absl::StrCat("there is no style ", ballot_.style));
    }
    const auto& contests = ballot_.contests;
    for (size_t i = 0; i < contests.size() || i < style->contests.size(); ++i) {
      if (i >= contests.size()) {
        return Misshapen(absl::StrCat("contest ", style->contests[i], " of style ", style->number,
                                      " is missing"));
      }
      if (i >= style->contests.size() || contests[i].contest != style->contests[i]) {
        return Misshapen(absl::StrCat("contest ", contests[i].contest, " stands where ",
                                      i < style->contests.size()
                                          ? absl::StrCat("contest ", style->contests[i])
                                          : std::string("no further contest"),
                                      " of style ", style->number, " belongs"));
      }
    }
    return true;
  }

  void TakeContest(const ContestBallot& bytes) {
    const Contest* contest = manifest_.FindContest(bytes.contest);
    if (contest == nullptr) {
      Misshapen(absl::StrCat("there is no contest ", bytes.contest));
      return;
    }
    const ContestLayout layout(*contest);
    if (absl::Status status = layout.Check(bytes); !status.ok()) {
      Add(out_.violations, Check::kB1,
          Annotate(std::move(status), absl::StrCat("contest ", contest->number)));
      return;
    }
    std::vector<crypto::Ciphertext> ciphertexts;
    for (size_t option = 0; option < layout.options(); ++option) {
      const std::string where = Place(contest->number, option);
      auto ciphertext = crypto::Ciphertext::Decode(layout.Ciphertext(bytes, option));
      auto proof = DecodeProof(layout.OptionProof(bytes, option), layout.option_branches());
      Add(out_.violations, Check::kL3,
          Annotate(ciphertext.status(), absl::StrCat(where, ": ciphertext")));
      Add(out_.violations, Check::kL3,
          Annotate(proof.status(), absl::StrCat(where, ": range proof")));
      if (!ciphertext.ok()) continue;
      ciphertexts.push_back(*ciphertext);
      if (!proof.ok()) continue;
      const auto position = static_cast<uint16_t>(option);
      out_.ranges.push_back(
          {Check::kB4, contest->number, position, *ciphertext, 0, contest->option_max,
           *std::move(proof),
           crypto::Challenge(hash_, contest->number, position, crypto::ChallengeKind::kSelection)});
    }
    if (contest->HasSumProof()) TakeSum(*contest, layout, bytes, ciphertexts);
  }

  void TakeSum(const Contest& contest, const ContestLayout& layout, const ContestBallot& bytes,
               const std::vector<crypto::Ciphertext>& ciphertexts) {
    auto proof = DecodeProof(layout.SumProof(bytes), layout.sum_branches());
    Add(out_.violations, Check::kL3,
        Annotate(proof.status(), absl::StrCat("contest ", contest.number, ": sum proof")));
    if (!proof.ok() || ciphertexts.size() != layout.options()) return;
    out_.ranges.push_back({Check::kB5, contest.number, crypto::kNoIndex,
                           crypto::SumCiphertexts(ciphertexts), contest.sum_min, contest.sum_max,
                           *std::move(proof),
                           crypto::Challenge(hash_, contest.number, crypto::kNoIndex,
                                             crypto::ChallengeKind::kContestSum)});
  }

  bool Misshapen(const std::string& sentence) {
    Add(out_.violations, Check::kB1, absl::InvalidArgumentError(sentence));
    return false;
  }

  const Manifest& manifest_;
  const Ballot& ballot_;
  const crypto::Hash64 hash_;
  BallotProofs out_;
};

}  // namespace

ContestLayout::ContestLayout(const Contest& contest)
    : options_(contest.options.size()),
      option_branches_(size_t{contest.option_max} + 1),
      sum_branches_(contest.HasSumProof() ? size_t{contest.sum_max} - contest.sum_min + 1 : 0) {}

size_t ContestLayout::ciphertext_bytes() const { return options_ * crypto::Ciphertext::kSize; }
size_t ContestLayout::commitment_bytes() const {
  return 64 * (options_ * option_branches_ + sum_branches_);
}
size_t ContestLayout::challenge_bytes() const {
  return 32 * (options_ * (option_branches_ - 1) + (sum_branches_ > 0 ? sum_branches_ - 1 : 0));
}
size_t ContestLayout::response_bytes() const {
  return 32 * (options_ * option_branches_ + sum_branches_);
}

absl::Status ContestLayout::Check(const ContestBallot& ballot) const {
  URNA_RETURN_IF_ERROR(CheckLength("ciphertexts", ballot.ciphertexts.size(), ciphertext_bytes()));
  URNA_RETURN_IF_ERROR(CheckLength("commitments", ballot.commitments.size(), commitment_bytes()));
  URNA_RETURN_IF_ERROR(CheckLength("challenges", ballot.challenges.size(), challenge_bytes()));
  return CheckLength("responses", ballot.responses.size(), response_bytes());
}

ByteSpan ContestLayout::Ciphertext(const ContestBallot& ballot, size_t option) const {
  return ByteSpan(ballot.ciphertexts)
      .subspan(option * crypto::Ciphertext::kSize, crypto::Ciphertext::kSize);
}

ContestLayout::ProofBytes ContestLayout::OptionProof(const ContestBallot& ballot,
                                                     size_t option) const {
  const size_t commitments = DisjunctiveProof::CommitmentBytes(option_branches_);
  const size_t challenges = DisjunctiveProof::ChallengeBytes(option_branches_);
  const size_t responses = DisjunctiveProof::ResponseBytes(option_branches_);
  return {ByteSpan(ballot.commitments).subspan(option * commitments, commitments),
          ByteSpan(ballot.challenges).subspan(option * challenges, challenges),
          ByteSpan(ballot.responses).subspan(option * responses, responses)};
}

ContestLayout::ProofBytes ContestLayout::SumProof(const ContestBallot& ballot) const {
  const size_t branches = options_ * option_branches_;
  return {ByteSpan(ballot.commitments).subspan(64 * branches),
          ByteSpan(ballot.challenges).subspan(32 * (branches - options_)),
          ByteSpan(ballot.responses).subspan(32 * branches)};
}

std::string RangeStatement::Where() const {
  if (check == Check::kB5) return absl::StrCat("contest ", contest, ", sum");
  return Place(contest, option);
}

BallotProofs TakeApart(const Manifest& manifest, const VotingContext& context,
                       const Ballot& ballot) {
  return Dissector(manifest, context, ballot).Run();
}

Violation RangeViolation(const RangeStatement& statement, const absl::Status& why) {
  return {statement.check,
          absl::InvalidArgumentError(absl::StrCat(
              statement.Where(), ": range proof does not verify (", why.message(), ")"))};
}

Violation CredentialViolation(const absl::Status& why) {
  return {Check::kB6, absl::PermissionDeniedError(absl::StrCat(
                          "proof of the credential does not verify (", why.message(), ")"))};
}

}  // namespace urna::election
