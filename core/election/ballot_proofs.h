// A ballot taken apart: every point and scalar decoded once, every proof with its statement and its
// challenge. What is left is equations, to be checked one by one. docs/protocol.md §7; checks L3
// and B1 of §12.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/numbered_checks.h"
#include "core/crypto/credential.h"
#include "core/crypto/disjunctive_proof.h"
#include "core/crypto/elgamal.h"
#include "core/crypto/tag_proof.h"
#include "core/election/ballot.h"

namespace urna::election {

// "The ciphertext holds lo..hi": a claim of §7.1 with the ciphertext that it is about.
struct RangeStatement {
  Check check;        // B4, B5 or B9
  std::string where;  // "contest 3, option 2 'Trees'"
  crypto::Ciphertext ciphertext;
  uint64_t lo = 0, hi = 0;
  crypto::DisjunctiveProof proof;
  crypto::Scalar challenge;
};

struct CredentialStatement {
  crypto::RistrettoPoint credential;
  crypto::CredentialProof proof;
  crypto::Scalar challenge;
};

// Of an anonymous ballot that is proved by its tag alone.
struct TagStatement {
  crypto::RistrettoPoint tag_base;
  crypto::RistrettoPoint tag;
  crypto::TagProof proof;
  crypto::Scalar challenge;
};

struct BallotProofs {
  std::vector<Violation> violations;  // L3 and B1
  // Of the parts that are well formed; all of them if there are no violations.
  std::vector<RangeStatement> ranges;
  std::optional<CredentialStatement> credential;
  std::optional<TagStatement> tag;
  // False if it is anonymous and what its proofs are bound to is not known (§12, B4): they are left
  // out then.
  bool bound = true;
};

BallotProofs TakeApart(const Manifest& manifest, const VotingContext& context,
                       const Ballot& ballot);

// B1: whether these are exactly the contests of the ballot's style.
absl::Status CheckContestsOfStyle(const Manifest& manifest, const Ballot& ballot);

// The credential's part of a ballot or challenge whose transcript is `h`; L3 into `violations`.
std::optional<CredentialStatement> TakeCredential(const crypto::Hash64& h, ByteSpan credential,
                                                  ByteSpan commitment, ByteSpan responses,
                                                  std::vector<Violation>& violations);

// The tag's part of a ballot that is proved by it, likewise.
std::optional<TagStatement> TakeTag(const crypto::RistrettoPoint& tag_base, const crypto::Hash64& h,
                                    ByteSpan tag, const TagAnswer& answer,
                                    std::vector<Violation>& violations);

// L3 about the points and scalars of a ballot that is proved over a ring, its tag included.
std::vector<Violation> CheckRingAnswer(const Ballot& ballot, const RingAnswer& answer);

// B4, B5 or B9, or B6, if the statement's equations do not hold.
std::optional<Violation> VerifyVarTime(const crypto::RistrettoPoint& election_key,
                                       const RangeStatement& statement);
std::optional<Violation> VerifyVarTime(const CredentialStatement& statement);
std::optional<Violation> VerifyVarTime(const TagStatement& statement);

}  // namespace urna::election
