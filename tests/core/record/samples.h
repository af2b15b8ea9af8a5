// One small entry of every type, and of every kind of order. Their form is right; keys, points and
// signatures are any bytes, which the codec does not decode. docs/protocol.md §13.3 shows them.
#pragma once

#include <string>
#include <vector>

#include "core/record/entry.h"

namespace urna::record {

struct Sample {
  std::string says;  // for readers of the document
  Entry entry;
};

// In the order of the types. Always the same.
std::vector<Sample> Samples();

// EncodeEntry of an entry that must be right; aborts otherwise.
Bytes MustEncode(const Entry& entry);

election::Manifest SampleElectionManifest();
petition::Manifest SamplePetitionManifest();
petition::Manifest SampleAnonymousManifest();
election::Manifest SampleAnonymousElection();
roll::RollHeader SampleRollHeader();
poll::Order SampleOrder(poll::OrderKind kind);
election::TrusteeMessage SampleMessage(EntryType type);
election::Ballot SampleBallot();
election::Ballot SampleRingBallot();
election::Ballot SampleTagBallot();

Entry SignedSample(const election::Manifest& manifest);
Entry SignedSample(const petition::Manifest& manifest);
Entry SignedSample(const roll::RollHeader& header);
Entry SignedSample(const roll::RollSeal& seal);
Entry SignedSample(const poll::Order& order);
Entry SignedSample(const election::TrusteeMessage& message);

}  // namespace urna::record
