#include "tally/count_step.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/point.h"
#include "core/election/tally.h"
#include "tally/ceremony_step.h"

namespace urna::tally {
namespace {

using election::ElectionState;

// That this key may speak about this election: its poll, its number, its share, its keys.
absl::Status CheckOwnKey(const ElectionState& election, const crypto::VerifyKey& key,
                         const TrusteeState& state) {
  URNA_ASSIGN_OR_RETURN(const uint16_t number, TrusteeNumber(election.manifest(), key));
  if (!state.poll || *state.poll != election.poll_id() || state.trustee != number) {
    return absl::PermissionDeniedError("this key file belongs to another poll");
  }
  if (state.forgotten) {
    return absl::FailedPreconditionError("the key share was erased after the result");
  }
  if (!state.key_share || !state.key_context) {
    return absl::FailedPreconditionError("the key ceremony is not done: there is no key share");
  }
  const auto& keys = election.ceremony().keys();
  if (!election.opening() || election.opening()->attempt != state.attempt || !keys ||
      keys->key_context != *state.key_context ||
      crypto::MulBase(*state.key_share) != keys->verification_keys[number - 1]) {
    return absl::PermissionDeniedError(
        "the election was opened with other keys than those of this key file");
  }
  if (state.poll_context && *state.poll_context != election.voting()->poll_context) {
    return absl::PermissionDeniedError(
        "this key has acknowledged a count under another opening of this poll");
  }
  return absl::OkStatus();
}

// The pinned sum, with everything in it recomputed here once more.
absl::StatusOr<const ElectionState::Summed*> CheckSum(const ElectionState& election) {
  if (election.phase() != election::Phase::kSummed || !election.summed()) {
    return absl::FailedPreconditionError(
        "there is nothing to count: the log is not between the orders 'sum' and 'result'");
  }
  const ElectionState::Summed& summed = *election.summed();
  if (!summed.sums) return absl::FailedPreconditionError("the sums could not be recomputed");
  const poll::Sum expected = election.SumOrder(summed.index, *summed.sums);
  const poll::Sum& stated = summed.sum;
  if (stated.tree_size != expected.tree_size || stated.counted != expected.counted ||
      stated.counted_hash != expected.counted_hash || stated.parts != expected.parts ||
      stated.sums_hash != expected.sums_hash) {
    return absl::DataLossError("the order 'sum' does not state the counted set and the sums");
  }
  for (const poll::Part& part : stated.parts) {
    // SumOrder gives no such part; a trustee's tool looks once more.
    if (part.ballots < election.manifest().minimum_ballots) {
      return absl::FailedPreconditionError(
          absl::StrCat("a part of ", part.ballots, " ballots is below the minimum of ",
                       election.manifest().minimum_ballots, " and is not decrypted"));
    }
  }
  return &summed;
}

absl::StatusOr<const ElectionState*> CheckAudited(const audit::AuditResult& audited) {
  URNA_RETURN_IF_ERROR(CheckVerified(audited.report));
  if (audited.election == nullptr) {
    return absl::FailedPreconditionError("this record is not an election's");
  }
  return audited.election.get();
}

// The stored message of kind M of which `is` is true.
template <typename M, typename Is>
absl::StatusOr<std::optional<Bytes>> FindStored(const TrusteeState& state, const Is& is) {
  for (const Bytes& entry : state.messages) {
    URNA_ASSIGN_OR_RETURN(const election::SignedTrusteeMessage message, DecodeStored(entry));
    const M* of_kind = std::get_if<M>(&message.message);
    if (of_kind != nullptr && is(*of_kind)) return std::optional<Bytes>(entry);
  }
  return std::optional<Bytes>();
}

PinnedSet SetOf(const ElectionState::Summed& summed) {
  return {summed.order_hash, summed.sum.counted_hash, summed.sum.sums_hash};
}

// Whether only an auditor's policy makes the check possible (docs/protocol.md §11).
bool NeedsPolicy(Check check) {
  return (check >= Check::kI1 && check <= Check::kI5) || check == Check::kL6 ||
         check == Check::kS17;
}

}  // namespace

absl::Status CheckVerified(const audit::Report& report, bool with_policy) {
  if (report.verified()) return absl::OkStatus();
  for (const audit::CheckResult& result : report.results()) {
    if (result.outcome == audit::Outcome::kFail) {
      return absl::FailedPreconditionError(
          absl::StrCat("the record does not verify: ", InfoOf(result.check).number, ": ",
                       result.failures.empty() ? InfoOf(result.check).title
                                               : absl::string_view(result.failures.front())));
    }
  }
  for (const audit::CheckResult& result : report.results()) {
    if (result.outcome == audit::Outcome::kNotRun && (with_policy || !NeedsPolicy(result.check))) {
      return absl::FailedPreconditionError(
          absl::StrCat("the record is not verified: ", InfoOf(result.check).number,
                       " was not run: ", result.reason));
    }
  }
  return with_policy ? absl::FailedPreconditionError("the record does not verify")
                     : absl::OkStatus();
}

absl::StatusOr<Bytes> AcknowledgeCount(const audit::AuditResult& audited,
                                       const crypto::SigningKey& key, TrusteeState& state) {
  URNA_ASSIGN_OR_RETURN(const ElectionState* election, CheckAudited(audited));
  URNA_RETURN_IF_ERROR(CheckOwnKey(*election, key.public_key(), state));
  URNA_ASSIGN_OR_RETURN(const ElectionState::Summed* summed, CheckSum(*election));
  const PinnedSet set = SetOf(*summed);
  if (state.pinned && *state.pinned != set) {
    return absl::PermissionDeniedError(
        "this key has acknowledged another set already, and decrypts no second one");
  }
  state.poll_context = election->voting()->poll_context;
  state.pinned = set;
  state.verified = audit::VerifiedPrefix{audited.size, audited.root};
  URNA_ASSIGN_OR_RETURN(const auto made,
                        FindStored<election::CountAcknowledgement>(
                            state, [&](const election::CountAcknowledgement& message) {
                              return message.sum_order == set.sum_order;
                            }));
  if (made) return *made;
  URNA_ASSIGN_OR_RETURN(
      Bytes entry,
      SignTrusteeMessage(*state.poll,
                         election::CountAcknowledgement{
                             state.trustee, *state.poll_context, summed->index + 1, summed->root,
                             set.sum_order, set.counted_hash, set.sums_hash},
                         key));
  state.messages.push_back(entry);
  return entry;
}

absl::StatusOr<std::vector<Bytes>> DecryptParts(const audit::AuditResult& audited,
                                                const crypto::SigningKey& key, TrusteeState& state,
                                                crypto::Rng& rng) {
  URNA_ASSIGN_OR_RETURN(const ElectionState* election, CheckAudited(audited));
  URNA_RETURN_IF_ERROR(CheckOwnKey(*election, key.public_key(), state));
  URNA_ASSIGN_OR_RETURN(const ElectionState::Summed* summed, CheckSum(*election));
  if (!state.pinned) {
    return absl::FailedPreconditionError(
        "this trustee has not acknowledged the count: `urna-tally trustee acknowledge` first");
  }
  if (*state.pinned != SetOf(*summed)) {
    return absl::PermissionDeniedError(
        "the log's order 'sum' is not the one that this trustee has acknowledged");
  }
  if (!election->acknowledgements().contains(state.trustee)) {
    return absl::FailedPreconditionError("the own acknowledgement is not in the log yet");
  }
  if (!election->EnoughAcknowledgements()) {
    const size_t n = election->manifest().trustees.size();
    return absl::FailedPreconditionError(absl::StrCat(
        election->acknowledgements().size(), " of ", n, " trustees have acknowledged; more than ",
        (n + election->manifest().trustee_threshold - 1) / 2, " are needed"));
  }
  std::vector<Bytes> out;
  const crypto::RistrettoPoint& own =
      election->ceremony().keys()->verification_keys[state.trustee - 1];
  for (size_t i = 0; i < summed->sum.parts.size(); ++i) {
    const auto part = static_cast<uint16_t>(i);
    if (election->shares()[i].contains(state.trustee)) continue;
    URNA_ASSIGN_OR_RETURN(auto made, FindStored<election::DecryptionShare>(
                                         state, [&](const election::DecryptionShare& share) {
                                           return share.part == part;
                                         }));
    if (made) {
      out.push_back(*std::move(made));
      continue;
    }
    const uint16_t contest = summed->sum.parts[i].contest;
    const std::vector<crypto::Ciphertext>& sums = (*summed->sums)[i];
    const election::DecryptionShare share =
        election::MakeDecryptionShare(*state.poll_context, state.pinned->sum_order, state.trustee,
                                      part, contest, own, sums, *state.key_share, rng);
    URNA_RETURN_IF_ERROR(
        Annotate(election::VerifyDecryptionShareVarTime(
                     *state.poll_context, state.pinned->sum_order, contest, own, sums, share),
                 "the own share"));
    URNA_ASSIGN_OR_RETURN(Bytes entry, SignTrusteeMessage(*state.poll, share, key));
    state.messages.push_back(entry);
    out.push_back(std::move(entry));
  }
  state.verified = audit::VerifiedPrefix{audited.size, audited.root};
  return out;
}

absl::Status Forget(const audit::AuditResult& audited, TrusteeState& state) {
  URNA_ASSIGN_OR_RETURN(const ElectionState* election, CheckAudited(audited));
  if (!state.poll || *state.poll != election->poll_id()) {
    return absl::PermissionDeniedError("this key file belongs to another poll");
  }
  if (election->phase() != election::Phase::kFinal) {
    return absl::FailedPreconditionError("the election has no result yet");
  }
  state.polynomial.reset();
  state.encryption_key.reset();
  state.key_share.reset();
  state.forgotten = true;
  return absl::OkStatus();
}

}  // namespace urna::tally
