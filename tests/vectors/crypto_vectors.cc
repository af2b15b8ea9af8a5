#include "tests/vectors/crypto_vectors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/codec.h"
#include "core/crypto/credential.h"
#include "core/crypto/decryption.h"
#include "core/crypto/disjunctive_proof.h"
#include "core/crypto/drill.h"
#include "core/crypto/elgamal.h"
#include "core/crypto/equality_proof.h"
#include "core/crypto/hash_to_group.h"
#include "core/crypto/key_ceremony.h"
#include "core/crypto/ring_proof.h"
#include "core/crypto/ring_prover.h"
#include "core/crypto/rng.h"
#include "core/crypto/signature.h"
#include "core/crypto/tag_proof.h"
#include "core/crypto/transcript.h"

namespace urna::crypto {
namespace {

using Json = nlohmann::ordered_json;

std::string Hex(const RistrettoPoint& point) { return ToHex(point.bytes()); }
std::string Hex(const Scalar& scalar) { return ToHex(scalar.bytes()); }
std::string Hex(const SecretScalar& scalar) { return ToHex(scalar.ExposeSpan()); }
std::string Hex(const Ciphertext& ciphertext) { return ToHex(ciphertext.Encode()); }

Hash32 Filled(uint8_t first) {
  Hash32 out;
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<uint8_t>(first + i);
  return out;
}

Json TranscriptVectors() {
  Json transcripts = Json::array();
  const auto add = [&transcripts](const std::string& purpose,
                                  const std::vector<std::pair<std::string, Bytes>>& fields) {
    Transcript transcript(purpose);
    Json list = Json::array();
    for (const auto& [label, value] : fields) {
      transcript.Field(label, value);
      list.push_back({{"label", label}, {"value", ToHex(value)}});
    }
    transcripts.push_back({{"purpose", purpose},
                           {"fields", list},
                           {"hash", ToHex(transcript.Hash())},
                           {"hash32", ToHex(transcript.Hash32())}});
  };
  add("empty", {});
  add("roll", {{"body", ToBytes(AsBytes("the body"))}});
  add("enrolment", {{"roll", ToBytes(Filled(0))},
                    {"nonce", ToBytes(Filled(32))},
                    {"credential", ToBytes(RistrettoPoint::Base().bytes())},
                    {"commitment", Bytes(32, 0)}});
  add("ballot", {{"sequence", {0, 0, 0, 0, 0, 0, 0, 1}}, {"style", {0, 7}}, {"", {}}});
  add("long", {{std::string(255, 'l'), Bytes(300, 0xa5)}});

  Json challenges = Json::array();
  const Hash64 h = Transcript("roll").FieldText("body", "the body").Hash();
  for (uint8_t kind = 0; kind <= 8; ++kind) {
    const uint16_t i =
        kind == 2 || kind == 3 || kind >= 7 ? kNoIndex : static_cast<uint16_t>(258 * kind);
    const uint16_t j =
        kind == 0 || kind == 4 || kind == 6 ? static_cast<uint16_t>(kind + 3) : kNoIndex;
    challenges.push_back(
        {{"h", ToHex(h)},
         {"i", i},
         {"j", j},
         {"kind", kind},
         {"challenge", Hex(Challenge(h, i, j, static_cast<ChallengeKind>(kind)))}});
  }
  return {{"specification", "docs/protocol.md §2"},
          {"transcripts", transcripts},
          {"challenges", challenges}};
}

Json HashToGroupVectors() {
  Json list = Json::array();
  const auto add = [&list](const std::string& name, const Bytes& message) {
    list.push_back(
        {{"name", name}, {"message", ToHex(message)}, {"point", Hex(HashToGroup(name, message))}});
  };
  add("credential base", {});
  add("drill base", Bytes(38, 0x11));
  add("", {0x00});
  add("long", Bytes(1000, 0xee));
  return {{"specification", "docs/protocol.md §2"}, {"points", list}};
}

Json DisjunctiveVectors() {
  SeededRng rng(1001);
  const SecretScalar secret = SecretScalar::Random(rng);
  const RistrettoPoint election_key = MulBase(secret);
  Json list = Json::array();
  struct Case {
    uint64_t value, lo, hi;
    uint16_t i, j;
    ChallengeKind kind;
  };
  const Case cases[] = {{0, 0, 1, 1, 0, ChallengeKind::kCellRange},
                        {1, 0, 1, 1, 1, ChallengeKind::kCellRange},
                        {2, 0, 3, 300, 258, ChallengeKind::kCellRange},
                        {5, 5, 5, 2, kNoIndex, ChallengeKind::kLinearClaim},
                        {3, 1, 3, 2, kNoIndex, ChallengeKind::kLinearClaim}};
  for (const Case& c : cases) {
    const SecretScalar r = SecretScalar::Random(rng);
    const Ciphertext ciphertext = EncryptVarTime(election_key, c.value, r.ExposeForOpening());
    DisjunctiveProver prover =
        DisjunctiveProver::Commit(election_key, ciphertext.Encode(), c.value, r, c.lo, c.hi, rng)
            .value();
    const Bytes commitments = EncodePoints(prover.commitments());
    const Hash64 h = Transcript("test vector")
                         .Field("ciphertext", ciphertext.Encode())
                         .Field("commitments", commitments)
                         .Hash();
    const Scalar challenge = Challenge(h, c.i, c.j, c.kind);
    const DisjunctiveProof proof = std::move(prover).Respond(challenge);
    list.push_back({{"value", c.value},
                    {"lo", c.lo},
                    {"hi", c.hi},
                    {"randomness", Hex(r)},
                    {"ciphertext", Hex(ciphertext)},
                    {"h", ToHex(h)},
                    {"i", c.i},
                    {"j", c.j},
                    {"kind", static_cast<int>(c.kind)},
                    {"challenge", Hex(challenge)},
                    {"commitments", ToHex(commitments)},
                    {"challenges", ToHex(EncodeScalars(proof.challenges))},
                    {"responses", ToHex(EncodeScalars(proof.responses))}});
  }
  return {{"specification",
           "docs/protocol.md §3.1, §3.2; h = T(\"test vector\"; ciphertext, "
           "commitments)"},
          {"election_secret", Hex(secret)},
          {"election_key", Hex(election_key)},
          {"proofs", list}};
}

Json CredentialVectors() {
  SeededRng rng(1002);
  Json list = Json::array();
  for (uint8_t n = 0; n < 2; ++n) {
    const Credential credential = Credential::Generate(rng);
    const Hash32 roll = Filled(n);
    const Hash32 nonce = Filled(static_cast<uint8_t>(100 + n));
    const CredentialProof proof = MakeEnrolmentProof(roll, nonce, credential, rng);
    list.push_back({{"secret", ToHex(credential.ExposeForKeyFile().ExposeSpan())},
                    {"roll", ToHex(roll)},
                    {"nonce", ToHex(nonce)},
                    {"credential", Hex(credential.public_key())},
                    {"commitment", Hex(proof.commitment)},
                    {"responses", ToHex(proof.EncodeResponses())}});
  }
  return {{"specification", "docs/protocol.md §3.4, §4"},
          {"credential_base", Hex(CredentialBase())},
          {"enrolments", list}};
}

// A ring of `size` with one credential, filled up with points that hash-to-group gives.
Ring VectorRing(const RistrettoPoint& member, size_t size) {
  std::vector<RistrettoPoint> points = {member};
  for (uint32_t i = 0; points.size() < size; ++i) {
    Writer number;
    number.U32(i);
    points.push_back(HashToGroup("ring of the vectors", number.bytes()));
  }
  std::sort(points.begin(), points.end());
  return Ring::Create(std::move(points)).value();
}

Json RingVectors() {
  SeededRng rng(1005);
  Json list = Json::array();
  for (size_t size : {64u, 64u, 256u}) {
    const Credential credential = Credential::Generate(rng);
    const Hash32 context = Filled(static_cast<uint8_t>(list.size()));
    const RistrettoPoint base = TagBase(context);
    const Ring ring = VectorRing(credential.public_key(), size);
    RingProver prover = RingProver::Commit(ring, credential, base, {}, rng).value();
    const RistrettoPoint tag = prover.tag();
    const Bytes commitments = prover.EncodeCommitments();
    Transcript transcript("test vector");
    AddRingFields(transcript, ring.hash(), base, tag.bytes(), commitments);
    const Hash64 h = transcript.Hash();
    const RingProof proof = std::move(prover).Respond(RingChallenge(h));
    TagProver tag_prover = TagProver::Commit(credential, base, {}, rng);
    const Hash64 tag_h = Transcript("test vector")
                             .Field("tag base", base.bytes())
                             .Field("tag", tag.bytes())
                             .Field("commitment", tag_prover.commitment().bytes())
                             .Hash();
    const TagProof tag_proof = std::move(tag_prover).Respond(TagChallenge(tag_h));
    list.push_back({{"secret", ToHex(credential.ExposeForKeyFile().ExposeSpan())},
                    {"points", ToHex(EncodePoints(ring.points()))},
                    {"ring_hash", ToHex(ring.hash())},
                    {"poll_context", ToHex(context)},
                    {"tag_base", Hex(base)},
                    {"tag", Hex(tag)},
                    {"h", ToHex(h)},
                    {"commitments", ToHex(commitments)},
                    {"responses", ToHex(proof.EncodeResponses())},
                    {"tag_proof",
                     {{"h", ToHex(tag_h)},
                      {"commitment", Hex(tag_proof.commitment)},
                      {"response", Hex(tag_proof.response)}}}});
  }
  const RingBases& bases = TheRingBases();
  Json u = Json::array(), v = Json::array();
  for (size_t j = 0; j < kMaxRingDigits; ++j) {
    u.push_back(ToHex(EncodePoints(bases.u[j])));
    v.push_back(ToHex(EncodePoints(bases.v[j])));
  }
  return {{"specification",
           "docs/protocol.md §3.7, §3.8; h = T(\"test vector\"; the fields of either proof)"},
          {"w", Hex(bases.w)},
          {"u", u},
          {"v", v},
          {"proofs", list}};
}

Json SignatureVectors() {
  SeededRng rng(1003);
  Json list = Json::array();
  for (size_t length : {size_t{0}, size_t{1}, size_t{64}, size_t{300}}) {
    const SigningKey key = SigningKey::Generate(rng);
    const Bytes message(length, static_cast<uint8_t>(length));
    list.push_back({{"seed", ToHex(key.ExposeSeedForKeyFile().ExposeSpan())},
                    {"key", ToHex(key.public_key().bytes())},
                    {"message", ToHex(message)},
                    {"signature", ToHex(key.Sign(message))}});
  }
  return {{"specification", "docs/protocol.md §1; RFC 8032"}, {"signatures", list}};
}

// The bytes between version and signature of KeyCoefficients.
Bytes CoefficientsMessage(const DealerCoefficients& published) {
  Writer writer;
  writer.U16(published.attempt);
  writer.U16(published.trustee);
  writer.Vector16(EncodePoints(published.coefficients));
  writer.Vector16(EncodeCoefficientProofs(published.proofs));
  writer.Raw(published.encryption_key);
  writer.Raw(published.salt);
  return writer.Take();
}

// A 2-of-3 ceremony, a drill of each trustee and a decryption by trustees 1 and 3.
class CeremonyVectors {
 public:
  Json Make() {
    Json out = {{"specification", "docs/protocol.md §3.3, §3.5, §5, §9"},
                {"poll", ToHex(poll_)},
                {"attempt", kAttempt},
                {"trustees", kTrustees},
                {"threshold", kThreshold}};
    out["dealers"] = Deal();
    out["ceremony_hash"] = ToHex(ceremony_);
    out["shares"] = SealShares();
    out["ceremony_digest"] = ToHex(CeremonyDigest(ceremony_, share_messages_));
    std::vector<std::vector<RistrettoPoint>> coefficients;
    for (const Dealer& dealer : dealers_) coefficients.push_back(dealer.published.coefficients);
    keys_ = ElectionKeys::ComputeVarTime(coefficients).value();
    context_ = KeyContext(poll_, kAttempt, keys_);
    out["election_key"] = Hex(keys_.election_key);
    out["verification_keys"] = ToHex(EncodePoints(keys_.verification_keys));
    out["key_context"] = ToHex(context_);
    out["drills"] = Drills();
    out["decryption"] = Decryption();
    return out;
  }

 private:
  static constexpr uint16_t kAttempt = 2;
  static constexpr uint16_t kTrustees = 3;
  static constexpr uint16_t kThreshold = 2;

  Json Deal() {
    Json list = Json::array();
    std::vector<Bytes> messages;
    for (uint16_t i = 1; i <= kTrustees; ++i) {
      dealers_.push_back(Dealer::Make(poll_, kAttempt, i, kThreshold, rng_));
      const Dealer& dealer = dealers_.back();
      messages.push_back(CoefficientsMessage(dealer.published));
      list.push_back(
          {{"polynomial", ToHex(dealer.secrets.polynomial.ExposeForKeyFile().ExposeSpan())},
           {"encryption_secret",
            ToHex(dealer.secrets.encryption_key.ExposeForKeyFile().ExposeSpan())},
           {"coefficients_message", ToHex(messages.back())},
           {"commitment", ToHex(KeyCommitmentHash(poll_, dealer.published))}});
    }
    ceremony_ = CeremonyHash(poll_, kAttempt, messages);
    return list;
  }

  Json SealShares() {
    Json list = Json::array();
    for (uint16_t i = 1; i <= kTrustees; ++i) {
      const Dealer& dealer = dealers_[i - 1u];
      Writer sealed_list;
      for (uint16_t j = 1; j <= kTrustees; ++j) {
        const SecretScalar share = dealer.secrets.polynomial.ShareFor(j);
        if (i == j) continue;
        const ShareContext context{poll_, kAttempt, ceremony_, i, j};
        const SealedShare sealed = SealShare(context, dealer.secrets.encryption_key,
                                             dealers_[j - 1u].published.encryption_key, share, rng_)
                                       .value();
        sealed_list.U16(j);
        sealed_list.Raw(sealed.nonce);
        sealed_list.Raw(sealed.ciphertext);
        list.push_back({{"dealer", i},
                        {"recipient", j},
                        {"share", Hex(share)},
                        {"nonce", ToHex(sealed.nonce)},
                        {"ciphertext", ToHex(sealed.ciphertext)}});
      }
      Writer message;
      message.U16(kAttempt);
      message.U16(i);
      message.Vector16(sealed_list.bytes());
      share_messages_.push_back(message.Take());
    }
    return list;
  }

  SecretScalar KeyShare(uint16_t j) const {
    std::vector<SecretScalar> shares;
    for (const Dealer& dealer : dealers_) shares.push_back(dealer.secrets.polynomial.ShareFor(j));
    return CombineShares(shares);
  }

  Json Drills() {
    Json list = Json::array();
    for (uint16_t j = 1; j <= kTrustees; ++j) {
      const Drill drill =
          MakeDrill(context_, 10u + j, j, KeyShare(j), keys_.verification_keys[j - 1u], rng_);
      list.push_back({{"trustee", j},
                      {"drill", drill.number},
                      {"key_share", Hex(KeyShare(j))},
                      {"share", Hex(drill.share)},
                      {"proof", ToHex(drill.proof.Encode())}});
    }
    return list;
  }

  Json Decryption() {
    Ciphertext sum = Ciphertext::Zero();
    Json ballots = Json::array();
    for (uint64_t value : {1u, 0u, 3u}) {
      const Ciphertext ballot =
          EncryptVarTime(keys_.election_key, value, SecretScalar::Random(rng_).ExposeForOpening());
      ballots.push_back(Hex(ballot));
      sum = sum + ballot;
    }
    const std::vector<uint16_t> trustees = {1, 3};
    const std::vector<Scalar> lagrange = LagrangeAtZero(trustees).value();
    Json list = Json::array();
    std::vector<RistrettoPoint> shares;
    for (size_t at = 0; at < trustees.size(); ++at) {
      const uint16_t j = trustees[at];
      const RistrettoPoint& verification_key = keys_.verification_keys[j - 1u];
      DecryptionShareProver prover =
          DecryptionShareProver::Commit(sum, KeyShare(j), verification_key, rng_);
      shares.push_back(prover.share());
      const Hash64 h = Transcript("test vector")
                           .Field("ciphertext", sum.Encode())
                           .Field("share", prover.share().bytes())
                           .Field("commitments", prover.EncodeCommitments())
                           .Hash();
      const Scalar challenge = Challenge(h, 1, 0, ChallengeKind::kDecryptionShare);
      const EqualityProof proof = std::move(prover).Respond(challenge);
      list.push_back({{"trustee", j},
                      {"share", Hex(shares.back())},
                      {"h", ToHex(h)},
                      {"i", 1},
                      {"j", 0},
                      {"kind", 6},
                      {"proof", ToHex(proof.Encode())},
                      {"lagrange", Hex(lagrange[at])}});
    }
    return {{"ciphertexts", ballots},
            {"sum", Hex(sum)},
            {"shares", list},
            {"message", Hex(CombineDecryptionVarTime(sum, lagrange, shares).value())},
            {"total", 4}};
  }

  SeededRng rng_{1004};
  Hash32 poll_ = Filled(200);
  std::vector<Dealer> dealers_;
  Hash32 ceremony_{};
  std::vector<Bytes> share_messages_;
  ElectionKeys keys_;
  Hash32 context_{};
};

}  // namespace

std::map<std::string, std::string> MakeCryptoVectors() {
  const auto text = [](const Json& json) { return json.dump(1) + "\n"; };
  return {{"transcript.json", text(TranscriptVectors())},
          {"hash_to_group.json", text(HashToGroupVectors())},
          {"disjunctive.json", text(DisjunctiveVectors())},
          {"credential.json", text(CredentialVectors())},
          {"ring.json", text(RingVectors())},
          {"signature.json", text(SignatureVectors())},
          {"key_ceremony.json", text(CeremonyVectors().Make())}};
}

}  // namespace urna::crypto
