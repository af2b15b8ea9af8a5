// A whole election in one process: people, roll, key ceremony, ballots, count and result, as
// entries of a log beside the state that the rules give. Every step can be made honestly, spoilt
// before it is signed, or left out; an entry is logged whatever is wrong with it, so that forged
// records come from here too. Values that cannot be encoded abort the test.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/crypto/key_ceremony.h"
#include "core/crypto/rng.h"
#include "core/election/sealed_ballot.h"
#include "core/election/state.h"
#include "core/record/entry.h"
#include "tests/support/poll_fixture.h"

namespace urna::testing {

// Everything has a default, which makes an election without fault. The functions get what is about
// to be signed or logged and may change it.
struct ElectionOptions {
  uint64_t seed = 1;
  size_t officers = 3;
  uint16_t officer_quorum = 2;
  size_t trustees = 3;
  uint16_t threshold = 2;
  // Members 0, 2, 4 in district 1, others in 2; all of weight 1.
  RollOptions roll{"board.example/roll", 5, {1, 2}, {1}};
  std::function<TestRoll(const TestPeople&, crypto::Rng&)> make_roll;  // instead of `roll`
  bool anonymous = false;  // rings of 64 of two or more members of category 1
  std::function<void(election::Manifest&)> manifest;
  std::function<void(poll::Order&)> order;                 // before the officers sign
  std::function<void(election::TrusteeMessage&)> message;  // before the trustee signs
  std::function<void(election::Ballot&)> ballot;           // when it is made
  std::function<void(election::BallotChallenge&)> challenge;
  std::function<void(election::BallotOpening&)> opening;
  std::function<void(record::Entry&)> entry;  // last of all: signatures too
};

// Two districts: 1 has style 1 with contests 1, 2, 3, and 2 has style 2 with contest 1.
//   contest 1: one of 2 options, or none;  contest 2: 1 or 2 of 3 options;
//   contest 3: 2 options with 0..2 points each, which needs no sum proof.
election::Manifest MakeElectionManifest(const TestPeople& people, const ElectionOptions& options,
                                        crypto::Rng& rng);

class ElectionFixture {
 public:
  // With the manifest in the log.
  explicit ElectionFixture(ElectionOptions options = {});

  // --- The log.

  // What the rules say about this entry if it came next; proofs of ballots and challenges too.
  std::vector<Violation> Check(const record::Entry& entry) const;
  // Logs it with whatever is wrong, and returns what is wrong.
  std::vector<Violation> Append(record::Entry entry);

  const std::vector<record::Entry>& entries() const { return entries_; }
  const std::vector<Bytes>& encoded() const { return encoded_; }
  const election::ElectionState& state() const { return *state_; }
  // Of all entries so far.
  const std::vector<Violation>& violations() const { return violations_; }

  const TestPeople& people() const { return people_; }
  const TestRoll& roll() const { return roll_; }
  const election::Manifest& manifest() const { return state_->manifest(); }
  crypto::Rng& rng() { return rng_; }
  // May be changed between the steps.
  ElectionOptions& options() { return options_; }

  // --- Values as honest people make them, for the log as it is. Trustees are numbered from 1,
  // voters (members of the roll) from 0.

  poll::SignedOrder Order(decltype(poll::Order::act) act, absl::string_view reason = "");
  poll::SignedOrder SignOrder(const poll::Order& order) const;
  election::SignedTrusteeMessage Sign(election::TrusteeMessage message) const;

  election::KeyCommitment Commitment(uint16_t trustee);
  election::KeyCoefficients Coefficients(uint16_t trustee);
  election::KeyShares Shares(uint16_t trustee);
  election::KeyAcknowledgement Acknowledgement(uint16_t trustee);
  election::Drill Drill(uint16_t trustee, uint32_t number);
  election::CountAcknowledgement CountAcknowledgement(uint16_t trustee) const;
  election::DecryptionShare DecryptionShare(uint16_t trustee, uint16_t part);

  static constexpr crypto::Hash32 kBeacon{0xbe, 0xac, 0x01};
  poll::OpenElection Opening() const;
  poll::OpenAnonymousElection AnonymousOpening() const;
  poll::Sum Sum() const;
  poll::ElectionResult Result() const;

  // Sequence 0 means one above the voter's last. Counted cells that are not given are 0. In an
  // anonymous election it is proved over the voter's ring if there is no ballot of its tag yet, and
  // else by the tag.
  election::Ballot Ballot(size_t voter, const election::Selections& selections,
                          uint64_t sequence = 0);
  // The same, proved as it is said: over a ring, or (nothing) by the tag.
  election::Ballot AnonymousBallot(size_t voter, const election::Selections& selections,
                                   uint64_t sequence, std::optional<uint32_t> ring);
  uint16_t StyleOf(size_t voter) const;
  const roll::Rings& rings() const { return *state_->voting()->anonymous->rings; }
  uint32_t RingOf(size_t voter) const { return rings().Find(Credential(voter)).value(); }
  std::array<uint8_t, 32> TagOf(size_t voter) const;
  election::SealedBallot Seal(size_t voter, const election::Selections& selections,
                              uint64_t sequence = 0);
  const std::array<uint8_t, 32>& Credential(size_t voter) const {
    return roll_.members.at(voter).credential;
  }
  std::vector<std::array<uint8_t, 32>> Credentials(const std::vector<size_t>& voters) const;

  crypto::Dealer& dealer(uint16_t trustee);         // of the current attempt
  crypto::SecretScalar KeyShare(uint16_t trustee);  // x_j

  // The sums of the parts of the counted set, from the ballots in the log.
  election::PartSums Sums() const;

  // --- Steps; each logs what belongs to it.

  void LogCommitments();
  void LogCoefficients();
  void LogShares();
  void LogAcknowledgements();
  void LogDrills(uint32_t number);
  void RunCeremony();  // the five above
  void NewAttempt();
  void Open();
  std::vector<Violation> Cast(size_t voter, const election::Selections& selections,
                              uint64_t sequence = 0);
  // Seals a ballot and challenges it. The opening, with the challenge's index in the log, is
  // returned and not logged; the challenge may be wrong by then (violations()).
  election::BallotOpening Challenge(size_t voter, const election::Selections& selections,
                                    uint64_t sequence = 0);
  std::vector<Violation> LogOpening(election::BallotOpening opening);
  std::vector<Violation> Revoke(const std::vector<size_t>& voters);
  std::vector<Violation> Restore(const std::vector<size_t>& voters);
  // Five ballots of voters 0 (who votes twice), 1, 2 and 3; voter 4 stays at home. The totals are
  // those of UsualTotals.
  void CastUsualBallots();
  static std::vector<poll::PartTotals> UsualTotals();
  void Close();
  void LogSum();
  void LogCountAcknowledgements();
  void LogDecryptionShares(uint16_t trustee);
  void LogResult();
  // All steps to the phase, with the usual ballots and the decryption shares of trustees 1 to t.
  void RunTo(election::Phase phase);

 private:
  std::vector<Violation> CheckAt(const record::Entry& entry, const election::PartSums* sums) const;
  std::vector<Violation> VerifyBallot(const election::Ballot& ballot) const;
  election::Selections WholeSelections(size_t voter, const election::Selections& selections) const;

  ElectionOptions options_;
  crypto::SeededRng rng_;
  TestPeople people_;
  TestRoll roll_;
  std::vector<record::Entry> entries_;
  std::vector<Bytes> encoded_;
  std::vector<Violation> violations_;
  std::unique_ptr<election::ElectionState> state_;
  uint16_t dealers_attempt_ = 0;
  std::vector<crypto::Dealer> dealers_;
  std::vector<uint64_t> sequences_;  // of the voters
};

}  // namespace urna::testing
