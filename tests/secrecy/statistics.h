// What an onlooker can count in the public bytes of ballots, and whether it tells two kinds of
// ballots apart. Every statistic is a bit or a number of each ballot; two classes are compared by
// their means.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace urna::testing {

// A ballot as its entry and the fields of 32 bytes in it (points and scalars), in order.
struct PublicBallot {
  Bytes entry;
  std::vector<Bytes> fields;
};

// A statistic whose means in the two classes are further apart than chance allows.
struct Distinguisher {
  std::string statistic;  // "bit 7 of byte 120"
  double sigmas = 0;      // how many standard errors apart
};

// Compares: length; every bit of every byte; ones in every field; order of every two fields;
// equality of any two fields; sameness of the low bits of every two fields; byte values 0 and 255.
// All ballots must have the same number of fields. `sigmas`: what is more than this apart is
// reported. With 6 and a million statistics an honest comparison reports something once in 500
// runs; runs are seeded, so a test that passes goes on passing.
std::vector<Distinguisher> Distinguishers(const std::vector<PublicBallot>& a,
                                          const std::vector<PublicBallot>& b, double sigmas);

// How many statistics a comparison of such ballots looks at.
size_t StatisticsOf(const PublicBallot& ballot);

}  // namespace urna::testing
