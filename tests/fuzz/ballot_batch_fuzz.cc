// Ballots verified together against ballots verified one by one, by every engine: the violations
// must be the same, ballot by ballot and word for word.
//
// An input is a small program: which engine, which ballots of a pool of good ones make the batch,
// and what is then done to them. Besides changed bytes there are changes that leave everything
// canonical, the same one backwards elsewhere (errors that would cancel if weighed alike), and
// ballots by someone who knows all secrets and lies in the cells or in a single equation.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "core/crypto/sodium_init.h"
#include "core/crypto/vartime/engine.h"
#include "core/election/ballot_batch.h"
#include "tests/core/election/forged_ballot.h"

namespace urna::election {
namespace {

constexpr size_t kPool = 4;
constexpr size_t kMostBallots = 6;
constexpr size_t kMostChanges = 16;  // libsodium is slow

// The bytes of an input one by one, then zeros.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ >= size_; }
  uint8_t Byte() { return empty() ? uint8_t{0} : data_[at_++]; }
  size_t Below(size_t bound) { return (size_t{Byte()} << 8 | Byte()) % bound; }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

// An election with one contest, 1 of 3, and a pool of good ballots.
struct Scene {
  Scene() {
    crypto::SeededRng rng(20);
    Contest contest;
    contest.number = 1;
    contest.title = testing::English("Mayor");
    contest.rule = Rule::kOneOfN;
    contest.sum_min = contest.sum_max = 1;
    for (const char* id : {"anna", "bo", "cleo"}) {
      contest.options.push_back({id, testing::English(id)});
    }
    manifest.contests = {contest};
    manifest.styles = {{1, {1}}};
    voting.poll_context = rng.Array<32>();
    voting.election_key = crypto::MulBase(crypto::SecretScalar::Random(rng));
    for (size_t i = 0; i < kPool; ++i) {
      credentials.push_back(crypto::Credential::Generate(rng));
      Selections selections = {{0, 0, 0}};
      selections[0][i % 3] = 1;
      pool.push_back(
          MakeBallot(manifest, voting, 1, selections, i + 1, credentials.back(), rng).value());
    }
  }

  Manifest manifest;
  VotingContext voting;
  std::vector<crypto::Credential> credentials;
  std::vector<Ballot> pool;
};

struct Changed {
  Ballot ballot;
  bool touched = false;  // else it is a good one as it came from the pool
};
using Batch = std::vector<Changed>;

// The ballot's bytes by field: its four vectors, then credential, commitment and responses.
std::span<uint8_t> Field(Ballot& ballot, size_t field) {
  if (field == 4) return ballot.credential;
  if (field == 5) return ballot.commitment;
  if (field == 6 || ballot.contests.empty()) return ballot.responses;
  ContestBallot& contest = ballot.contests[0];
  Bytes* const vectors[] = {&contest.ciphertexts, &contest.commitments, &contest.challenges,
                            &contest.responses};
  return *vectors[field % 4];
}

bool HoldsScalars(size_t field) { return field == 2 || field == 3 || field == 6; }

// A point or scalar of some ballot.
struct Place {
  size_t ballot;
  size_t field;
  std::span<uint8_t> bytes;  // 32, or none where the field is empty
};

Place TakePlace(Input& input, Batch& batch) {
  const size_t ballot = input.Below(batch.size());
  const size_t field = input.Byte() % 7;
  const std::span<uint8_t> all = Field(batch[ballot].ballot, field);
  if (all.size() < 32) return {ballot, field, {}};
  return {ballot, field, all.subspan(32 * input.Below(all.size() / 32), 32)};
}

void FlipBits(Input& input, Batch& batch) {
  const size_t ballot = input.Below(batch.size());
  const std::span<uint8_t> all = Field(batch[ballot].ballot, input.Byte() % 7);
  if (all.empty()) return;
  all[input.Below(all.size())] ^= input.Byte();
  batch[ballot].touched = true;
}

// The identity and zero; nothing; G; ℓ; ℓ − 1; p; bytes of the input.
void Put(Input& input, Batch& batch) {
  const Place place = TakePlace(input, batch);
  if (place.bytes.empty()) return;
  std::array<uint8_t, 32> bytes{};
  const auto minus_one = (crypto::Scalar() - crypto::Scalar::One()).bytes();
  switch (input.Byte() % 7) {
    case 0:
      break;
    case 1:
      bytes.fill(0xff);
      break;
    case 2:
      bytes = crypto::RistrettoPoint::Base().bytes();
      break;
    case 3:
      bytes = minus_one;
      ++bytes[0];  // does not carry: ℓ is odd
      break;
    case 4:
      bytes = minus_one;
      break;
    case 5:
      bytes.fill(0xff);
      bytes[0] = 0xed;
      bytes[31] = 0x7f;
      break;
    default:
      for (uint8_t& byte : bytes) byte = input.Byte();
  }
  std::copy(bytes.begin(), bytes.end(), place.bytes.begin());
  batch[place.ballot].touched = true;
}

void Swap(Input& input, Batch& batch) {
  const Place a = TakePlace(input, batch), b = TakePlace(input, batch);
  if (a.bytes.empty() || b.bytes.empty()) return;
  std::swap_ranges(a.bytes.begin(), a.bytes.end(), b.bytes.begin());
  batch[a.ballot].touched = batch[b.ballot].touched = true;
}

// Adds `amount`, times G where there is a point. False where there is neither.
bool Shift(std::span<uint8_t> bytes, bool scalars, const crypto::Scalar& amount) {
  std::array<uint8_t, 32> shifted;
  if (scalars) {
    const auto scalar = crypto::Scalar::Decode(bytes);
    if (!scalar.ok()) return false;
    shifted = (*scalar + amount).bytes();
  } else {
    const auto point = crypto::RistrettoPoint::Decode(bytes);
    if (!point.ok()) return false;
    shifted = (*point + crypto::MulBaseVarTime(amount)).bytes();
  }
  std::copy(shifted.begin(), shifted.end(), bytes.begin());
  return true;
}

void Shift(const Place& place, const crypto::Scalar& amount, Batch& batch) {
  if (Shift(place.bytes, HoldsScalars(place.field), amount)) batch[place.ballot].touched = true;
}

// One up, another down as much, perhaps at the same place in another ballot.
void ShiftTwo(Input& input, Batch& batch) {
  const auto amount = crypto::Scalar::FromUint64(input.Byte());
  const Place up = TakePlace(input, batch);
  Shift(up, amount, batch);
  if (input.Byte() % 2 == 0) {
    Shift(TakePlace(input, batch), amount.Negate(), batch);
    return;
  }
  if (up.bytes.empty()) return;
  const auto at =
      static_cast<size_t>(up.bytes.data() - Field(batch[up.ballot].ballot, up.field).data());
  const size_t other = input.Below(batch.size());
  const std::span<uint8_t> field = Field(batch[other].ballot, up.field);
  if (field.size() < at + 32) return;
  Shift({other, up.field, field.subspan(at, 32)}, amount.Negate(), batch);
}

void Resize(Input& input, Batch& batch) {
  Changed& changed = batch[input.Below(batch.size())];
  if (changed.ballot.contests.empty()) return;
  ContestBallot& contest = changed.ballot.contests[0];
  Bytes* const vectors[] = {&contest.ciphertexts, &contest.commitments, &contest.challenges,
                            &contest.responses};
  Bytes& vector = *vectors[input.Byte() % 4];
  constexpr size_t kSizes[] = {0, 1, 31, 32, 64, 128};
  const size_t by = kSizes[input.Byte() % 6];
  const bool longer = input.Byte() % 2 == 0;
  vector.resize(longer ? vector.size() + by : vector.size() - std::min(by, vector.size()));
  changed.touched = true;
}

void ChangeNumbers(Input& input, Batch& batch) {
  Changed& changed = batch[input.Below(batch.size())];
  Ballot& ballot = changed.ballot;
  changed.touched = true;
  switch (input.Byte() % 5) {
    case 0:
      ballot.sequence += input.Byte();
      break;
    case 1:
      ballot.style = input.Byte();
      break;
    case 2:
      if (!ballot.contests.empty()) ballot.contests[0].contest = input.Byte();
      break;
    case 3:
      if (!ballot.contests.empty()) ballot.contests.pop_back();
      break;
    default:
      if (ballot.contests.size() == 1) ballot.contests.push_back(ballot.contests[0]);
  }
}

// Any values in the cells, proofs of what can be said of them, and perhaps one commitment that is
// wrong before anything is hashed: a ballot where one equation alone does not hold.
void ForgeOne(const Scene& scene, Input& input, Batch& batch) {
  const size_t voter = input.Below(kPool);
  testing::ForgedBallot plan{.credential = &scene.credentials[voter]};
  plan.style = 1;
  plan.values = {{}};
  for (size_t cell = 0; cell < 3; ++cell) {
    const uint8_t byte = input.Byte();
    plan.values[0].push_back(byte % 4 - 1);
    plan.claims[{0, cell}] = (byte >> 2) & 1;
  }
  plan.claims[{0, 3}] = 1;  // what the sum should be
  plan.same_randomness = input.Byte() % 8 == 0;
  const size_t wrong = input.Below(20);
  const auto amount = crypto::Scalar::FromUint64(input.Byte());
  plan.before_hashing = [&](Ballot& ballot) {
    Bytes& commitments = ballot.contests[0].commitments;
    if (32 * wrong + 32 > commitments.size()) return;
    Shift(std::span<uint8_t>(commitments).subspan(32 * wrong, 32), false, amount);
  };
  Changed& changed = batch[input.Below(batch.size())];
  crypto::SeededRng rng(input.Byte());
  changed.ballot = testing::Forge(scene.manifest, scene.voting, plan, rng);
  changed.touched = true;
}

void Change(const Scene& scene, Input& input, Batch& batch) {
  switch (input.Byte() % 8) {
    case 0:
      return FlipBits(input, batch);
    case 1:
      return Put(input, batch);
    case 2:
      return Swap(input, batch);
    case 3:
    case 4:
      return ShiftTwo(input, batch);
    case 5:
      return Resize(input, batch);
    case 6:
      return ChangeNumbers(input, batch);
    default:
      return ForgeOne(scene, input, batch);
  }
}

std::vector<std::string> Words(const std::vector<Violation>& violations) {
  std::vector<std::string> out;
  for (const Violation& violation : violations) {
    out.push_back(testing::Numbers({violation})[0] + " " + violation.status.ToString());
  }
  return out;
}

void Compare(const Scene& scene, const char* engine, const Batch& batch) {
  std::vector<const Ballot*> pointers;
  for (const Changed& changed : batch) pointers.push_back(&changed.ballot);
  // The weights of every run are alike, so that what is found can be found again.
  crypto::SeededRng weights(7);
  const auto together = VerifyBallotsVarTime(scene.manifest, scene.voting, pointers, weights);
  for (size_t i = 0; i < batch.size(); ++i) {
    std::vector<std::string> alone;
    if (batch[i].touched) {
      alone = Words(VerifyBallotVarTime(scene.manifest, scene.voting, batch[i].ballot));
    }
    if (together.size() == batch.size() && Words(together[i]) == alone) continue;
    std::fprintf(stderr, "engine %s, ballot %zu of %zu\n", engine, i, batch.size());
    for (const std::string& words : alone) std::fprintf(stderr, "  alone: %s\n", words.c_str());
    if (i < together.size()) {
      for (const std::string& words : Words(together[i])) {
        std::fprintf(stderr, "  in the batch: %s\n", words.c_str());
      }
    }
    std::abort();
  }
}

}  // namespace
}  // namespace urna::election

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace urna::election;  // NOLINT: the entry's name is libFuzzer's
  static const bool started = urna::crypto::InitializeCrypto().ok();
  if (!started) std::abort();
  static const Scene* const scene = new Scene();
  Input input(data, size);
  const auto engines = urna::crypto::vartime::AvailableEngines();
  const char* const engine = engines[input.Byte() % engines.size()]->name();
  if (!urna::crypto::vartime::SelectEngine(engine).ok()) std::abort();
  Batch batch;
  const size_t ballots = 1 + input.Below(kMostBallots);
  while (batch.size() < ballots) batch.push_back({scene->pool[input.Below(kPool)]});
  for (size_t i = 0; i < kMostChanges && !input.empty(); ++i) Change(*scene, input, batch);
  Compare(*scene, engine, batch);
  return 0;
}
