// The same value in another encoding, and bytes that say nothing: all of it is refused, or two
// people could read one record in two ways.
#include <algorithm>

#include "tests/core/election/forged_ballot.h"
#include "tests/forgery/elections.h"

namespace urna::forgery {
namespace {

// A finished election with one more entry before the last, whose bytes are none.
void WithBytes(Case& out, const std::function<Bytes(ElectionFixture&)>& make) {
  ElectionFixture election;
  election.RunTo(Phase::kVoting);
  std::vector<Bytes> entries = election.encoded();
  entries.push_back(make(election));
  out.stage = Stage::kVoting;
  out.Write(election.people(), 2, entries, election.roll(), true);
}

Bytes SouthBallot(ElectionFixture& election) {
  return record::EncodeEntry(election.Ballot(kSouth, {{0, 1}})).value();
}

// Adds a number, little-endian, to 32 bytes.
void AddTo(std::span<uint8_t> number, const std::vector<uint8_t>& addend) {
  unsigned carry = 0;
  for (size_t i = 0; i < number.size(); ++i) {
    carry += number[i] + (i < addend.size() ? addend[i] : 0u);
    number[i] = static_cast<uint8_t>(carry);
    carry >>= 8;
  }
}

// ℓ, little-endian.
std::vector<uint8_t> GroupOrder() {
  std::vector<uint8_t> out = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                              0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14};
  out.resize(32);
  out[31] = 0x10;
  return out;
}

// A ballot that is changed before its challenges are drawn.
std::function<void(Case&)> Before(const std::function<void(election::Ballot&)>& change) {
  return [change](Case& out) {
    WithEntry(out, [&](ElectionFixture& e) {
      testing::ForgedBallot plan;
      plan.credential = &e.roll().credentials[kSouth];
      plan.sequence = 60;
      plan.before_hashing = change;
      return testing::Forge(e, plan);
    });
  };
}

void SignaturesInAnotherOrder(Case& out) {
  WithBytes(out, [](ElectionFixture& e) {
    Bytes bytes = record::EncodeEntry(e.Order(poll::Close{})).value();
    // Two signatures of 2 + 64 bytes stand last.
    const auto end = bytes.end();
    std::swap_ranges(end - 132, end - 66, end - 66);
    return bytes;
  });
}

}  // namespace

std::vector<Forgery> EncodingForgeries() {
  return {
      {{Check::kL3},
       "EntryThatIsNone",
       Cheat::kOperator,
       [](Case& out) { WithBytes(out, [](ElectionFixture&) {
                         return Bytes{0xff, 1};
                       }); }},
      {{Check::kL3},
       "EntryOfOneByte",
       Cheat::kOperator,
       [](Case& out) { WithBytes(out, [](ElectionFixture&) { return Bytes{0x40}; }); }},
      {{Check::kL3},
       "EntryOfAnotherVersion",
       Cheat::kOperator,
       [](Case& out) {
         WithBytes(out, [](ElectionFixture& e) {
           Bytes bytes = SouthBallot(e);
           bytes[1] = 2;
           return bytes;
         });
       }},
      {{Check::kL3},
       "UnknownFieldBehindTheLast",
       Cheat::kOperator,
       [](Case& out) {
         WithBytes(out, [](ElectionFixture& e) {
           Bytes bytes = SouthBallot(e);
           bytes.push_back(0);
           return bytes;
         });
       }},
      {{Check::kL3},
       "LastByteMissing",
       Cheat::kOperator,
       [](Case& out) {
         WithBytes(out, [](ElectionFixture& e) {
           Bytes bytes = SouthBallot(e);
           bytes.pop_back();
           return bytes;
         });
       }},
      {{Check::kL3},
       "ScalarPlusTheGroupOrder",
       Cheat::kVoter,
       [](Case& out) {
         WithBytes(out, [](ElectionFixture& e) {
           Bytes bytes = SouthBallot(e);
           AddTo(std::span(bytes).last(32), GroupOrder());
           return bytes;
         });
       }},
      {{Check::kL3},
       "PointWithItsTopBitSet",
       Cheat::kVoter,
       // Every proof is made for the bytes as they stand.
       Before([](election::Ballot& ballot) { ballot.commitment[31] |= 0x80; })},
      {{Check::kL3},
       "NegativePoint",
       Cheat::kVoter,
       // p − s, the other root of the same point: odd where s is even.
       Before([](election::Ballot& ballot) {
         for (uint8_t& byte : ballot.commitment) byte = static_cast<uint8_t>(~byte);
         std::vector<uint8_t> p_plus_one(32, 0xff);
         p_plus_one[0] = 0xee;
         p_plus_one[31] = 0x7f;
         AddTo(ballot.commitment, p_plus_one);
       })},
      {{Check::kL3}, "SignaturesInAnotherOrder", Cheat::kOfficers, SignaturesInAnotherOrder},
      {{Check::kL3},
       "IdentityAsTheFirstHalfOfACiphertext",
       Cheat::kVoter,
       // It would hide nothing.
       Before([](election::Ballot& ballot) {
         std::fill_n(ballot.contests[0].ciphertexts.begin(), 32, uint8_t{0});
       })},
  };
}

}  // namespace urna::forgery
