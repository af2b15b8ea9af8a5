#include "bench/synthetic_record/voters.h"

#include <algorithm>
#include <numeric>

#include "bench/synthetic_record/growing_log.h"
#include "core/base/check.h"
#include "core/base/parallel.h"
#include "core/base/status.h"
#include "core/crypto/enrolment.h"
#include "core/crypto/hash_to_group.h"
#include "core/record/directory.h"
#include "core/record/entry.h"

namespace urna::bench {
namespace {

using crypto::vartime::Encoding;
using crypto::vartime::Point;
using crypto::vartime::PublicScalar;

constexpr size_t kRun = 256;          // voters whose points are encoded together
constexpr size_t kRound = 64 * kRun;  // voters between two looks at the progress

Point CredentialBase() {
  const auto point = Point::Decode(crypto::CredentialBase().bytes());
  URNA_CHECK(point.ok(), "K_R is a point");
  return *point;
}

// The enrolments of some voters as entries.
std::vector<Bytes> Enrol(const Voters& voters, const crypto::Hash32& roll_id,
                         std::span<const uint32_t> numbers) {
  struct Nonces {
    PublicScalar a, b;
  };
  std::vector<roll::RollMember> members;
  std::vector<Nonces> nonces;
  std::vector<Point> halves;
  for (uint32_t voter : numbers) {
    Throwaway draws(voters.seed(), Draw::kEnrolment, voter);
    roll::RollMember& member = members.emplace_back();
    member.credential = voters.credential(voter);
    member.district = 1;
    member.category = 1;
    member.nonce = draws.rng().Array<32>();
    const PublicScalar a = draws.DrawScalar();
    const PublicScalar b = draws.DrawScalar();
    nonces.push_back({a, b});
    halves.push_back(voters.half_g()(a) + voters.half_k()(b));  // C
  }
  const std::vector<Encoding> commitments = crypto::vartime::EncodeDoubled(halves);
  std::vector<Bytes> entries;
  for (size_t i = 0; i < members.size(); ++i) {
    roll::RollMember& member = members[i];
    member.commitment = commitments[i];
    const PublicScalar c = ToVartime(
        crypto::EnrolmentChallenge(roll_id, member.nonce, member.credential, member.commitment));
    const Voters::Secret secret = voters.SecretOf(numbers[i]);
    const auto z_s = (nonces[i].a + c * secret.s).bytes();
    const auto z_t = (nonces[i].b + c * secret.t).bytes();
    std::copy(z_s.begin(), z_s.end(), member.responses.begin());
    std::copy(z_t.begin(), z_t.end(), member.responses.begin() + 32);
    absl::StatusOr<Bytes> entry = record::EncodeEntry(member);
    URNA_CHECK(entry.ok(), "a member can be encoded");
    entries.push_back(*std::move(entry));
  }
  return entries;
}

absl::StatusOr<roll::SignedRollHeader> MakeHeader(const People& people, uint64_t seed) {
  roll::SignedRollHeader out;
  out.header.origin = people.roll_log.verifier().name();
  out.header.log_key = people.roll_log.verifier().key().bytes();
  out.header.nonce = Throwaway(seed, Draw::kPeople, 1).rng().Array<32>();
  out.header.title = {{"en", "Synthetic roll"}};
  out.header.registrar = people.registrar.named;
  out.header.districts = {{1, {{"en", "City"}}}};
  out.header.categories = {{1, {{"en", "Resident"}}}};
  URNA_ASSIGN_OR_RETURN(out.body, record::EncodeBody(out.header));
  out.signature =
      people.registrar.key.Sign(roll::RollHeaderSignatureMessage(roll::RollId(out.body)));
  return out;
}

absl::Status WriteMembers(const Voters& voters, const crypto::Hash32& roll_id,
                          const tally::Context& context, GrowingLog& log) {
  std::vector<uint32_t> order(voters.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return voters.credential(a) < voters.credential(b); });
  const tally::Progress progress = context.ShowProgress("enrolments");
  for (size_t begin = 0; begin < order.size(); begin += kRound) {
    const auto round = std::span(order).subspan(begin, std::min(kRound, order.size() - begin));
    std::vector<Bytes> entries(round.size());
    ParallelForRuns(round.size(), kRun, context.threads, [&](size_t from, size_t to) {
      std::vector<Bytes> run = Enrol(voters, roll_id, round.subspan(from, to - from));
      std::move(run.begin(), run.end(), entries.begin() + static_cast<ptrdiff_t>(from));
    });
    for (Bytes& entry : entries) URNA_RETURN_IF_ERROR(log.Append(std::move(entry)));
    if (progress) progress(begin + round.size(), order.size());
  }
  return absl::OkStatus();
}

}  // namespace

Voters::Voters(uint64_t seed, uint64_t count, const tally::Context& context)
    : seed_(seed), half_g_(Point::Base()), half_k_(CredentialBase()), credentials_(count) {
  const tally::Progress progress = context.ShowProgress("credentials");
  for (size_t begin = 0; begin < count; begin += kRound) {
    const size_t round = std::min<size_t>(kRound, count - begin);
    ParallelForRuns(round, kRun, context.threads, [&](size_t from, size_t to) {
      std::vector<Point> halves;
      for (size_t i = from; i < to; ++i) {
        const Secret secret = SecretOf(begin + i);
        halves.push_back(half_g_(secret.s) + half_k_(secret.t));
      }
      const std::vector<Encoding> encoded = crypto::vartime::EncodeDoubled(halves);
      std::copy(encoded.begin(), encoded.end(),
                credentials_.begin() + static_cast<ptrdiff_t>(begin + from));
    });
    if (progress) progress(begin + round, count);
  }
}

Voters::Secret Voters::SecretOf(uint64_t voter) const {
  Throwaway draws(seed_, Draw::kCredential, voter);
  const PublicScalar s = draws.DrawScalar();
  const PublicScalar t = draws.DrawScalar();
  return {s, t};
}

absl::StatusOr<roll::RollPin> WriteRoll(const std::string& record, const Voters& voters,
                                        const People& people, const tally::Context& context) {
  URNA_ASSIGN_OR_RETURN(const roll::SignedRollHeader header, MakeHeader(people, voters.seed()));
  const crypto::Hash32 roll_id = roll::RollId(header.body);
  GrowingLog log(record::RollDirectory(record, roll_id), people.roll_log);
  URNA_ASSIGN_OR_RETURN(Bytes first, record::EncodeEntry(header));
  URNA_RETURN_IF_ERROR(log.Append(std::move(first)));
  URNA_RETURN_IF_ERROR(WriteMembers(voters, roll_id, context, log));
  roll::SignedRollSeal seal;
  seal.seal = {1, voters.size(), log.root()};
  URNA_ASSIGN_OR_RETURN(seal.body, record::EncodeBody(seal.seal));
  seal.signature = people.registrar.key.Sign(roll::RollSealSignatureMessage(roll_id, seal.body));
  URNA_ASSIGN_OR_RETURN(Bytes last, record::EncodeEntry(seal));
  URNA_RETURN_IF_ERROR(log.Append(std::move(last)));
  URNA_RETURN_IF_ERROR(log.Write());
  return roll::RollPin{roll_id, log.size(), log.root()};
}

}  // namespace urna::bench
