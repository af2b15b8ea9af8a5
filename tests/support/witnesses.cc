#include "tests/support/witnesses.h"

#include "absl/strings/str_cat.h"
#include "core/base/check.h"
#include "core/merkle/checkpoint.h"

namespace urna::testing {

TestWitnesses::TestWitnesses(size_t count, size_t needed, uint64_t seed) : needed_(needed) {
  crypto::SeededRng rng(seed);
  for (size_t i = 0; i < count; ++i) {
    signers_.push_back(merkle::CosignatureSigner::Create(absl::StrCat("witness.example/", i),
                                                         crypto::SigningKey::Generate(rng))
                           .value());
  }
}

std::string TestWitnesses::PolicyLines(const std::vector<std::string>& urls) const {
  std::string lines, names;
  for (size_t i = 0; i < signers_.size(); ++i) {
    absl::StrAppend(&lines, "witness w", i, " ", signers_[i].verifier().vkey(),
                    i < urls.size() ? absl::StrCat(" ", urls[i]) : std::string(), "\n");
    absl::StrAppend(&names, " w", i);
  }
  return absl::StrCat(lines, "group g ", needed_, names, "\nquorum g\n");
}

merkle::WitnessPolicy TestWitnesses::Policy() const {
  return merkle::WitnessPolicy::Parse(PolicyLines()).value();
}

Bytes TestWitnesses::Cosign(ByteSpan note, const std::vector<uint64_t>& times) const {
  const merkle::Note parsed = merkle::Note::Parse(note).value();
  std::vector<merkle::NoteSignature> lines = parsed.signatures();
  for (size_t i = 0; i < times.size(); ++i) {
    if (times[i] == 0) continue;
    lines.push_back(signers_.at(i).Sign(parsed.text(), times[i]).value());
  }
  const merkle::Note out = merkle::Note::Create(parsed.text(), std::move(lines)).value();
  return ToBytes(AsBytes(out.Serialize()));
}

Bytes SignedCheckpoint(absl::string_view origin, const Signer& signer,
                       const std::vector<Bytes>& entries) {
  crypto::SigningKey key =
      crypto::SigningKey::FromSeed(signer.key.ExposeSeedForKeyFile().ExposeSpan()).value();
  const merkle::NoteSigner note = merkle::NoteSigner::Create(origin, std::move(key)).value();
  const merkle::Checkpoint checkpoint =
      merkle::Checkpoint::Create(origin, entries.size(), RootOf(entries)).value();
  return ToBytes(AsBytes(merkle::SignCheckpoint(checkpoint, note).value()));
}

}  // namespace urna::testing
