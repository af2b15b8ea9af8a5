#include "core/election/state.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/bytes.h"
#include "core/base/status.h"
#include "core/election/state_impl.h"

namespace urna::election {
namespace {

poll::Officers OfficersOf(const Manifest& manifest) {
  return {manifest.officers, manifest.officer_quorum};
}

}  // namespace

absl::string_view PhaseName(Phase phase) {
  switch (phase) {
    case Phase::kSetup:
      return "set-up";
    case Phase::kVoting:
      return "voting";
    case Phase::kClosed:
      return "closed";
    case Phase::kSummed:
      return "summed";
    case Phase::kFinal:
      return "final";
  }
  return "?";
}

ElectionState::Impl::Impl(SignedManifest manifest_entry, BallotReader read_ballot)
    : signed_manifest(std::move(manifest_entry)),
      poll_id(poll::ManifestHash(signed_manifest.signed_body.body)),
      orders(poll_id, OfficersOf(manifest()), manifest().schedule),
      ceremony(poll_id, 1, trustees(), manifest().trustee_threshold) {
  for (const roll::NamedKey& trustee : manifest().trustees) {
    auto key = crypto::VerifyKey::Decode(trustee.key);
    trustee_keys.push_back(key.ok() ? std::optional(*key) : std::nullopt);
  }
  if (!read_ballot) return;
  alphas = crypto::KeySet(
      [read_ballot](uint64_t index, const crypto::KeySet::Key& key) -> absl::StatusOr<bool> {
        URNA_ASSIGN_OR_RETURN(const Ballot ballot, read_ballot(index));
        bool found = false;
        ForEachAlpha(ballot, [&](uint16_t, size_t, const crypto::KeySet::Key& alpha) {
          found = alpha == key;
          return !found;
        });
        return found;
      });
  cast = crypto::KeySet(
      [this, read_ballot](uint64_t index, const crypto::KeySet::Key& key) -> absl::StatusOr<bool> {
        URNA_ASSIGN_OR_RETURN(const Ballot ballot, read_ballot(index));
        return SealedKey(ballot.credential, BallotTranscript(voting->poll_context, ballot)) == key;
      });
}

ElectionState::ElectionState(SignedManifest manifest, BallotReader read_ballot)
    : impl_(std::make_unique<Impl>(std::move(manifest), std::move(read_ballot))) {}
ElectionState::ElectionState(ElectionState&&) noexcept = default;
ElectionState& ElectionState::operator=(ElectionState&&) noexcept = default;
ElectionState::~ElectionState() = default;

std::vector<Violation> ElectionState::CheckManifestEntry(const SignedManifest& manifest) {
  std::vector<Violation> out;
  if (absl::Status status = CheckManifest(manifest.manifest); !status.ok()) {
    out.push_back({Check::kS1, Annotate(std::move(status), "manifest")});
  }
  for (Violation& violation :
       poll::CheckManifestSignatures(OfficersOf(manifest.manifest), manifest.signed_body)) {
    out.push_back(std::move(violation));
  }
  return out;
}

const Manifest& ElectionState::manifest() const { return impl_->manifest(); }
const crypto::Hash32& ElectionState::poll_id() const { return impl_->poll_id; }
Phase ElectionState::phase() const { return impl_->phase; }

Stage ElectionState::stage() const {
  switch (impl_->phase) {
    case Phase::kSetup:
      return Stage::kSetup;
    case Phase::kVoting:
      return Stage::kVoting;
    case Phase::kClosed:
    case Phase::kSummed:
      return Stage::kClosed;
    case Phase::kFinal:
      break;
  }
  return Stage::kFinal;
}

const poll::OrderChain& ElectionState::orders() const { return impl_->orders; }
const Ceremony& ElectionState::ceremony() const { return impl_->ceremony; }
const std::optional<VotingContext>& ElectionState::voting() const { return impl_->voting; }
const std::optional<poll::OpenElection>& ElectionState::opening() const { return impl_->opening; }
const std::optional<crypto::Hash32>& ElectionState::beacon() const { return impl_->pinned_beacon; }
uint64_t ElectionState::ballots() const { return impl_->ballots; }
uint64_t ElectionState::voters() const { return impl_->last_ballots.size(); }
std::vector<ElectionState::CountedBallot> ElectionState::CountedBallots() const {
  return impl_->CountedBallots();
}
std::vector<uint64_t> ElectionState::Counted() const { return impl_->Counted(); }
std::vector<poll::Part> ElectionState::Parts() const { return impl_->Parts(); }
const std::optional<ElectionState::Summed>& ElectionState::summed() const { return impl_->summed; }
const std::map<uint16_t, CountAcknowledgement>& ElectionState::acknowledgements() const {
  return impl_->acknowledgements;
}
bool ElectionState::EnoughAcknowledgements() const { return impl_->EnoughAcknowledgements(); }
const std::vector<std::map<uint16_t, DecryptionShare>>& ElectionState::shares() const {
  return impl_->shares;
}
const std::optional<poll::ElectionResult>& ElectionState::published() const {
  return impl_->published;
}

const std::map<uint64_t, ElectionState::LoggedChallenge>& ElectionState::challenges() const {
  return impl_->challenges;
}
const absl::flat_hash_map<ElectionState::Credential,
                          std::shared_ptr<const ElectionState::Revocation>>&
ElectionState::revoked() const {
  return impl_->revoked;
}

std::optional<LastBallots::Ballot> ElectionState::Find(const Credential& credential) const {
  return impl_->last_ballots.Find(credential);
}

roll::DistrictWeight ElectionState::MemberOf(const Credential& credential) const {
  return impl_->last_ballots.MemberOf(credential);
}

uint64_t ElectionState::LastSequence(const Credential& credential) const {
  return impl_->LastSequence(credential);
}

}  // namespace urna::election
