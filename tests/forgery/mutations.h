// Records that were right until chance changed something in them, under a checkpoint that the log's
// key signs anew: an operator who tries everything. Officers and trustees go along with some of it
// and sign what chance made of their orders and messages.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/crypto/rng.h"
#include "tests/forgery/forgery.h"

namespace urna::forgery {

// An honest record in memory, with everybody's keys.
class Source {
 public:
  virtual ~Source() = default;
  virtual const testing::TestPeople& people() const = 0;
  virtual const std::vector<Bytes>& entries() const = 0;
  virtual const testing::TestRoll& roll() const = 0;
  virtual uint16_t threshold() const = 0;
  // What the auditor's policy has beside the keys.
  virtual std::string policy_lines() const { return ""; }
};
// An election with everything, one with lists, an anonymous one, a petition, and an anonymous one.
std::vector<std::unique_ptr<Source>> HonestSources();

struct Mutation {
  std::string description;  // "entry 7: bit 3 of byte 120"
  // Whether it cannot be right any more. Where entries change places, or their signers sign again,
  // it may; then both verifiers must only agree.
  bool must_fail = true;
  std::vector<Bytes> entries;
};

// One change, by chance.
Mutation Mutate(const Source& source, crypto::Rng& rng);
void WriteMutation(Case& out, const Source& source, const Mutation& mutation);

}  // namespace urna::forgery
