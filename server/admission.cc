#include "server/admission.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/record/log_links.h"
#include "server/entry_proofs.h"
#include "server/rate_limits.h"
#include "server/refusals.h"
#include "server/sums.h"
#include "server/witness_rules.h"

namespace urna::server {
namespace {

using record::Entry;

absl::string_view DoorName(Door door) {
  switch (door) {
    case Door::kCast:
      return "Voting.Cast";
    case Door::kAct:
      return "Petitions.Act";
    case Door::kCreateLog:
      return "Administration.CreateLog";
    case Door::kAppend:
      return "Administration.Append";
  }
  return "";
}

Door DoorOf(const Entry& entry) {
  if (record::IsVotersEntry(record::TypeOf(entry))) return Door::kCast;
  if (record::IsPetitionAct(record::TypeOf(entry))) return Door::kAct;
  if (std::holds_alternative<election::SignedManifest>(entry) ||
      std::holds_alternative<petition::SignedManifest>(entry) ||
      std::holds_alternative<roll::SignedRollHeader>(entry)) {
    return Door::kCreateLog;
  }
  return Door::kAppend;
}

// What a roll has many of.
bool IsOfMembers(const Entry& entry) {
  return std::holds_alternative<roll::RollMember>(entry) ||
         std::holds_alternative<roll::SignedRollChange>(entry);
}

// Orders and trustee messages carry signatures of whoever may give them; ballots and acts carry
// proofs. Everything else needs the token.
bool NeedsToken(const Entry& entry) {
  return DoorOf(entry) == Door::kCreateLog || IsOfMembers(entry) ||
         std::holds_alternative<roll::SignedRollSeal>(entry);
}

absl::Status CheckDoor(const AdmissionRequest& request, const Entry& entry) {
  if (std::holds_alternative<poll::WitnessedCheckpoint>(entry)) {
    return absl::PermissionDeniedError(
        "witnessed checkpoints are logged by the board itself, and by nobody else");
  }
  const Door right = DoorOf(entry);
  if (right != request.door) {
    return absl::FailedPreconditionError(absl::StrCat(DoorName(request.door), " does not take ",
                                                      record::NameAnEntry(entry), "; ",
                                                      DoorName(right), " does"));
  }
  if (NeedsToken(entry) && !request.administrator) {
    return absl::PermissionDeniedError(absl::StrCat("to log ", record::NameAnEntry(entry),
                                                    " the board's administration token is needed"));
  }
  if (request.entries.size() > 1 && !IsOfMembers(entry)) {
    return absl::InvalidArgumentError(
        absl::StrCat("only roll members and roll changes are logged many at once, not ",
                     record::NameAnEntry(entry)));
  }
  return absl::OkStatus();
}

// Whose act it is, the credential or the tag; null if it is no voter's or signer's.
const std::array<uint8_t, 32>* CredentialOf(const Entry& entry) {
  if (const auto* ballot = std::get_if<election::Ballot>(&entry)) return &ballot->credential;
  if (const auto* challenge = std::get_if<election::BallotChallenge>(&entry)) {
    return &challenge->credential;
  }
  if (const auto* act = std::get_if<petition::PetitionAct>(&entry)) return &act->credential;
  if (const auto* act = std::get_if<petition::RingAct>(&entry)) return &act->tag;
  if (const auto* act = std::get_if<petition::TagAct>(&entry)) return &act->tag;
  return nullptr;
}

}  // namespace

struct Admission::Impl {
  const Ledger& ledger;
  const LogViews& views;
  Committer& committer;
  const Clock& clock;
  crypto::Rng& rng;
  const AdmissionOptions options;
  const unsigned thread_count;
  AdmissionQueue queue;
  RateLimits of_credentials;
  RateLimits of_peers;
  std::vector<std::thread> threads;

  void Run();
  void Handle(AdmissionRequest request);
  // Refuses the request or hands it on.
  void Finish(AdmissionRequest request, absl::StatusOr<Submission> submission);
  absl::StatusOr<std::shared_ptr<const LogView>> FindView(const std::string& origin) const;
  void HandleTogether(std::vector<AdmissionRequest> requests);
  absl::StatusOr<Submission> Admit(const AdmissionRequest& request);
  absl::Status VerifyAll(const LogView& view, std::vector<AdmittedEntry>& entries);
  std::vector<absl::Status> VerifyNew(const LogView& view, std::span<AdmittedEntry* const> entries,
                                      unsigned on_threads);
  absl::Status CheckRate(const Entry& entry);
  void Tell(Verdict verdict) const;
  absl::Status CheckTime(const poll::SignedOrder& order) const;
  absl::Status AddSums(const LogView& view, const poll::SignedOrder& order, Submission& submission);
};

namespace {

absl::StatusOr<AdmittedEntry> Decode(const AdmissionRequest& request, const Bytes& bytes) {
  if (bytes.size() > record::kMaxEntrySize) {
    return absl::InvalidArgumentError(absl::StrCat("an entry has at most ", record::kMaxEntrySize,
                                                   " bytes, this one ", bytes.size()));
  }
  URNA_ASSIGN_OR_RETURN(Entry entry, record::DecodeEntry(bytes));
  URNA_RETURN_IF_ERROR(CheckDoor(request, entry));
  return AdmittedEntry{bytes, merkle::LeafHash(bytes), std::move(entry)};
}

}  // namespace

absl::StatusOr<std::shared_ptr<const LogView>> Admission::Impl::FindView(
    const std::string& origin) const {
  std::shared_ptr<const LogView> view = views.Find(origin);
  if (view == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no log '", origin, "' on this board"));
  }
  return view;
}

absl::Status Admission::Impl::CheckTime(const poll::SignedOrder& order) const {
  const int64_t latest = clock.NowSeconds() + options.order_tolerance_seconds;
  if (latest < 0 || order.order.time > static_cast<uint64_t>(latest)) {
    return absl::InvalidArgumentError(
        absl::StrCat("order ", order.order.number, " '", poll::OrderName(order.order.kind()),
                     "': its time ", order.order.time, " is more than ",
                     options.order_tolerance_seconds, " s ahead of the board's clock"));
  }
  return absl::OkStatus();
}

// The counted set stands still once an election is closed, so that it can be summed here while the
// committer goes on.
absl::Status Admission::Impl::AddSums(const LogView& view, const poll::SignedOrder& order,
                                      Submission& submission) {
  absl::Status status;
  std::vector<election::ElectionState::CountedBallot> counted;
  std::vector<poll::Part> parts;
  URNA_RETURN_IF_ERROR(committer.Inspect(view.facts->origin, [&](const OpenLog* log) {
    const election::ElectionState* election = log == nullptr ? nullptr : log->state.election();
    if (election == nullptr) {
      status = absl::FailedPreconditionError("only elections are summed");
      return;
    }
    // Who has no right to have it summed does not make us do it.
    status = FirstOf(election->CheckOrder(order, log->tree.size(), nullptr, nullptr));
    if (status.ok()) status = CheckNothingOwed(*log, order.order, clock.NowSeconds());
    if (!status.ok()) return;
    counted = election->CountedBallots();
    parts = election->Parts();
  }));
  URNA_RETURN_IF_ERROR(status);
  URNA_ASSIGN_OR_RETURN(election::PartSums sums,
                        ComputeSums(ledger, view.number, *view.facts->election, counted, parts));
  submission.sums = std::make_shared<const election::PartSums>(std::move(sums));
  return absl::OkStatus();
}

// Of an entry whose proofs have been verified and which is not logged yet.
absl::Status Admission::Impl::CheckRate(const Entry& entry) {
  const std::array<uint8_t, 32>* credential = CredentialOf(entry);
  if (credential == nullptr) return absl::OkStatus();
  const int64_t wait = of_credentials.Take(*credential, std::chrono::steady_clock::now());
  return wait == 0 ? absl::OkStatus() : TooOften("this credential", wait);
}

// What is logged has been verified; the committer will find it. The view is asked before the
// ledger: an act that was published meanwhile is then found there, and gets its receipt.
std::vector<absl::Status> Admission::Impl::VerifyNew(const LogView& view,
                                                     std::span<AdmittedEntry* const> entries,
                                                     unsigned on_threads) {
  std::vector<Judged> judged = JudgeBeforeProofs(view, entries);
  std::vector<AdmittedEntry*> to_verify;
  std::vector<size_t> places;
  std::map<merkle::Hash, size_t> first_of;  // of those of which there are copies: a place
  std::vector<size_t> copies;
  for (size_t i = 0; i < entries.size(); ++i) {
    const absl::StatusOr<std::optional<uint64_t>> logged =
        ledger.FindLeaf(view.number, entries[i]->leaf_hash);
    if (!logged.ok()) {
      judged[i].status = logged.status();
    } else if (logged->has_value()) {
      judged[i] = {absl::OkStatus(), Verdict::kLogged};
    } else if (judged[i].status.ok()) {
      if (first_of.try_emplace(entries[i]->leaf_hash, i).second) {
        to_verify.push_back(entries[i]);
        places.push_back(i);
      } else {
        copies.push_back(i);
      }
    }
  }
  std::vector<Judged> verified = JudgeProofs(view, to_verify, on_threads, rng);
  for (size_t i = 0; i < places.size(); ++i) {
    Judged& one = verified[i];
    if (one.status.ok()) {
      one.status = CheckRate(to_verify[i]->entry);
    } else if (one.verdict == Verdict::kProof || one.verdict == Verdict::kRing) {
      one.status = FalseProof(std::move(one.status));
    }
    judged[places[i]] = std::move(verified[i]);
  }
  for (const size_t copy : copies) {
    const size_t first = first_of.at(entries[copy]->leaf_hash);
    judged[copy] = {judged[first].status, Verdict::kCopy};
    entries[copy]->opened = entries[first]->opened;
  }
  std::vector<absl::Status> statuses;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (record::IsPetitionAct(record::TypeOf(entries[i]->entry))) Tell(judged[i].verdict);
    statuses.push_back(std::move(judged[i].status));
  }
  return statuses;
}

void Admission::Impl::Tell(Verdict verdict) const {
  if (options.judged_act) options.judged_act(verdict);
}

absl::Status Admission::Impl::VerifyAll(const LogView& view, std::vector<AdmittedEntry>& entries) {
  std::vector<AdmittedEntry*> pointers;
  for (AdmittedEntry& entry : entries) pointers.push_back(&entry);
  const std::vector<absl::Status> statuses = VerifyNew(view, pointers, 0);
  if (statuses.size() == 1) return statuses.front();
  for (size_t i = 0; i < statuses.size(); ++i) {
    URNA_RETURN_IF_ERROR(Annotate(statuses[i], absl::StrCat("entry ", i, " of this message")));
  }
  return absl::OkStatus();
}

absl::StatusOr<Submission> Admission::Impl::Admit(const AdmissionRequest& request) {
  if (request.entries.empty()) return absl::InvalidArgumentError("there is no entry to log");
  Submission submission;
  submission.origin = request.origin;
  for (const Bytes& bytes : request.entries) {
    URNA_ASSIGN_OR_RETURN(AdmittedEntry admitted, Decode(request, bytes));
    submission.entries.push_back(std::move(admitted));
  }
  const Entry& first = submission.entries.front().entry;
  if (request.door == Door::kCreateLog) {
    submission.creates_log = true;
    submission.origin = record::IdentityOf(first)->origin;  // as CheckDoor has seen
    return submission;
  }
  URNA_ASSIGN_OR_RETURN(const std::shared_ptr<const LogView> view, FindView(request.origin));
  if (const auto* order = std::get_if<poll::SignedOrder>(&first)) {
    URNA_RETURN_IF_ERROR(CheckTime(*order));
    URNA_ASSIGN_OR_RETURN(const std::optional<uint64_t> logged,
                          ledger.FindLeaf(view->number, submission.entries.front().leaf_hash));
    if (order->order.kind() == poll::OrderKind::kSum && !logged.has_value()) {
      URNA_RETURN_IF_ERROR(AddSums(*view, *order, submission));
    }
    return submission;
  }
  URNA_RETURN_IF_ERROR(VerifyAll(*view, submission.entries));
  return submission;
}

void Admission::Impl::Finish(AdmissionRequest request, absl::StatusOr<Submission> submission) {
  if (!submission.ok()) {
    if (IsFalseProof(submission.status()) && !request.peer.empty()) {
      of_peers.Charge(AsBytes(request.peer), kFalseProofActs, std::chrono::steady_clock::now());
    }
    request.done(submission.status());
    return;
  }
  submission->done = std::move(request.done);
  committer.Submit(*std::move(submission));
}

void Admission::Impl::Handle(AdmissionRequest request) {
  absl::StatusOr<Submission> submission = Admit(request);
  Finish(std::move(request), std::move(submission));
}

void Admission::Impl::HandleTogether(std::vector<AdmissionRequest> requests) {
  const absl::StatusOr<std::shared_ptr<const LogView>> view = FindView(requests.front().origin);
  std::vector<absl::StatusOr<AdmittedEntry>> entries;
  std::vector<AdmittedEntry*> to_verify;
  std::vector<size_t> places;
  entries.reserve(requests.size());  // so that they stay where they are
  for (size_t i = 0; i < requests.size(); ++i) {
    entries.push_back(Decode(requests[i], requests[i].entries.front()));
    if (!entries[i].ok()) {
      if (requests[i].door == Door::kAct) Tell(Verdict::kForm);
      continue;
    }
    if (!view.ok()) {
      entries[i] = view.status();
      continue;
    }
    to_verify.push_back(&*entries[i]);
    places.push_back(i);
  }
  if (!to_verify.empty()) {
    const std::vector<absl::Status> statuses = VerifyNew(**view, to_verify, 1);
    for (size_t i = 0; i < places.size(); ++i) {
      if (!statuses[i].ok()) entries[places[i]] = statuses[i];
    }
  }
  for (size_t i = 0; i < requests.size(); ++i) {
    absl::StatusOr<Submission> submission = Submission();
    if (!entries[i].ok()) {
      submission = entries[i].status();
    } else {
      submission->origin = requests[i].origin;
      submission->entries.push_back(*std::move(entries[i]));
    }
    Finish(std::move(requests[i]), std::move(submission));
  }
}

void Admission::Impl::Run() {
  while (true) {
    std::vector<AdmissionRequest> requests = queue.Take();
    if (requests.empty()) return;
    if (GoesTogether(requests.front())) {
      HandleTogether(std::move(requests));
    } else {
      Handle(std::move(requests.front()));
    }
  }
}

namespace {

unsigned ThreadsOf(const AdmissionOptions& options) {
  if (options.threads != 0) return options.threads;
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

Admission::Admission(const Ledger& ledger, const LogViews& views, Committer& committer,
                     const Clock& clock, crypto::Rng& rng, const AdmissionOptions& options)
    : impl_(new Impl{ledger,
                     views,
                     committer,
                     clock,
                     rng,
                     options,
                     ThreadsOf(options),
                     AdmissionQueue(options.queue),
                     RateLimits(options.acts_per_credential, rng),
                     RateLimits(options.acts_per_peer, rng),
                     {}}) {
  for (unsigned i = 0; i < impl_->thread_count; ++i) {
    impl_->threads.emplace_back([this] { impl_->Run(); });
  }
}

Admission::~Admission() { Stop(); }

void Admission::Submit(AdmissionRequest request) {
  absl::Status refused;
  if (!request.peer.empty()) {
    const int64_t wait =
        impl_->of_peers.Take(AsBytes(request.peer), std::chrono::steady_clock::now());
    if (wait > 0) refused = TooOften("your network", wait);
  }
  if (refused.ok()) refused = impl_->queue.Push(request);
  if (!refused.ok()) request.done(refused);
}

size_t Admission::waiting() const { return impl_->queue.size(); }

void Admission::Stop() {
  impl_->queue.Stop();
  for (std::thread& thread : impl_->threads) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace urna::server
