// False statements in a ballot with the best proofs that can be made for them, and true statements
// with proofs that are about something else. The cheat chooses every value, every nonce and every
// challenge that is sent; all trustees together also know the election's secret key.
#include "core/base/check.h"
#include "core/crypto/decryption.h"
#include "tests/core/election/forged_ballot.h"
#include "tests/forgery/elections.h"

namespace urna::forgery {
namespace {

using crypto::ChallengeKind;
using crypto::Hash64;
using crypto::MulBaseVarTime;
using crypto::MulVarTime;
using crypto::RistrettoPoint;
using crypto::Scalar;
using testing::ForgedBallot;

using Plan = std::function<void(ForgedBallot&)>;

// A ballot of style 2 by the plan, the voter in the south's.
std::function<void(Case&)> South(const Plan& change) {
  return [change](Case& out) {
    WithEntry(out, [&](ElectionFixture& e) {
      ForgedBallot plan;
      plan.credential = &e.roll().credentials[kSouth];
      plan.sequence = 60;
      plan.values = {{0, 1}};
      change(plan);
      return testing::Forge(e, plan);
    });
  };
}

// A ballot of style 1 of the rich election: contest 2 has a wide limit, contest 3 a blank.
std::function<void(Case&)> North(const Plan& change) {
  return [change](Case& out) {
    WithEntry(
        out,
        [&](ElectionFixture& e) {
          ForgedBallot plan;
          plan.credential = &e.roll().credentials[0];
          plan.sequence = 60;
          plan.style = 1;
          plan.values = {{0, 1}, {1, 1, 0}, {0, 1, 0}};
          change(plan);
          return testing::Forge(e, plan);
        },
        RichElection());
  };
}

// Positions of linear proofs behind those of the cells: contest 2 has 3 options and 4 slack bits.
constexpr size_t kCouncilSum = 7, kCouncilLimit = 8;
constexpr size_t kBudgetSum = 3;

// --- A range proof of cell 0 of a ballot of style 2, replaced by another.

struct CellProof {
  RistrettoPoint a[2], b[2];
  Scalar c0, z[2];
};

// The pieces of a cheat's own proof: cell 0 holds `value` with randomness r.
class CellForger {
 public:
  CellForger(ElectionFixture& election, const crypto::Credential& credential, uint64_t value)
      : election_(election),
        key_(election.state().voting()->election_key),
        r_(Random()),
        alpha_(MulBaseVarTime(r_)),
        beta_(MulBaseVarTime(Scalar::FromUint64(value)) + MulVarTime(r_, key_)) {
    plan_.credential = &credential;
    plan_.sequence = 60;
    plan_.values = {{static_cast<int64_t>(value), 0}};
    plan_.claims = {{{0, 0}, 1}};
    plan_.randomness = {r_, Random()};
  }

  Scalar Random() const { return Scalar::FromUniform(election_.rng().Array<64>()); }
  // Branch i as if its challenge were c: true of any statement.
  void Simulate(CellProof& proof, size_t i, const Scalar& c) const {
    proof.z[i] = Random();
    proof.a[i] = MulBaseVarTime(proof.z[i]) - MulVarTime(c, alpha_);
    const RistrettoPoint shifted = i == 0 ? beta_ : beta_ - RistrettoPoint::Base();
    proof.b[i] = MulVarTime(proof.z[i], key_) - MulVarTime(c, shifted);
  }
  // The ballot with this proof in place of cell 0's. `finish` answers when h is known.
  election::Ballot Ballot(CellProof proof,
                          const std::function<void(const Scalar& c, CellProof&)>& finish) {
    plan_.before_hashing = [&](election::Ballot& ballot) {
      Bytes& commitments = ballot.contests[0].commitments;
      for (size_t i = 0; i < 2; ++i) {
        Put(commitments, 64 * i, proof.a[i].bytes());
        Put(commitments, 64 * i + 32, proof.b[i].bytes());
      }
    };
    election::Ballot ballot = testing::Forge(election_, plan_);
    const Hash64 h = election::BallotTranscript(election_.state().voting()->poll_context, ballot);
    finish(crypto::Challenge(h, 1, 0, ChallengeKind::kCellRange), proof);
    Put(ballot.contests[0].challenges, 0, proof.c0.bytes());
    for (size_t i = 0; i < 2; ++i) Put(ballot.contests[0].responses, 32 * i, proof.z[i].bytes());
    return ballot;
  }

  const Scalar& r() const { return r_; }
  const RistrettoPoint& key() const { return key_; }

 private:
  static void Put(Bytes& out, size_t at, const std::array<uint8_t, 32>& bytes) {
    std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<ptrdiff_t>(at));
  }

  ElectionFixture& election_;
  RistrettoPoint key_;
  Scalar r_;
  RistrettoPoint alpha_, beta_;
  ForgedBallot plan_;
};

// Two votes for one option, where any of both may have one; nothing else is false.
std::function<void(Case&)> TwoVotes(
    const std::function<election::Ballot(ElectionFixture&, CellForger&)>& forge) {
  return [forge](Case& out) {
    ElectionOptions options;
    options.manifest = [](election::Manifest& m) {
      m.contests[0].rule = election::Rule::kKOfN;
      m.contests[0].sum_max = 2;
    };
    WithEntry(
        out,
        [&](ElectionFixture& e) {
          CellForger forger(e, e.roll().credentials[kSouth], 2);
          return forge(e, forger);
        },
        std::move(options));
  };
}

// The challenges of both branches were chosen beforehand and don't add up to the hash.
election::Ballot ChallengesThatDoNotAddUp(ElectionFixture&, CellForger& forger) {
  CellProof proof;
  proof.c0 = forger.Random();
  forger.Simulate(proof, 0, proof.c0);
  forger.Simulate(proof, 1, forger.Random());
  return forger.Ballot(proof, [](const Scalar&, CellProof&) {});
}

// The challenge of a hash that leaves the commitments out is known before they are made.
election::Ballot ChallengeOverFewerFields(ElectionFixture& e, CellForger& forger) {
  const Hash64 h = crypto::Transcript("ballot")
                       .Field("context", e.state().voting()->poll_context)
                       .FieldU64("sequence", 60)
                       .Hash();
  CellProof proof;
  proof.c0 = forger.Random();
  forger.Simulate(proof, 0, proof.c0);
  forger.Simulate(proof, 1, crypto::Challenge(h, 1, 0, ChallengeKind::kCellRange) - proof.c0);
  return forger.Ballot(proof, [](const Scalar&, CellProof&) {});
}

// All trustees know y = log Y, so they can make the second equation of a branch hold after h is
// known, z·Y = B + c·(β − G) with z = (log B + c·log(β − G))/y. The first, z·G = A + c·α, then
// wants another c.
election::Ballot AllTrusteesProveAFalseCell(ElectionFixture& e, CellForger& forger) {
  const std::vector<uint16_t> trustees = {1, 2};
  const std::vector<Scalar> lambda = crypto::LagrangeAtZero(trustees).value();
  Scalar y;
  for (size_t i = 0; i < 2; ++i) {
    y = y + lambda[i] * e.KeyShare(trustees[i]).ExposeForOpening();
  }
  URNA_CHECK(MulBaseVarTime(y) == forger.key(), "together they know the key");
  CellProof proof;
  proof.c0 = forger.Random();
  forger.Simulate(proof, 0, proof.c0);
  const Scalar log_b = forger.Random();
  proof.a[1] = MulBaseVarTime(forger.Random());
  proof.b[1] = MulBaseVarTime(log_b);
  const Scalar log_shifted = Scalar::One() + forger.r() * y;  // of β − G, two votes less one
  return forger.Ballot(proof, [&](const Scalar& c, CellProof& p) {
    p.z[1] = (log_b + (c - p.c0) * log_shifted) * y.InvertVarTime().value();
  });
}

}  // namespace

std::vector<Forgery> ProofForgeries() {
  // The challenge of one proof drawn as if it were another's.
  const auto moved = [](ChallengeKind kind, uint16_t number, ChallengeKind as, int contest,
                        int to) -> Plan {
    return [=](ForgedBallot& plan) {
      plan.challenge = [=](const Hash64& h, uint16_t q, uint16_t j, ChallengeKind which) {
        if (which != kind || j != number) return crypto::Challenge(h, q, j, which);
        return crypto::Challenge(h, static_cast<uint16_t>(q + contest),
                                 static_cast<uint16_t>(j + to), as);
      };
    };
  };
  constexpr auto kRange = ChallengeKind::kCellRange;
  constexpr auto kLinear = ChallengeKind::kLinearClaim;
  return {
      {{Check::kB4},
       "FalseAnswer",
       Cheat::kVoter,
       [](Case& out) {
         WithEntry(out, [](ElectionFixture& e) {
           election::Ballot ballot = e.Ballot(kSouth, {{0, 1}});
           ballot.contests[0].responses[0] ^= 1;
           return ballot;
         });
       }},
      {{Check::kB4},
       "OverVoteWithCompensatingNegative",
       Cheat::kVoter,
       South([](ForgedBallot& plan) {
         plan.values = {{2, -1}};
         plan.claims = {{{0, 0}, 1}, {{0, 1}, 0}};
       })},
      {{Check::kB4}, "ChallengesThatDoNotAddUp", Cheat::kVoter, TwoVotes(ChallengesThatDoNotAddUp)},
      {{Check::kB4}, "ChallengeOverFewerFields", Cheat::kVoter, TwoVotes(ChallengeOverFewerFields)},
      {{Check::kB4}, "ProofOfAnotherOption", Cheat::kVoter, South(moved(kRange, 1, kRange, 0, -1))},
      {{Check::kB4}, "ProofOfAnotherContest", Cheat::kVoter, South(moved(kRange, 1, kRange, 1, 0))},
      {{Check::kB4},
       "FalseCellProvedWithTheSecretKey",
       Cheat::kAllTrustees,
       TwoVotes(AllTrusteesProveAFalseCell)},
      {{Check::kB4}, "NegativeSlackBit", Cheat::kVoter, North([](ForgedBallot& plan) {
         plan.values[1] = {1, 1, 1, -1, 0, 0, 0};  // 2 + 3 + 4 − 1 = 8
         plan.claims = {{{1, 3}, 0}};
       })},
      {{Check::kB4}, "ProjectUnchosenToPayForAnother", Cheat::kVoter, North([](ForgedBallot& plan) {
         plan.values[1] = {-1, 2, 1, 0, 0, 0, 0};  // −2 + 6 + 4 = 8, and two options
         plan.claims = {{{1, 0}, 0}, {{1, 1}, 1}};
       })},
      {{Check::kB5}, "OverVote", Cheat::kVoter, South([](ForgedBallot& plan) {
         plan.values = {{1, 1}};
         plan.claims = {{{0, 2}, 1}};
       })},
      {{Check::kB5}, "UnderVote", Cheat::kVoter, North([](ForgedBallot& plan) {
         plan.values[1] = {0, 0, 0};  // contest 2 wants one at least
         plan.claims = {{{1, kCouncilSum}, 1}};
       })},
      {{Check::kB5}, "BlankAndAVote", Cheat::kVoter, North([](ForgedBallot& plan) {
         plan.values[2] = {1, 0, 1};
         plan.claims = {{{2, kBudgetSum}, 4}};
       })},
      {{Check::kB5},
       "ProofOfAnotherContestsSum",
       Cheat::kVoter,
       South(moved(kLinear, 0, kLinear, 1, 0))},
      {{Check::kB6},
       "ProofOfAnEnrolment",
       Cheat::kVoter,
       South(moved(ChallengeKind::kCredential, crypto::kNoIndex, ChallengeKind::kEnrolment, 0, 0))},
      {{Check::kB9}, "BudgetOverspent", Cheat::kVoter, North([](ForgedBallot& plan) {
         plan.values[1] = {1, 1, 1, 0, 0, 0, 0};  // 9 of 8
         plan.claims = {{{1, kCouncilLimit}, 8}};
       })},
      {{Check::kB9}, "ProofOfAnotherClaim", Cheat::kVoter, North([](ForgedBallot& plan) {
         plan.challenge = [](const Hash64& h, uint16_t q, uint16_t j, ChallengeKind which) {
           const bool limit = which == ChallengeKind::kLinearClaim && q == 2 && j == 1;
           return crypto::Challenge(h, q, limit ? 0 : j, which);
         };
       })},
  };
}

}  // namespace urna::forgery
