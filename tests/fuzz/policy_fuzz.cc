// What auditors hand to the verifier: their policy, what it remembers of a record, and certificates
// of petitions. Whatever is read is written as a text that reads as the same.
#include "core/audit/certificate.h"
#include "core/audit/policy.h"
#include "core/audit/verified_state.h"
#include "core/crypto/sodium_init.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace urna;  // NOLINT: the entry's name is libFuzzer's
  using testing::Require;
  static const bool started = crypto::InitializeCrypto().ok();
  Require(started, "libsodium starts");
  const absl::string_view text = testing::Text(ByteSpan(data, size));
  if (const auto policy = audit::Policy::Parse(text); policy.ok()) {
    const std::string written = policy->ToText();
    const auto again = audit::Policy::Parse(written);
    Require(again.ok(), "a policy that was written can be read");
    Require(again->ToText() == written, "it says the same");
  }
  if (const auto state = audit::VerifiedState::Parse(text); state.ok()) {
    Require(state->ToText() == text, "a state has one form");
  }
  if (const auto certificate = audit::Certificate::Parse(text); certificate.ok()) {
    Require(certificate->ToText() == text, "a certificate has one form");
  }
  return 0;
}
