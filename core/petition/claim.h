// A claim: a signer's proof in public that a signature of an anonymous petition is theirs, in a
// text file of its own. docs/protocol.md §8.3; the proof is that of core/crypto/tag_proof.h.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/crypto/credential.h"
#include "core/crypto/hash.h"
#include "core/crypto/rng.h"
#include "core/petition/state.h"

namespace urna::petition {

inline constexpr size_t kMaxClaimSentence = 1000;  // bytes
inline constexpr size_t kMaxClaimSize = 4096;      // bytes of the file; more is no claim

// What a claim says. Whether it is proved, VerifyClaim knows.
struct Claim {
  std::string origin;
  crypto::Hash32 poll{};                 // manifest hash
  crypto::Hash32 context{};              // poll context
  std::array<uint8_t, 32> tag{};         // T
  std::array<uint8_t, 32> commitment{};  // R
  std::array<uint8_t, 32> response{};    // z
  std::string sentence;

  // Accepts exactly what ToText writes. InvalidArgument naming the line.
  static absl::StatusOr<Claim> Parse(absl::string_view text);
  std::string ToText() const;
};

// InvalidArgument for a sentence that is empty, longer than 1,000 bytes, not UTF-8, or has control
// characters.
absl::Status CheckClaimSentence(absl::string_view sentence);

// Claims the signature of this credential in the petition of `origin` and `poll`, which is open and
// anonymous. InvalidArgument as CheckClaimSentence. Whether there is such a signature the caller
// should know.
absl::StatusOr<Claim> MakeClaim(absl::string_view origin, const crypto::Hash32& poll,
                                const ActContext& context, absl::string_view sentence,
                                const crypto::Credential& credential, crypto::Rng& rng);

// OK if whoever made it knew the secret of the tag. PermissionDenied saying what is not so. The tag
// base is made from the context. Variable time: all of it is public.
absl::Status VerifyClaim(const Claim& claim);

}  // namespace urna::petition
