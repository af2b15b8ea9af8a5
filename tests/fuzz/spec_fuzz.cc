// Specifications, the JSON that people write: whatever manifest is made of one follows the rules of
// manifests, fits into an entry, and is described by a specification that makes the same again.
#include "core/crypto/signature.h"
#include "core/crypto/sodium_init.h"
#include "core/election/manifest.h"
#include "core/petition/petition.h"
#include "core/record/entry.h"
#include "tally/specs.h"
#include "tests/fuzz/require.h"

namespace {

using namespace urna;  // NOLINT: a program, not a header
using testing::Require;

template <typename Manifest>
void Examine(const Manifest& manifest, const tally::SpecDefaults& defaults) {
  Require(CheckManifest(manifest).ok(), "what is made of a specification follows the rules");
  const absl::StatusOr<Bytes> body = record::EncodeBody(manifest);
  if (!body.ok()) return;  // too long for an entry: whoever encodes it is told
  const auto again = tally::ReadPollSpec(tally::SpecOf(manifest), defaults);
  Require(again.ok(), "a manifest's own specification can be read");
  const Manifest* const same = std::get_if<Manifest>(&*again);
  Require(same != nullptr, "it is of the same kind");
  const absl::StatusOr<Bytes> body_again = record::EncodeBody(*same);
  Require(body_again.ok() && *body_again == *body, "it makes the same manifest");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bool started = crypto::InitializeCrypto().ok();
  Require(started, "libsodium starts");
  const auto json = tally::ParseJson(testing::Text(ByteSpan(data, size)), "input.json");
  if (!json.ok()) return 0;
  tally::SpecDefaults defaults;
  static const auto key = crypto::SigningKey::FromSeed(Bytes(32, 7));
  defaults.log_key = key->public_key().bytes();
  const auto spec = tally::ReadPollSpec(*json, defaults);
  if (!spec.ok()) {
    Require(!spec.status().message().empty(), "a refusal says why");
    return 0;
  }
  std::visit([&](const auto& manifest) { Examine(manifest, defaults); }, *spec);
  return 0;
}
