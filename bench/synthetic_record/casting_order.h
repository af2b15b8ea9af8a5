// Who casts which ballot of a synthetic election, and which ballots count. Pure numbers.
#pragma once

#include <cstdint>

namespace urna::bench {

// The voters cast in the order of their numbers, and some of them once more, in between: long
// enough after their first ballots that the two lie far apart in the log. Immutable.
class CastingOrder {
 public:
  // At most 10^8 ballots; of each hundred voters `revote_percent`, at most 50, cast a second one.
  CastingOrder(uint64_t ballots, uint32_t revote_percent)
      : ballots_(ballots),
        revotes_(ballots * revote_percent / (100 + revote_percent)),
        voters_(ballots - revotes_) {}

  uint64_t ballots() const { return ballots_; }
  uint64_t voters() const { return voters_; }

  struct Cast {
    uint64_t voter;     // from 0
    uint64_t sequence;  // 1, or 2 of a second ballot
    bool counts;        // whether it is the voter's last
  };
  // Ballot `number`, from 0.
  Cast At(uint64_t number) const {
    const uint64_t before = RevotesBefore(number);
    if (RevotesBefore(number + 1) > before) return {Again(before), 2, true};
    const uint64_t voter = number - before;
    return {voter, 1, !VotesAgain(voter)};
  }

 private:
  // Evenly spread.
  uint64_t RevotesBefore(uint64_t number) const { return number * revotes_ / ballots_; }
  // Who casts the revote with this number, from 0: the voters of the first half in turn. So many
  // voters per revote have cast before it that twice as many would do.
  uint64_t Again(uint64_t revote) const { return revote * voters_ / (2 * revotes_); }
  bool VotesAgain(uint64_t voter) const {
    if (revotes_ == 0) return false;
    const uint64_t revote = (voter * 2 * revotes_ + voters_ - 1) / voters_;
    return revote < revotes_ && Again(revote) == voter;
  }

  uint64_t ballots_;
  uint64_t revotes_;
  uint64_t voters_;
};

}  // namespace urna::bench
