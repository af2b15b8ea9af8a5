#include "core/election/ceremony.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/key_ceremony.h"

namespace urna::election {
namespace {

absl::Status NotNow(const std::string& sentence) { return absl::FailedPreconditionError(sentence); }

absl::Status Twice(const char* what, uint16_t trustee, uint16_t attempt) {
  return absl::AlreadyExistsError(
      absl::StrCat("trustee ", trustee, " has already logged a ", what, " in attempt ", attempt));
}

absl::Status Incomplete(const char* what, size_t are, uint16_t should) {
  return NotNow(absl::StrCat("only ", are, " of ", should, " ", what, " are in the log"));
}

template <typename T>
inline constexpr bool kOfCount =
    std::is_same_v<T, CountAcknowledgement> || std::is_same_v<T, DecryptionShare>;

}  // namespace

Ceremony::Ceremony(const crypto::Hash32& poll, uint16_t attempt, uint16_t trustees,
                   uint16_t threshold)
    : poll_(poll), attempt_(attempt), trustees_(trustees), threshold_(threshold) {}

absl::Status Ceremony::CheckPlace(const TrusteeMessage& message) const {
  return std::visit(
      [this](const auto& m) -> absl::Status {
        using T = std::decay_t<decltype(m)>;
        if constexpr (kOfCount<T>) {
          return NotNow("a message of the count is none of the key ceremony");
        } else {
          if (m.attempt != attempt_) {
            return NotNow(absl::StrCat("attempt ", m.attempt, " where attempt ", attempt_,
                                       " is the current one"));
          }
          if (m.trustee < 1 || m.trustee > trustees_) {
            return absl::InvalidArgumentError(
                absl::StrCat("trustee ", m.trustee, " is not in 1..", trustees_));
          }
          if (!std::is_same_v<T, KeyShareOpening> && !complaints_.empty()) {
            return NotNow(absl::StrCat("attempt ", attempt_,
                                       " was ended by the complaint of trustee ",
                                       complaints_.front().trustee));
          }
          return Place(m);
        }
      },
      message);
}

absl::Status Ceremony::Place(const KeyCommitment& message) const {
  if (commitments_.contains(message.trustee)) {
    return Twice("key commitment", message.trustee, attempt_);
  }
  return absl::OkStatus();
}

absl::Status Ceremony::Place(const KeyCoefficients& message) const {
  if (commitments_.size() < trustees_) {
    return Incomplete("key commitments", commitments_.size(), trustees_);
  }
  if (coefficients_.contains(message.trustee)) {
    return Twice("message of key coefficients", message.trustee, attempt_);
  }
  return absl::OkStatus();
}

absl::Status Ceremony::Place(const KeyShares& message) const {
  if (coefficients_.size() < trustees_) {
    return Incomplete("messages of key coefficients", coefficients_.size(), trustees_);
  }
  if (shares_.contains(message.trustee)) {
    return Twice("message of key shares", message.trustee, attempt_);
  }
  std::vector<uint16_t> others;
  for (uint32_t j = 1; j <= trustees_; ++j) {
    if (j != message.trustee) others.push_back(static_cast<uint16_t>(j));
  }
  const bool right =
      std::equal(others.begin(), others.end(), message.shares.begin(), message.shares.end(),
                 [](uint16_t j, const EncryptedShare& share) { return share.recipient == j; });
  if (!right) {
    return absl::InvalidArgumentError(absl::StrCat("key shares of trustee ", message.trustee,
                                                   " are not one for every other trustee"));
  }
  return absl::OkStatus();
}

absl::Status Ceremony::Place(const KeyAcknowledgement& message) const {
  if (shares_.size() < trustees_) {
    return Incomplete("messages of key shares", shares_.size(), trustees_);
  }
  if (acks_.contains(message.trustee)) {
    return Twice("key acknowledgement", message.trustee, attempt_);
  }
  return absl::OkStatus();
}

absl::Status Ceremony::Place(const KeyComplaint& message) const {
  if (shares_.size() < trustees_) {
    return Incomplete("messages of key shares", shares_.size(), trustees_);
  }
  if (acks_.contains(message.trustee)) {
    return NotNow(absl::StrCat("trustee ", message.trustee,
                               " complains after having acknowledged attempt ", attempt_));
  }
  if (message.dealer < 1 || message.dealer > trustees_ || message.dealer == message.trustee) {
    return absl::InvalidArgumentError(
        absl::StrCat("complaint of trustee ", message.trustee, " about dealer ", message.dealer));
  }
  if (message.reason < 1 || message.reason > 2) {
    return absl::InvalidArgumentError(
        absl::StrCat("complaint of trustee ", message.trustee, " with reason ", message.reason));
  }
  return absl::OkStatus();
}

absl::Status Ceremony::Place(const KeyShareOpening& message) const {
  const bool asked =
      std::any_of(complaints_.begin(), complaints_.end(), [&](const KeyComplaint& complaint) {
        return complaint.dealer == message.trustee && complaint.trustee == message.recipient;
      });
  if (!asked) {
    return NotNow(absl::StrCat("trustee ", message.trustee, " opens the share of trustee ",
                               message.recipient, ", who has not complained about it"));
  }
  const bool before = std::any_of(
      openings_.begin(), openings_.end(),
      [&](const KeyShareOpening& opening) { return opening.trustee == message.trustee; });
  if (before) return Twice("key share opening", message.trustee, attempt_);
  return absl::OkStatus();
}

absl::Status Ceremony::Place(const Drill& /*message*/) const {
  if (acks_.size() < trustees_) {
    return Incomplete("key acknowledgements", acks_.size(), trustees_);
  }
  return absl::OkStatus();
}

std::vector<Violation> Ceremony::Check(const SignedTrusteeMessage& message) const {
  std::vector<Violation> out;
  if (absl::Status status = CheckPlace(message.message); !status.ok()) {
    out.push_back({urna::Check::kS8, std::move(status)});
    return out;
  }
  std::visit(
      [&](const auto& m) {
        if constexpr (requires { CheckContent(m, out); }) CheckContent(m, out);
      },
      message.message);
  return out;
}

void Ceremony::Apply(const SignedTrusteeMessage& message) {
  if (!CheckPlace(message.message).ok()) return;
  const uint16_t trustee = message.trustee();
  std::visit(
      [&](const auto& m) {
        using T = std::decay_t<decltype(m)>;
        if constexpr (std::is_same_v<T, KeyCommitment>) {
          commitments_.emplace(trustee, m);
        } else if constexpr (std::is_same_v<T, KeyCoefficients>) {
          coefficients_.emplace(trustee, m);
          coefficient_messages_.emplace(trustee, message.fields);
          if (coefficients_.size() == trustees_) ComputeKeys();
        } else if constexpr (std::is_same_v<T, KeyShares>) {
          shares_.emplace(trustee, m);
          share_messages_.emplace(trustee, message.fields);
          if (shares_.size() == trustees_ && ceremony_hash_.has_value()) {
            std::vector<Bytes> messages;
            for (const auto& [j, bytes] : share_messages_) messages.push_back(bytes);
            digest_ = crypto::CeremonyDigest(*ceremony_hash_, messages);
          }
        } else if constexpr (std::is_same_v<T, KeyAcknowledgement>) {
          acks_.emplace(trustee, m);
        } else if constexpr (std::is_same_v<T, KeyComplaint>) {
          complaints_.push_back(m);
        } else if constexpr (std::is_same_v<T, KeyShareOpening>) {
          openings_.push_back(m);
        } else if constexpr (std::is_same_v<T, Drill>) {
          uint32_t& last = drills_[trustee];
          last = std::max(last, m.drill);
        }
      },
      message.message);
}

void Ceremony::ComputeKeys() {
  std::vector<Bytes> messages;
  for (const auto& [j, bytes] : coefficient_messages_) messages.push_back(bytes);
  ceremony_hash_ = crypto::CeremonyHash(poll_, attempt_, messages);

  std::vector<std::vector<crypto::RistrettoPoint>> points;
  for (const auto& [j, message] : coefficients_) {
    auto decoded = crypto::DecodePoints(message.coefficients);
    if (!decoded.ok()) return;
    points.push_back(*std::move(decoded));
  }
  auto keys = crypto::ElectionKeys::ComputeVarTime(points);
  if (!keys.ok()) return;
  keys_ =
      Keys{keys->election_key, keys->verification_keys, crypto::KeyContext(poll_, attempt_, *keys)};
}

std::vector<Violation> Ceremony::CheckReady() const {
  std::vector<Violation> out;
  const auto add = [&](urna::Check check, auto&&... words) {
    out.push_back({check, NotNow(absl::StrCat("attempt ", attempt_, ": ", words...))});
  };
  for (const KeyComplaint& complaint : complaints_) {
    add(urna::Check::kS11, "trustee ", complaint.trustee, " complained about dealer ",
        complaint.dealer);
  }
  for (uint32_t j = 1; j <= trustees_; ++j) {
    const auto number = static_cast<uint16_t>(j);
    const auto ack = acks_.find(number);
    if (ack == acks_.end()) {
      add(urna::Check::kS11, "trustee ", j, " has not acknowledged");
    } else if (!digest_.has_value() || ack->second.ceremony_digest != *digest_) {
      add(urna::Check::kS11, "trustee ", j,
          " has acknowledged other messages than those in the log");
    } else if (!keys_.has_value() || ack->second.key_context != keys_->key_context) {
      add(urna::Check::kS11, "trustee ", j,
          " has acknowledged other keys than the coefficients give");
    }
    if (!drills_.contains(number)) add(urna::Check::kS13, "trustee ", j, " has made no drill");
  }
  return out;
}

}  // namespace urna::election
