#include "bench/synthetic_record/people.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/check.h"

namespace urna::bench {
namespace {

Person MakePerson(absl::string_view name, crypto::Rng& rng) {
  crypto::SigningKey key = crypto::SigningKey::Generate(rng);
  roll::NamedKey named{std::string(name), key.public_key().bytes()};
  return {std::move(named), std::move(key)};
}

std::vector<Person> MakePersons(absl::string_view name, crypto::Rng& rng) {
  std::vector<Person> out;
  for (int i = 1; i <= 3; ++i) out.push_back(MakePerson(absl::StrCat(name, i), rng));
  return out;
}

merkle::NoteSigner MakeLog(absl::string_view origin, crypto::Rng& rng) {
  auto signer = merkle::NoteSigner::Create(origin, crypto::SigningKey::Generate(rng));
  URNA_CHECK(signer.ok(), "the origin is a key name");
  return *std::move(signer);
}

std::vector<roll::NamedKey> KeysOf(const std::vector<Person>& persons) {
  std::vector<roll::NamedKey> out;
  for (const Person& person : persons) out.push_back(person.named);
  return out;
}

merkle::NoteVerifier VerifierOf(const Person& person) {
  auto verifier = merkle::NoteVerifier::Create(person.named.name, person.key.public_key());
  URNA_CHECK(verifier.ok(), "a person's name is a key name");
  return *std::move(verifier);
}

std::vector<merkle::NoteVerifier> VerifiersOf(const std::vector<Person>& persons) {
  std::vector<merkle::NoteVerifier> out;
  for (const Person& person : persons) out.push_back(VerifierOf(person));
  return out;
}

}  // namespace

People People::Make(crypto::Rng& rng) {
  merkle::NoteSigner poll_log = MakeLog("bench.example/election", rng);
  merkle::NoteSigner roll_log = MakeLog("bench.example/roll", rng);
  Person registrar = MakePerson("registrar", rng);
  std::vector<Person> officers = MakePersons("officer", rng);
  std::vector<Person> trustees = MakePersons("trustee", rng);
  return {std::move(poll_log), std::move(roll_log), std::move(registrar), std::move(officers),
          std::move(trustees)};
}

std::vector<roll::NamedKey> People::OfficerKeys() const { return KeysOf(officers); }
std::vector<roll::NamedKey> People::TrusteeKeys() const { return KeysOf(trustees); }

audit::Policy People::Policy() const {
  return {poll_log.verifier(),   roll_log.verifier(), VerifierOf(registrar),
          VerifiersOf(officers), kOfficerQuorum,      VerifiersOf(trustees),
          kTrusteeThreshold,     std::nullopt,        {}};
}

}  // namespace urna::bench
