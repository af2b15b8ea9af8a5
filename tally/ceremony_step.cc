#include "tally/ceremony_step.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/status.h"
#include "core/crypto/drill.h"
#include "core/crypto/key_ceremony.h"

namespace urna::tally {
namespace {

using election::Ceremony;
using election::ElectionState;

// One look at the log by one trustee.
class Stepper {
 public:
  Stepper(const PollReplay& replay, const crypto::SigningKey& key, TrusteeState& state,
          crypto::Rng& rng)
      : replay_(replay),
        election_(*replay.election()),
        ceremony_(replay.election()->ceremony()),
        key_(key),
        state_(state),
        rng_(rng) {}

  // Whether log and state are of one history.
  absl::Status CheckHistory();
  absl::StatusOr<CeremonyStep> Next();
  absl::StatusOr<CeremonyStep> NewDrill();

 private:
  uint16_t me() const { return state_.trustee; }
  bool Logged(ByteSpan entry) const;
  // The stored message of kind M of which `is` is true.
  template <typename M, typename Is>
  absl::StatusOr<Bytes> Stored(const Is& is) const;
  absl::StatusOr<CeremonyStep> Send(const election::TrusteeMessage& message, const char* what);
  CeremonyStep Wait(const std::string& what) const { return {CeremonyStep::Kind::kWait, {}, what}; }
  template <typename Map>
  CeremonyStep WaitFor(const char* what, const Map& logged) const;

  absl::Status BeginAttempt();
  absl::StatusOr<CeremonyStep> AfterComplaint();
  absl::StatusOr<CeremonyStep> SendStored(uint8_t type, const char* what) const;
  absl::StatusOr<CeremonyStep> SendShares();
  absl::StatusOr<CeremonyStep> AcknowledgeOrComplain();
  absl::StatusOr<std::vector<crypto::RistrettoPoint>> CoefficientsOf(uint16_t dealer) const;
  // The share from one dealer, or the complaint about it.
  struct Received {
    std::optional<crypto::SecretScalar> share;
    uint8_t complaint = 0;
  };
  absl::StatusOr<Received> ReceiveShare(uint16_t dealer) const;
  absl::Status CheckKeys() const;

  const PollReplay& replay_;
  const ElectionState& election_;
  const Ceremony& ceremony_;
  const crypto::SigningKey& key_;
  TrusteeState& state_;
  crypto::Rng& rng_;
};

bool Stepper::Logged(ByteSpan entry) const {
  return std::any_of(replay_.logged_messages().begin(), replay_.logged_messages().end(),
                     [&](const LoggedMessage& logged) { return BytesEqual(logged.entry, entry); });
}

template <typename M, typename Is>
absl::StatusOr<Bytes> Stepper::Stored(const Is& is) const {
  for (const Bytes& entry : state_.messages) {
    URNA_ASSIGN_OR_RETURN(const election::SignedTrusteeMessage message, DecodeStored(entry));
    const M* of_kind = std::get_if<M>(&message.message);
    if (of_kind != nullptr && is(*of_kind)) return entry;
  }
  return absl::NotFoundError("no such message was made");
}

absl::StatusOr<CeremonyStep> Stepper::Send(const election::TrusteeMessage& message,
                                           const char* what) {
  URNA_ASSIGN_OR_RETURN(Bytes entry, SignTrusteeMessage(*state_.poll, message, key_));
  state_.messages.push_back(entry);
  return CeremonyStep{CeremonyStep::Kind::kSend, std::move(entry), what};
}

template <typename Map>
CeremonyStep Stepper::WaitFor(const char* what, const Map& logged) const {
  std::vector<std::string> names;
  for (uint16_t j = 1; j <= ceremony_.trustees(); ++j) {
    if (!logged.contains(j)) names.push_back(election_.manifest().trustees[j - 1].name);
  }
  return Wait(absl::StrCat("waiting for the ", what, " of ", absl::StrJoin(names, ", ")));
}

// A message of this trustee that this key file has not made shows a second copy of the key, whose
// secrets would be others.
absl::Status Stepper::CheckHistory() {
  URNA_RETURN_IF_ERROR(replay_.CheckNoProblems());
  URNA_RETURN_IF_ERROR(BindToPoll(replay_, key_.public_key(), state_));
  if (ceremony_.attempt() < state_.attempt) {
    return absl::DataLossError(absl::StrCat("this key took part in attempt ", state_.attempt,
                                            ", the log shows attempt ", ceremony_.attempt()));
  }
  if (ceremony_.attempt() > state_.attempt) return absl::OkStatus();
  for (const LoggedMessage& logged : replay_.logged_messages()) {
    if (logged.message.trustee() != me()) continue;
    const uint16_t attempt = std::visit(
        [&](const auto& m) -> uint16_t {
          if constexpr (requires { m.attempt; }) return m.attempt;
          return state_.attempt;
        },
        logged.message.message);
    if (attempt != state_.attempt) continue;
    const bool own = std::any_of(state_.messages.begin(), state_.messages.end(),
                                 [&](const Bytes& made) { return made == logged.entry; });
    if (!own) {
      return absl::DataLossError(
          absl::StrCat("entry ", logged.index,
                       " is a message of this trustee that this key file "
                       "has not made: use the newest copy of the key file, and only one"));
    }
  }
  return absl::OkStatus();
}

absl::Status Stepper::BeginAttempt() {
  if (state_.poll_context) {
    return absl::FailedPreconditionError(
        "this key has acknowledged a count already and makes no new one");
  }
  state_.BeginAttempt(ceremony_.attempt());
  crypto::Dealer dealer =
      crypto::Dealer::Make(*state_.poll, ceremony_.attempt(), me(), ceremony_.threshold(), rng_);
  const crypto::DealerCoefficients& published = dealer.published;
  URNA_ASSIGN_OR_RETURN(Bytes commitment,
                        SignTrusteeMessage(*state_.poll,
                                           election::KeyCommitment{
                                               ceremony_.attempt(), me(),
                                               crypto::KeyCommitmentHash(*state_.poll, published)},
                                           key_));
  URNA_ASSIGN_OR_RETURN(Bytes coefficients,
                        SignTrusteeMessage(*state_.poll,
                                           election::KeyCoefficients{
                                               ceremony_.attempt(), me(),
                                               crypto::EncodePoints(published.coefficients),
                                               crypto::EncodeCoefficientProofs(published.proofs),
                                               published.encryption_key, published.salt},
                                           key_));
  state_.messages.push_back(std::move(commitment));
  state_.messages.push_back(std::move(coefficients));
  state_.polynomial = std::move(dealer.secrets.polynomial);
  state_.encryption_key = std::move(dealer.secrets.encryption_key);
  return absl::OkStatus();
}

absl::StatusOr<CeremonyStep> Stepper::SendStored(uint8_t type, const char* what) const {
  for (const Bytes& entry : state_.messages) {
    if (entry[0] == type) return CeremonyStep{CeremonyStep::Kind::kSend, entry, what};
  }
  return absl::DataLossError(absl::StrCat("the key file has lost its ", what));
}

absl::StatusOr<CeremonyStep> Stepper::Next() {
  if (ceremony_.attempt() > state_.attempt) {
    if (election_.phase() != election::Phase::kSetup) {
      return absl::FailedPreconditionError(
          "the election was opened with keys that this key file has no part in");
    }
    URNA_RETURN_IF_ERROR(BeginAttempt());
  }
  if (!ceremony_.complaints().empty()) return AfterComplaint();
  const size_t all = ceremony_.trustees();
  if (!ceremony_.commitments().contains(me())) return SendStored(0x20, "key commitment");
  if (ceremony_.commitments().size() < all) {
    return WaitFor("key commitment", ceremony_.commitments());
  }
  if (!ceremony_.coefficients().contains(me())) return SendStored(0x21, "key coefficients");
  if (ceremony_.coefficients().size() < all) {
    return WaitFor("key coefficients", ceremony_.coefficients());
  }
  if (!ceremony_.shares().contains(me())) return SendShares();
  if (ceremony_.shares().size() < all) return WaitFor("key shares", ceremony_.shares());
  if (!ceremony_.acknowledgements().contains(me())) return AcknowledgeOrComplain();
  if (ceremony_.acknowledgements().size() < all) {
    return WaitFor("key acknowledgement", ceremony_.acknowledgements());
  }
  // Nobody can complain any more: the polynomial has done its work.
  state_.polynomial.reset();
  if (!ceremony_.last_drill().contains(me())) return NewDrill();
  return CeremonyStep{CeremonyStep::Kind::kDone, {}, "the key share is made and drilled"};
}

absl::StatusOr<CeremonyStep> Stepper::AfterComplaint() {
  for (const election::KeyComplaint& complaint : ceremony_.complaints()) {
    if (complaint.dealer != me()) continue;
    const auto of_dealer = [](const election::KeyShareOpening&) { return true; };
    absl::StatusOr<Bytes> opening = Stored<election::KeyShareOpening>(of_dealer);
    if (opening.ok() && Logged(*opening)) continue;
    if (opening.ok()) {
      return CeremonyStep{CeremonyStep::Kind::kSend, *std::move(opening), "key share opening"};
    }
    if (!state_.polynomial) {
      return absl::FailedPreconditionError("the polynomial of this attempt is not kept any more");
    }
    const crypto::SecretScalar share = state_.polynomial->ShareFor(complaint.trustee);
    return Send(election::KeyShareOpening{ceremony_.attempt(), me(), complaint.trustee,
                                          share.ExposeForOpening().bytes()},
                "key share opening");
  }
  const election::KeyComplaint& first = ceremony_.complaints().front();
  const auto& trustees = election_.manifest().trustees;
  return Wait(absl::StrCat("attempt ", ceremony_.attempt(), " was ended by a complaint of ",
                           trustees[first.trustee - 1].name, " about ",
                           trustees[first.dealer - 1].name,
                           "; waiting for the officers' order of a new attempt"));
}

absl::StatusOr<CeremonyStep> Stepper::SendShares() {
  if (!ceremony_.ceremony_hash() || !ceremony_.keys()) {
    return absl::DataLossError("the coefficients in the log give no keys");
  }
  if (state_.ceremony && *state_.ceremony != *ceremony_.ceremony_hash()) {
    return absl::DataLossError(
        "the log has other coefficients than those that the key shares were made for");
  }
  if (state_.ceremony) return SendStored(0x22, "key shares");
  if (!state_.polynomial || !state_.encryption_key) {
    return absl::DataLossError("the key file has lost the secrets of this attempt");
  }
  state_.ceremony = *ceremony_.ceremony_hash();
  election::KeyShares message{ceremony_.attempt(), me(), {}};
  for (uint16_t j = 1; j <= ceremony_.trustees(); ++j) {
    if (j == me()) continue;
    const crypto::ShareContext context{*state_.poll, ceremony_.attempt(), *state_.ceremony, me(),
                                       j};
    URNA_ASSIGN_OR_RETURN(const crypto::SealedShare sealed,
                          crypto::SealShare(context, *state_.encryption_key,
                                            ceremony_.coefficients().at(j).encryption_key,
                                            state_.polynomial->ShareFor(j), rng_));
    message.shares.push_back({j, sealed.nonce, sealed.ciphertext});
  }
  return Send(message, "key shares");
}

absl::StatusOr<std::vector<crypto::RistrettoPoint>> Stepper::CoefficientsOf(uint16_t dealer) const {
  return crypto::DecodePoints(ceremony_.coefficients().at(dealer).coefficients);
}

absl::StatusOr<Stepper::Received> Stepper::ReceiveShare(uint16_t dealer) const {
  Received out;
  if (dealer == me()) {
    out.share = state_.polynomial->ShareFor(me());
  } else {
    const std::vector<election::EncryptedShare>& shares = ceremony_.shares().at(dealer).shares;
    const auto mine = std::find_if(
        shares.begin(), shares.end(),
        [&](const election::EncryptedShare& share) { return share.recipient == me(); });
    if (mine == shares.end()) return absl::DataLossError("a dealer has left this trustee out");
    const crypto::ShareContext context{*state_.poll, ceremony_.attempt(), *state_.ceremony, dealer,
                                       me()};
    absl::StatusOr<crypto::SecretScalar> opened = crypto::OpenShare(
        context, *state_.encryption_key, ceremony_.coefficients().at(dealer).encryption_key,
        {mine->nonce, mine->ciphertext});
    if (!opened.ok()) {
      out.complaint = 1;
      return out;
    }
    out.share = *std::move(opened);
  }
  URNA_ASSIGN_OR_RETURN(const auto coefficients, CoefficientsOf(dealer));
  if (!crypto::VerifyShare(*out.share, me(), coefficients).ok()) {
    if (dealer == me()) return absl::DataLossError("the key file's polynomial is damaged");
    out.share.reset();
    out.complaint = 2;
  }
  return out;
}

absl::StatusOr<CeremonyStep> Stepper::AcknowledgeOrComplain() {
  const auto any = [](const auto&) { return true; };
  if (absl::StatusOr<Bytes> complaint = Stored<election::KeyComplaint>(any); complaint.ok()) {
    return CeremonyStep{CeremonyStep::Kind::kSend, *std::move(complaint), "complaint"};
  }
  if (!ceremony_.digest() || !ceremony_.keys() || !state_.ceremony ||
      *state_.ceremony != *ceremony_.ceremony_hash()) {
    return absl::DataLossError("the messages in the log are not those this key took part with");
  }
  const auto made =
      Stored<election::KeyAcknowledgement>([&](const election::KeyAcknowledgement& message) {
        return message.ceremony_digest == *ceremony_.digest();
      });
  if (made.ok()) return CeremonyStep{CeremonyStep::Kind::kSend, *made, "key acknowledgement"};
  if (state_.key_share) {
    return absl::DataLossError("this key has acknowledged other messages than those in the log");
  }
  if (!state_.polynomial || !state_.encryption_key) {
    return absl::DataLossError("the key file has lost the secrets of this attempt");
  }
  std::vector<crypto::SecretScalar> shares;
  for (uint16_t dealer = 1; dealer <= ceremony_.trustees(); ++dealer) {
    URNA_ASSIGN_OR_RETURN(Received received, ReceiveShare(dealer));
    if (!received.share) {
      return Send(election::KeyComplaint{ceremony_.attempt(), me(), dealer, received.complaint},
                  "complaint");
    }
    shares.push_back(*std::move(received.share));
  }
  crypto::SecretScalar share = crypto::CombineShares(shares);
  const Ceremony::Keys& keys = *ceremony_.keys();
  if (crypto::MulBase(share) != keys.verification_keys[me() - 1]) {
    return absl::DataLossError("the shares do not add up to the verification key");
  }
  state_.key_share = std::move(share);
  state_.key_context = keys.key_context;
  state_.encryption_key.reset();
  return Send(election::KeyAcknowledgement{ceremony_.attempt(), me(), *ceremony_.digest(),
                                           keys.key_context},
              "key acknowledgement");
}

absl::Status Stepper::CheckKeys() const {
  if (state_.forgotten) {
    return absl::FailedPreconditionError("the key share was erased after the result");
  }
  if (!state_.key_share || !state_.key_context) {
    return absl::FailedPreconditionError("the key ceremony is not done: there is no key share yet");
  }
  if (!ceremony_.keys() || ceremony_.keys()->key_context != *state_.key_context) {
    return absl::DataLossError("the log has other keys than those that this trustee acknowledged");
  }
  return absl::OkStatus();
}

absl::StatusOr<CeremonyStep> Stepper::NewDrill() {
  URNA_RETURN_IF_ERROR(CheckKeys());
  const auto found = ceremony_.last_drill().find(me());
  uint32_t last = found == ceremony_.last_drill().end() ? 0 : found->second;
  const auto waiting =
      Stored<election::Drill>([&](const election::Drill& drill) { return drill.drill > last; });
  if (waiting.ok()) return CeremonyStep{CeremonyStep::Kind::kSend, *waiting, "drill"};
  if (last == UINT32_MAX) return absl::OutOfRangeError("there are no drill numbers left");
  const crypto::RistrettoPoint& own = ceremony_.keys()->verification_keys[me() - 1];
  const crypto::Drill drill =
      crypto::MakeDrill(*state_.key_context, last + 1, me(), *state_.key_share, own, rng_);
  URNA_RETURN_IF_ERROR(crypto::VerifyDrillVarTime(*state_.key_context, me(), own, drill));
  return Send(election::Drill{ceremony_.attempt(), me(), drill.number, drill.share.bytes(),
                              drill.proof.Encode()},
              "drill");
}

absl::Status CheckElection(const PollReplay& replay) {
  if (replay.election() != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError("this poll is a petition, which has no trustees");
}

}  // namespace

absl::StatusOr<uint16_t> TrusteeNumber(const election::Manifest& manifest,
                                       const crypto::VerifyKey& key) {
  for (size_t i = 0; i < manifest.trustees.size(); ++i) {
    if (manifest.trustees[i].key == key.bytes()) return static_cast<uint16_t>(i + 1);
  }
  return absl::PermissionDeniedError("this key is not one of the election's trustees'");
}

absl::StatusOr<Bytes> SignTrusteeMessage(const crypto::Hash32& poll,
                                         const election::TrusteeMessage& message,
                                         const crypto::SigningKey& key) {
  election::SignedTrusteeMessage out;
  out.type = record::TypeOf(message);
  URNA_ASSIGN_OR_RETURN(out.fields, record::EncodeFields(message));
  out.message = message;
  out.signature = key.Sign(election::TrusteeSignatureMessage(poll, out.type, out.fields));
  return record::EncodeEntry(out);
}

absl::Status BindToPoll(const PollReplay& replay, const crypto::VerifyKey& key,
                        TrusteeState& state) {
  URNA_ASSIGN_OR_RETURN(const uint16_t number, TrusteeNumber(replay.election()->manifest(), key));
  if (!state.poll) {
    state.poll = replay.poll_id();
    state.trustee = number;
  }
  if (*state.poll == replay.poll_id() && state.trustee == number) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("this key file belongs to the poll ",
                                                  ToHex(*state.poll),
                                                  "; every election has keys of its own"));
}

absl::StatusOr<CeremonyStep> NextCeremonyStep(const PollReplay& replay,
                                              const crypto::SigningKey& key, TrusteeState& state,
                                              crypto::Rng& rng) {
  URNA_RETURN_IF_ERROR(CheckElection(replay));
  Stepper stepper(replay, key, state, rng);
  URNA_RETURN_IF_ERROR(stepper.CheckHistory());
  return stepper.Next();
}

absl::StatusOr<CeremonyStep> NextDrill(const PollReplay& replay, const crypto::SigningKey& key,
                                       TrusteeState& state, crypto::Rng& rng) {
  URNA_RETURN_IF_ERROR(CheckElection(replay));
  if (replay.election()->phase() == election::Phase::kFinal) {
    return absl::FailedPreconditionError("the election is final; nothing is logged any more");
  }
  Stepper stepper(replay, key, state, rng);
  URNA_RETURN_IF_ERROR(stepper.CheckHistory());
  return stepper.NewDrill();
}

}  // namespace urna::tally
