#include "core/record/entry.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "absl/strings/match.h"
#include "tests/core/record/samples.h"

namespace urna::record {
namespace {

std::string NameOf(const Bytes& bytes) { return ToHex(ByteSpan(bytes).first(2)); }

TEST(EntryTest, EveryTypeAndEveryKindOfOrderHasASample) {
  std::set<EntryType> types;
  std::set<poll::OrderKind> kinds;
  for (const Sample& sample : Samples()) {
    types.insert(TypeOf(sample.entry));
    if (const auto* order = std::get_if<poll::SignedOrder>(&sample.entry)) {
      kinds.insert(order->order.kind());
    }
  }
  EXPECT_EQ(types.size(), kAllEntryTypes.size());
  EXPECT_EQ(kinds.size(), std::variant_size_v<decltype(poll::Order::act)>);
}

TEST(EntryTest, DecodesWhatItEncodes) {
  for (const Sample& sample : Samples()) {
    const Bytes bytes = MustEncode(sample.entry);
    const absl::StatusOr<Entry> entry = DecodeEntry(bytes);
    ASSERT_TRUE(entry.ok()) << sample.says << ": " << entry.status();
    EXPECT_EQ(entry->index(), sample.entry.index());
    EXPECT_EQ(EntryName(*entry), EntryName(sample.entry));
    EXPECT_EQ(static_cast<uint8_t>(TypeOf(*entry)), bytes[0]);
    EXPECT_EQ(MustEncode(*entry), bytes) << sample.says;
  }
}

TEST(EntryTest, GivesBackEveryFieldOfAnElectionManifest) {
  const Entry entry = *DecodeEntry(MustEncode(SignedSample(SampleElectionManifest())));
  const election::Manifest& got = std::get<election::SignedManifest>(entry).manifest;
  const election::Manifest want = SampleElectionManifest();
  EXPECT_EQ(got.origin, want.origin);
  EXPECT_EQ(got.log_key, want.log_key);
  EXPECT_EQ(got.nonce, want.nonce);
  EXPECT_EQ(got.title, want.title);
  EXPECT_EQ(got.schedule, want.schedule);
  EXPECT_EQ(got.registrar, want.registrar);
  EXPECT_EQ(got.officers, want.officers);
  EXPECT_EQ(got.officer_quorum, want.officer_quorum);
  EXPECT_EQ(got.trustees, want.trustees);
  EXPECT_EQ(got.trustee_threshold, want.trustee_threshold);
  EXPECT_EQ(got.minimum_ballots, want.minimum_ballots);
  ASSERT_EQ(got.districts.size(), 1u);
  EXPECT_EQ(got.districts[0].name, want.districts[0].name);
  EXPECT_EQ(got.districts[0].style, 1);
  ASSERT_EQ(got.styles.size(), 1u);
  EXPECT_EQ(got.styles[0].contests, want.styles[0].contests);
  ASSERT_EQ(got.contests.size(), 1u);
  EXPECT_EQ(got.contests[0].title, want.contests[0].title);
  EXPECT_EQ(got.contests[0].rule, want.contests[0].rule);
  EXPECT_EQ(got.contests[0].option_max, 1);
  EXPECT_EQ(got.contests[0].sum_min, 0u);
  EXPECT_EQ(got.contests[0].sum_max, 1u);
  ASSERT_EQ(got.contests[0].options.size(), 2u);
  EXPECT_EQ(got.contests[0].options[1].id, "bo");
  EXPECT_EQ(got.contests[0].options[1].name, want.contests[0].options[1].name);
}

TEST(EntryTest, GivesBackEveryFieldOfABallot) {
  const Entry entry = *DecodeEntry(MustEncode(SampleBallot()));
  const election::Ballot& got = std::get<election::Ballot>(entry);
  const election::Ballot want = SampleBallot();
  EXPECT_EQ(got.sequence, want.sequence);
  EXPECT_EQ(got.style, want.style);
  EXPECT_EQ(got.credential, want.credential);
  ASSERT_EQ(got.contests.size(), 1u);
  EXPECT_EQ(got.contests[0].contest, want.contests[0].contest);
  EXPECT_EQ(got.contests[0].ciphertexts, want.contests[0].ciphertexts);
  EXPECT_EQ(got.contests[0].commitments, want.contests[0].commitments);
  EXPECT_EQ(got.contests[0].challenges, want.contests[0].challenges);
  EXPECT_EQ(got.contests[0].responses, want.contests[0].responses);
  EXPECT_EQ(got.commitment, want.commitment);
  EXPECT_EQ(got.responses, want.responses);
}

TEST(EntryTest, GivesBackTheActOfEveryOrder) {
  for (int kind = 1; kind <= 10; ++kind) {
    const poll::Order want = SampleOrder(static_cast<poll::OrderKind>(kind));
    const poll::Order got = *DecodeOrder(*EncodeBody(want));
    EXPECT_EQ(got.kind(), want.kind());
    EXPECT_EQ(got.number, want.number);
    EXPECT_EQ(got.previous, want.previous);
    EXPECT_EQ(got.time, want.time);
    EXPECT_EQ(got.reason, want.reason);
  }
  const poll::Order order = *DecodeOrder(*EncodeBody(SampleOrder(poll::OrderKind::kSum)));
  const poll::Sum want = std::get<poll::Sum>(SampleOrder(poll::OrderKind::kSum).act);
  const poll::Sum& got = std::get<poll::Sum>(order.act);
  EXPECT_EQ(got.tree_size, want.tree_size);
  EXPECT_EQ(got.counted, want.counted);
  EXPECT_EQ(got.counted_hash, want.counted_hash);
  EXPECT_EQ(got.parts, want.parts);
  EXPECT_EQ(got.sums_hash, want.sums_hash);
}

TEST(EntryTest, GivesBackEveryFieldOfAnOpeningWithRings) {
  const poll::Order sample = SampleOrder(poll::OrderKind::kOpenAnonymousPetition);
  const poll::Order order = *DecodeOrder(*EncodeBody(sample));
  const auto& want = std::get<poll::OpenAnonymousPetition>(sample.act);
  const auto& got = std::get<poll::OpenAnonymousPetition>(order.act);
  EXPECT_EQ(got.text_hash, want.text_hash);
  EXPECT_EQ(got.roll, want.roll);
  EXPECT_EQ(got.epoch, 1u);
  EXPECT_EQ(got.beacon, want.beacon);
  EXPECT_EQ(got.rings, 3u);
  EXPECT_EQ(got.rings_hash, want.rings_hash);
  EXPECT_EQ(poll::PetitionOpening(order), &got);
}

TEST(EntryTest, GivesBackEveryFieldOfARollEpoch) {
  const poll::Order sample = SampleOrder(poll::OrderKind::kRollEpoch);
  const poll::Order order = *DecodeOrder(*EncodeBody(sample));
  EXPECT_EQ(order.kind(), poll::OrderKind::kRollEpoch);
  EXPECT_EQ(std::get<poll::RollEpoch>(order.act), std::get<poll::RollEpoch>(sample.act));
}

TEST(EntryTest, GivesBackEveryFieldOfAnElectionsOpeningWithRings) {
  const poll::Order sample = SampleOrder(poll::OrderKind::kOpenAnonymousElection);
  const poll::Order order = *DecodeOrder(*EncodeBody(sample));
  const auto& want = std::get<poll::OpenAnonymousElection>(sample.act);
  const auto& got = std::get<poll::OpenAnonymousElection>(order.act);
  EXPECT_EQ(order.kind(), poll::OrderKind::kOpenAnonymousElection);
  EXPECT_EQ(got.attempt, want.attempt);
  EXPECT_EQ(got.election_key, want.election_key);
  EXPECT_EQ(got.verification_keys, want.verification_keys);
  EXPECT_EQ(got.roll, want.roll);
  EXPECT_EQ(got.epoch, 1u);
  EXPECT_EQ(got.beacon, want.beacon);
  EXPECT_EQ(got.rings, 3u);
  EXPECT_EQ(got.rings_hash, want.rings_hash);
  EXPECT_EQ(poll::ElectionOpening(order), &got);
  EXPECT_TRUE(poll::IsTimedOrder(order));
}

TEST(EntryTest, GivesBackEveryFieldOfAnonymousBallots) {
  const auto ring = std::get<election::Ballot>(*DecodeEntry(MustEncode(SampleRingBallot())));
  ASSERT_NE(ring.ring_answer(), nullptr);
  EXPECT_EQ(ring.sequence, 1u);
  EXPECT_EQ(ring.style, 1);
  EXPECT_EQ(ring.credential, SampleRingBallot().credential);
  EXPECT_EQ(ring.contests.at(0).commitments, SampleBallot().contests[0].commitments);
  EXPECT_EQ(ring.ring_answer()->ring, 2u);
  EXPECT_EQ(ring.ring_answer()->commitments, SampleRingBallot().ring_answer()->commitments);
  EXPECT_EQ(ring.ring_answer()->responses, SampleRingBallot().ring_answer()->responses);
  EXPECT_EQ(TypeOf(Entry(ring)), EntryType::kRingBallot);
  const auto tag = std::get<election::Ballot>(*DecodeEntry(MustEncode(SampleTagBallot())));
  ASSERT_NE(tag.tag_answer(), nullptr);
  EXPECT_EQ(tag.sequence, 2u);
  EXPECT_EQ(tag.tag_answer()->commitment, SampleTagBallot().tag_answer()->commitment);
  EXPECT_EQ(tag.tag_answer()->response, SampleTagBallot().tag_answer()->response);
  EXPECT_EQ(NameAnEntry(tag), "a tag ballot");
}

TEST(EntryTest, GivesBackEveryFieldOfAnonymousActs) {
  for (const Sample& sample : Samples()) {
    const Entry entry = *DecodeEntry(MustEncode(sample.entry));
    if (const auto* want = std::get_if<petition::RingAct>(&sample.entry)) {
      const auto& got = std::get<petition::RingAct>(entry);
      EXPECT_EQ(got.sequence, want->sequence);
      EXPECT_EQ(got.epoch, want->epoch);
      EXPECT_EQ(got.ring, want->ring);
      EXPECT_EQ(got.tag, want->tag);
      EXPECT_EQ(got.commitments, want->commitments);
      EXPECT_EQ(got.responses, want->responses);
    } else if (const auto* act = std::get_if<petition::TagAct>(&sample.entry)) {
      const auto& got = std::get<petition::TagAct>(entry);
      EXPECT_EQ(got.act, act->act);
      EXPECT_EQ(got.sequence, act->sequence);
      EXPECT_EQ(got.tag, act->tag);
      EXPECT_EQ(got.commitment, act->commitment);
      EXPECT_EQ(got.response, act->response);
    }
  }
}

TEST(EntryTest, RefusesEveryTruncation) {
  for (const Sample& sample : Samples()) {
    const Bytes bytes = MustEncode(sample.entry);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(DecodeEntry(ByteSpan(bytes).first(size)).ok())
          << NameOf(bytes) << " cut to " << size;
    }
  }
}

TEST(EntryTest, RefusesEveryAppendedByte) {
  for (const Sample& sample : Samples()) {
    Bytes bytes = MustEncode(sample.entry);
    bytes.push_back(0);
    for (int last = 0; last < 256; ++last) {
      bytes.back() = static_cast<uint8_t>(last);
      EXPECT_FALSE(DecodeEntry(bytes).ok()) << NameOf(bytes) << " with " << last;
    }
  }
}

TEST(EntryTest, RefusesAnyOtherVersion) {
  for (const Sample& sample : Samples()) {
    Bytes bytes = MustEncode(sample.entry);
    const int sent = bytes[1];
    for (int version = 0; version < 256; ++version) {
      bytes[1] = static_cast<uint8_t>(version);
      EXPECT_EQ(DecodeEntry(bytes).ok(), version == sent) << NameOf(bytes);
    }
  }
}

TEST(EntryTest, RefusesUnknownTypes) {
  std::set<uint8_t> known;
  for (EntryType type : kAllEntryTypes) known.insert(static_cast<uint8_t>(type));
  for (const Sample& sample : Samples()) {
    Bytes bytes = MustEncode(sample.entry);
    for (int type = 0; type < 256; ++type) {
      bytes[0] = static_cast<uint8_t>(type);
      if (known.contains(bytes[0])) continue;
      const absl::Status status = DecodeEntry(bytes).status();
      EXPECT_TRUE(absl::StrContains(status.message(), "unknown entry type")) << status;
    }
  }
}

// One value, one encoding: whatever decodes is what its value encodes to.
TEST(EntryTest, MutatedBytesAreRefusedOrEncodeToThemselves) {
  const uint32_t seed = std::random_device()();
  RecordProperty("seed", static_cast<int>(seed));
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  const auto below = [&random](size_t n) { return random() % n; };
  size_t decoded = 0;
  for (const Sample& sample : Samples()) {
    const Bytes original = MustEncode(sample.entry);
    for (int round = 0; round < 4000; ++round) {
      Bytes bytes = original;
      for (size_t changes = 1 + below(3); changes > 0 && !bytes.empty(); --changes) {
        const auto at = static_cast<ptrdiff_t>(below(bytes.size()));
        switch (below(4)) {
          case 0:
            bytes[static_cast<size_t>(at)] ^= static_cast<uint8_t>(1 << below(8));
            break;
          case 1:
            bytes[static_cast<size_t>(at)] = static_cast<uint8_t>(below(256));
            break;
          case 2:
            bytes.erase(bytes.begin() + at);
            break;
          default:
            bytes.insert(bytes.begin() + at, static_cast<uint8_t>(below(256)));
        }
      }
      const absl::StatusOr<Entry> entry = DecodeEntry(bytes);
      if (!entry.ok()) {
        EXPECT_EQ(entry.status().code(), absl::StatusCode::kInvalidArgument);
        EXPECT_FALSE(entry.status().message().empty());
        continue;
      }
      ++decoded;
      const absl::StatusOr<Bytes> again = EncodeEntry(*entry);
      ASSERT_TRUE(again.ok()) << ToHex(bytes) << ": " << again.status();
      ASSERT_EQ(*again, bytes) << ToHex(bytes);
    }
  }
  EXPECT_GT(decoded, 1000u);  // otherwise nothing was tried
}

TEST(EntryTest, ErrorsNameTypeAndField) {
  const Bytes bytes = MustEncode(SampleBallot());
  const absl::Status cut = DecodeEntry(ByteSpan(bytes).first(bytes.size() - 3)).status();
  EXPECT_TRUE(absl::StrContains(cut.message(), "ballot: ")) << cut;
  EXPECT_TRUE(absl::StrContains(cut.message(), "3 bytes missing in field 'responses'")) << cut;
}

TEST(EntryTest, NamesOrdersByTheirKind) {
  EXPECT_EQ(EntryName(SignedSample(SampleOrder(poll::OrderKind::kClose))), "order 'close'");
  EXPECT_EQ(EntryName(SampleBallot()), "ballot");
  EXPECT_EQ(EntryName(SignedSample(SampleMessage(EntryType::kKeyCommitment))), "key commitment");
}

TEST(EntryTest, AnEntryHasAtMost65535Bytes) {
  election::Ballot ballot = SampleBallot();
  const size_t rest = MustEncode(ballot).size() - ballot.contests[0].ciphertexts.size();
  ballot.contests[0].ciphertexts.resize(kMaxEntrySize - rest);
  EXPECT_EQ(MustEncode(ballot).size(), kMaxEntrySize);
  ballot.contests[0].ciphertexts.push_back(0);
  EXPECT_EQ(EncodeEntry(ballot).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(DecodeEntry(Bytes(kMaxEntrySize + 1, 0x40)).ok());
}

TEST(EntryTest, SignedBytesMustBeThoseOfTheValue) {
  auto manifest = std::get<election::SignedManifest>(SignedSample(SampleElectionManifest()));
  manifest.manifest.minimum_ballots = 7;
  EXPECT_FALSE(EncodeEntry(manifest).ok());
  auto message = std::get<election::SignedTrusteeMessage>(
      SignedSample(SampleMessage(EntryType::kKeyCommitment)));
  message.fields.back() ^= 1;
  EXPECT_FALSE(EncodeEntry(message).ok());
  message.fields.back() ^= 1;
  message.type = 0x21;
  EXPECT_FALSE(EncodeEntry(message).ok());
}

}  // namespace
}  // namespace urna::record
