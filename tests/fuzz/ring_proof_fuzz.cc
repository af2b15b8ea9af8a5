// Ring proofs decoded from any bytes, and good ones with changed bytes, together against one by
// one.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "core/base/check.h"
#include "core/crypto/ring_batch.h"
#include "core/crypto/ring_prover.h"
#include "core/crypto/ring_verifier.h"
#include "core/crypto/rng.h"
#include "core/crypto/sodium_init.h"
#include "core/crypto/tag_proof.h"

namespace urna::crypto {
namespace {

struct Scene {
  Scene() {
    SeededRng rng(30);
    const Credential credential = Credential::Generate(rng);
    std::vector<RistrettoPoint> points = {credential.public_key()};
    while (points.size() < 64) points.push_back(RistrettoPoint::FromUniform(rng.Array<64>()));
    std::sort(points.begin(), points.end());
    ring.emplace_back(Ring::Create(points).value());
    RingProver prover = RingProver::Commit(ring[0].ring(), credential, tag_base, {}, rng).value();
    tag = prover.tag().bytes();
    commitments = prover.EncodeCommitments();
    responses = std::move(prover).Respond(challenge).EncodeResponses();
  }

  RistrettoPoint tag_base = TagBase({});
  Scalar challenge = Scalar::FromUint64(1234567);
  std::vector<DecodedRing> ring;
  std::array<uint8_t, 32> tag{};
  Bytes commitments, responses;
};

// What decodes is what it encodes to.
void DecodeAnything(ByteSpan input) {
  for (size_t digits = kMinRingDigits; digits <= kMaxRingDigits; ++digits) {
    const size_t cut = std::min(input.size(), RingCommitmentsSize(digits));
    const auto proof = RingProof::Decode(digits, input.first(cut), input.subspan(cut));
    if (!proof.ok()) continue;
    Bytes again = proof->EncodeCommitments();
    const Bytes responses = proof->EncodeResponses();
    again.insert(again.end(), responses.begin(), responses.end());
    URNA_CHECK(std::equal(again.begin(), again.end(), input.begin(), input.end()),
               "a proof has one encoding");
  }
}

bool OneByOne(const Scene& scene) {
  const auto tag = RistrettoPoint::Decode(scene.tag);
  const auto proof = RingProof::Decode(3, scene.commitments, scene.responses);
  return tag.ok() && proof.ok() &&
         VerifyRingProofVarTime(scene.ring[0], scene.tag_base, *tag, *proof, scene.challenge).ok();
}

// Each three bytes of the input are xored in somewhere; the good proof stands beside the changed.
void ChangeAGoodOne(ByteSpan input) {
  static const Scene good;
  Scene bad = good;
  for (size_t at = 0; at + 3 <= input.size() && at < 12; at += 3) {
    const size_t place = (size_t{input[at]} << 8 | input[at + 1]) %
                         (32 + bad.commitments.size() + bad.responses.size());
    if (place < 32) {
      bad.tag[place] ^= input[at + 2];
    } else if (place < 32 + bad.commitments.size()) {
      bad.commitments[place - 32] ^= input[at + 2];
    } else {
      bad.responses[place - 32 - bad.commitments.size()] ^= input[at + 2];
    }
  }
  std::vector<RingClaim> claims;
  for (const Scene* scene : {&good, static_cast<const Scene*>(&bad)}) {
    claims.push_back({&good.ring[0], scene->tag_base, scene->tag, scene->commitments,
                      scene->responses, scene->challenge});
  }
  SystemRng rng;
  const std::vector<size_t> unproved = FindUnprovedRings(claims, rng);
  const std::vector<size_t> expected =
      OneByOne(bad) ? std::vector<size_t>{} : std::vector<size_t>{1};
  URNA_CHECK(unproved == expected, "together and one by one agree");
}

}  // namespace
}  // namespace urna::crypto

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (!urna::crypto::InitializeCrypto().ok()) std::abort();
  const urna::ByteSpan input(data, size);
  urna::crypto::DecodeAnything(input);
  if (!input.empty()) urna::crypto::ChangeAGoodOne(input);
  return 0;
}
