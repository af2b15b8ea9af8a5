#include "voter/poll_view.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/crypto/tag_proof.h"
#include "core/election/state.h"
#include "core/merkle/proof.h"
#include "core/merkle/tree.h"
#include "core/record/entry.h"
#include "voter/later_orders.h"
#include "voter/roll_reader.h"

namespace urna::voter {
namespace {

using record::EntryType;
using remote::LogPhase;

// What `ReadUpTo` tells the stream to end with when it has seen the opening order.
absl::Status EnoughSeen() { return absl::CancelledError("the opening order was seen"); }

absl::Status FirstOf(const std::vector<Violation>& violations) {
  return violations.empty() ? absl::OkStatus() : violations.front().status;
}

// Whether who reads a poll for its voters asks a rule about an order of a petition: without the
// roll S14 cannot be asked, and what orders behind the opening count is for auditors.
bool IsAsked(Check check, bool with_roll, bool opened) {
  if (check == Check::kS14 && !with_roll) return false;
  return !opened || check == Check::kS5 || check == Check::kS6 || check == Check::kS7 ||
         check == Check::kS8 || check == Check::kS14 || check == Check::kP8;
}

bool IsOpening(const poll::Order& order) {
  return poll::ElectionOpening(order) != nullptr || poll::PetitionOpening(order) != nullptr;
}

struct LoggedEntry {
  uint64_t index = 0;
  record::Entry entry;
};

// What a voter keeps of a log while it streams by.
struct LogScan {
  std::optional<merkle::Hash> first_leaf;  // what entry 0 must be, if that is known
  std::set<uint64_t> sizes;                // of which trees the roots are wanted
  merkle::CompactTree tree;
  std::vector<LoggedEntry> setup;  // everything that is not of voters, in order
  std::optional<OwnId> own_id;     // whose acts are looked for
  WholeLog own;
  bool opened = false;
};

// Whose acts to look for, once the opening order is known: one's own tag in an anonymous poll,
// which depends on it.
using OwnIdOf = std::function<std::optional<OwnId>(const poll::SignedOrder& opening)>;

using Credential = std::array<uint8_t, 32>;

// Revocations and restorations that name the credential.
void TakeStanding(const poll::Order& order, const Credential& credential, WholeLog& own) {
  const auto names = [&](const std::vector<Credential>& credentials) {
    return std::binary_search(credentials.begin(), credentials.end(), credential);
  };
  if (const auto* revoke = std::get_if<poll::Revoke>(&order.act)) {
    if (names(revoke->credentials)) {
      own.revoked = absl::StrCat("order ", order.number, ": ", order.reason);
    }
  } else if (const auto* restore = std::get_if<poll::Restore>(&order.act)) {
    if (names(restore->credentials)) own.revoked.reset();
  }
}

absl::Status TakeEntry(uint64_t index, const Bytes& bytes, const OwnIdOf& own_id_of,
                       LogScan& scan) {
  if (index != scan.tree.size()) {
    return absl::DataLossError(
        absl::StrCat("the board sent entry ", index, " in place of entry ", scan.tree.size()));
  }
  const merkle::Hash leaf = merkle::LeafHash(bytes);
  if (index == 0 && scan.first_leaf.has_value() && *scan.first_leaf != leaf) {
    return absl::DataLossError("the board sent two different first entries");
  }
  scan.tree.Append(leaf);
  scan.own.bytes += bytes.size();
  if (scan.sizes.contains(scan.tree.size())) scan.own.roots[scan.tree.size()] = scan.tree.root();
  if (const std::optional<ActHead> head = ReadActHead(bytes); head.has_value()) {
    if (scan.own_id == head->id) {
      scan.own.acts.push_back(
          {index, head->sequence, leaf, head->kind, head->ballot_hash, head->act});
    }
    return absl::OkStatus();
  }
  if (SubmissionOf(bytes) == Submission::kOpening) return absl::OkStatus();
  absl::StatusOr<record::Entry> entry = record::DecodeEntry(bytes);
  if (!entry.ok()) {
    return absl::DataLossError(absl::StrCat("entry ", index, ": ", entry.status().message()));
  }
  if (const auto* order = std::get_if<poll::SignedOrder>(&*entry)) {
    if (IsOpening(order->order) && !scan.opened) {
      scan.opened = true;
      if (own_id_of) scan.own_id = own_id_of(*order);
    }
    if (scan.own_id.has_value()) TakeStanding(order->order, *scan.own_id, scan.own);
  }
  scan.setup.push_back({index, *std::move(entry)});
  return absl::OkStatus();
}

absl::Status WrongLog(absl::string_view origin, absl::string_view why) {
  return absl::DataLossError(
      absl::StrCat("what the board shows of '", origin, "' is wrong: ", why));
}

// The rules of both kinds of poll up to the opening order, and what a voter needs of it.
class Rules {
 public:
  Rules(Board& board, const ReadOptions& options, PollView& view)
      : board_(board), options_(options), view_(view) {}

  absl::Status Start(const record::Entry& first) {
    if (const auto* election = std::get_if<election::SignedManifest>(&first)) {
      URNA_RETURN_IF_ERROR(FirstOf(election::ElectionState::CheckManifestEntry(*election)));
      election_.emplace(*election);
    } else {
      const auto& petition = std::get<petition::SignedManifest>(first);
      URNA_RETURN_IF_ERROR(FirstOf(petition::PetitionState::CheckManifestEntry(petition)));
      petition_.emplace(petition);
      view_.life = petition_->phase();
    }
    return absl::OkStatus();
  }

  absl::Status Take(const LoggedEntry& logged) {
    // What witnesses have seen is for auditors to judge.
    if (std::holds_alternative<poll::WitnessedCheckpoint>(logged.entry)) return absl::OkStatus();
    const auto* order = std::get_if<poll::SignedOrder>(&logged.entry);
    if (order == nullptr) return TakeMessage(logged);
    if (petition_.has_value()) return TakeOrderOfPetition(logged.index, *order);
    if (chain_.has_value()) return TakeLaterOfElection(*order);
    URNA_ASSIGN_OR_RETURN(const auto roll, RollOf(order->order));
    for (const Violation& violation :
         election_->CheckOrder(*order, logged.index, roll.get(), nullptr)) {
      const bool of_roll = violation.check == Check::kS14 || violation.check == Check::kS16;
      if (roll != nullptr || !of_roll) return violation.status;
    }
    election_->ApplyOrder(*order, logged.index, roll, {}, nullptr);
    view_.voting = election_->voting();
    if (!IsOpening(order->order)) return absl::OkStatus();
    view_.phase = LogPhase::kVoting;
    view_.beacon = election_->beacon();
    chain_ = election_->orders();
    return TakeOpening(logged.index, roll);
  }

 private:
  // Trustees speak before the opening (checked), later in drills and the count (auditors').
  absl::Status TakeMessage(const LoggedEntry& logged) {
    const auto* message = std::get_if<election::SignedTrusteeMessage>(&logged.entry);
    if (message == nullptr || !election_.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("a ", record::EntryName(logged.entry), " has no place there"));
    }
    if (chain_.has_value()) return absl::OkStatus();
    URNA_RETURN_IF_ERROR(FirstOf(election_->CheckTrusteeMessage(*message)));
    election_->ApplyTrusteeMessage(*message, logged.index);
    return absl::OkStatus();
  }

  absl::Status TakeOpening(uint64_t index, std::shared_ptr<const roll::RollState> roll) {
    view_.roll = std::move(roll);
    view_.opened_at = index;
    if (view_.voting.has_value() || view_.signing.has_value()) return absl::OkStatus();
    return absl::InvalidArgumentError("the opening order opens nothing");
  }

  // Orders after the opening are signed and chained; what they count is for auditors.
  absl::Status TakeLaterOfElection(const poll::SignedOrder& order) {
    URNA_RETURN_IF_ERROR(FirstOf(chain_->Check(order)));
    chain_->Apply(order);
    switch (order.order.kind()) {
      case poll::OrderKind::kClose:
        view_.phase = LogPhase::kClosed;
        break;
      case poll::OrderKind::kSum:
        view_.phase = LogPhase::kSummed;
        break;
      case poll::OrderKind::kElectionResult:
        view_.phase = LogPhase::kFinal;
        break;
      case poll::OrderKind::kRevoke:
      case poll::OrderKind::kRestore:
        break;
      default:
        return absl::FailedPreconditionError(
            absl::StrCat(poll::DescribeOrder(order.order), " comes after the opening"));
    }
    return absl::OkStatus();
  }

  // Those behind the opening are signed and chained and have their place, and may bring in epochs
  // of the roll.
  absl::Status TakeOrderOfPetition(uint64_t index, const poll::SignedOrder& order) {
    URNA_ASSIGN_OR_RETURN(const auto roll, RollOf(order.order));
    const bool opened = view_.signing.has_value();
    for (const Violation& violation : petition_->CheckOrder(order, index, roll.get())) {
      if (IsAsked(violation.check, options_.roll, opened)) return violation.status;
    }
    petition_->ApplyOrder(order, index, roll);
    view_.signing = petition_->context();
    view_.life = petition_->phase();
    auto& shown = std::get<petition::Manifest>(view_.manifest);
    shown.title = petition_->title();
    shown.text = petition_->text();
    if (petition_->stage() == Stage::kVoting) view_.phase = LogPhase::kCollecting;
    if (petition_->stage() == Stage::kClosed) view_.phase = LogPhase::kClosed;
    if (petition_->stage() == Stage::kFinal) view_.phase = LogPhase::kFinal;
    if (view_.signing.has_value() && view_.signing->anonymous != nullptr) {
      // The first that names it is the one that brought it in.
      view_.brought_in_at.try_emplace(view_.signing->anonymous->epochs.newest().epoch, index);
    }
    return IsOpening(order.order) ? TakeOpening(index, roll) : absl::OkStatus();
  }

  // The roll that an order pins; null for other orders and where it isn't asked for.
  absl::StatusOr<std::shared_ptr<const roll::RollState>> RollOf(const poll::Order& order) {
    const poll::OpenElection* opening = poll::ElectionOpening(order);
    std::optional<roll::RollPin> pin;
    if (opening != nullptr) pin = opening->roll;
    if (petition_.has_value()) pin = petition_->PinOf(order);
    if (!pin.has_value()) return std::shared_ptr<const roll::RollState>();
    if (IsOpening(order)) view_.pin = pin;
    if (!options_.roll) return std::shared_ptr<const roll::RollState>();
    if (!rolls_.has_value()) {
      // Only where to look: what is found there must be what is pinned.
      URNA_ASSIGN_OR_RETURN(const remote::PollSummary summary, board_.GetPoll(view_.origin));
      const bool keep = options_.enrolments && view_.anonymous();
      rolls_.emplace(board_, summary.roll_origin, keep ? &view_.members : nullptr);
    }
    return rolls_->At(*pin);
  }

  Board& board_;
  const ReadOptions& options_;
  PollView& view_;
  std::optional<election::ElectionState> election_;
  std::optional<petition::PetitionState> petition_;
  std::optional<poll::OrderChain> chain_;  // of an election, once opened
  std::optional<RollReader> rolls_;        // once one is pinned
};

absl::StatusOr<Bytes> ReadFirstEntry(Board& board, absl::string_view origin) {
  std::optional<Bytes> first;
  URNA_RETURN_IF_ERROR(board.StreamEntries(origin, 0, 1, [&](uint64_t, Bytes entry) {
    first = std::move(entry);
    return absl::OkStatus();
  }));
  if (!first.has_value()) return WrongLog(origin, "its log is empty");
  return *std::move(first);
}

// What the first entry alone says, and the checkpoint under its log key.
absl::StatusOr<PollView> ReadManifest(Board& board, absl::string_view origin, ByteSpan first,
                                      const ReadOptions& options) {
  const absl::StatusOr<record::Entry> entry = record::DecodeEntry(first);
  if (!entry.ok()) return WrongLog(origin, entry.status().message());

  ByteSpan body;
  std::variant<election::Manifest, petition::Manifest> manifest;
  std::string stated_origin;
  std::array<uint8_t, 32> log_key{};
  if (const auto* election = std::get_if<election::SignedManifest>(&*entry)) {
    body = election->signed_body.body;
    stated_origin = election->manifest.origin;
    log_key = election->manifest.log_key;
    manifest = election->manifest;
  } else if (const auto* petition = std::get_if<petition::SignedManifest>(&*entry)) {
    body = petition->signed_body.body;
    stated_origin = petition->manifest.origin;
    log_key = petition->manifest.log_key;
    manifest = petition->manifest;
  } else {
    return absl::FailedPreconditionError(absl::StrCat(
        "'", origin, "' is no poll: its log begins with a ", record::EntryName(*entry)));
  }
  if (stated_origin != origin) {
    return WrongLog(origin, absl::StrCat("its manifest is that of '", stated_origin, "'"));
  }
  const crypto::Hash32 poll_id = poll::ManifestHash(body);
  if (options.poll_id.has_value() && *options.poll_id != poll_id) {
    return absl::FailedPreconditionError(absl::StrCat("the board shows '", origin,
                                                      "' with the manifest ", ToHex(poll_id),
                                                      ", not ", ToHex(*options.poll_id)));
  }
  const absl::StatusOr<crypto::VerifyKey> key = crypto::VerifyKey::Decode(log_key);
  if (!key.ok()) return WrongLog(origin, key.status().message());
  URNA_ASSIGN_OR_RETURN(merkle::NoteVerifier log, merkle::NoteVerifier::Create(origin, *key));
  URNA_ASSIGN_OR_RETURN(SeenCheckpoint checkpoint, CurrentCheckpoint(board, log));
  return PollView{.origin = std::string(origin),
                  .poll_id = poll_id,
                  .log = std::move(log),
                  .checkpoint = std::move(checkpoint),
                  .manifest = std::move(manifest)};
}

// Streams the log, all of it or up to the opening order, and proves it against the checkpoint.
absl::StatusOr<LogScan> ScanLog(Board& board, const ReadOptions& options,
                                const merkle::Hash& first_leaf, PollView& view) {
  const merkle::Checkpoint& checkpoint = view.checkpoint.checkpoint;
  if (checkpoint.size() == 0) return WrongLog(view.origin, "its signed checkpoint is of no entry");
  view.whole = checkpoint.size() <= options.whole_log_limit;
  LogScan scan;
  scan.first_leaf = first_leaf;
  OwnIdOf own_id_of;
  if (!view.anonymous()) {
    scan.own_id = options.credential;
  } else if (options.secrets != nullptr) {
    // Nobody but who has the secrets knows whose a tag is.
    own_id_of = [&](const poll::SignedOrder& opening) -> std::optional<OwnId> {
      const crypto::Hash32 context = poll::PollContext(view.poll_id, opening.signed_body.body);
      return crypto::TagOf(*options.secrets, crypto::TagBase(context)).bytes();
    };
  }
  absl::Status taken = absl::OkStatus();
  const absl::Status streamed = board.StreamEntries(
      view.origin, 0, checkpoint.size(), [&](uint64_t index, const Bytes& entry) {
        taken = TakeEntry(index, entry, own_id_of, scan);
        return taken.ok() && scan.opened && !view.whole ? EnoughSeen() : taken;
      });
  if (!taken.ok()) return WrongLog(view.origin, taken.message());
  const uint64_t size = scan.tree.size();
  if (!streamed.ok() && !(scan.opened && !view.whole)) return streamed;
  if (size == checkpoint.size()) view.whole = true;
  absl::StatusOr<merkle::Checkpoint> seen =
      merkle::Checkpoint::Create(view.origin, size, scan.tree.root());
  if (!seen.ok()) return seen.status();
  if (view.whole && size < checkpoint.size()) {
    return WrongLog(view.origin, absl::StrCat("it gave ", size, " entries of ", checkpoint.size()));
  }
  const absl::Status status = CheckSameHistory(board, *seen, checkpoint);
  if (absl::IsDataLoss(status)) {
    return WrongLog(view.origin, "its entries are not those of its signed checkpoint");
  }
  URNA_RETURN_IF_ERROR(status);
  if (view.whole) return scan;
  scan.own = {};
  if (!options.roll || view.petition() == nullptr || !view.petition()->anonymous.has_value()) {
    return scan;
  }
  // A later epoch of the roll may be in force.
  URNA_ASSIGN_OR_RETURN(std::vector<LaterOrder> later,
                        ReadLaterOrders(board, view.log, checkpoint, size));
  for (LaterOrder& order : later) scan.setup.push_back({order.index, std::move(order.order)});
  return scan;
}

}  // namespace

const LocalizedTexts& PollView::title() const {
  return election() != nullptr ? election()->title : petition()->title;
}

const poll::Schedule& PollView::schedule() const {
  return election() != nullptr ? election()->schedule : petition()->schedule;
}

bool PollView::anonymous() const {
  return election() != nullptr ? election()->anonymous.has_value()
                               : petition()->anonymous.has_value();
}

const std::string& PollView::beacon_source() const {
  return election() != nullptr ? election()->anonymous->beacon_source
                               : petition()->anonymous->beacon_source;
}

std::shared_ptr<const roll::Rings> PollView::rings() const {
  if (voting.has_value() && voting->anonymous != nullptr) return voting->anonymous->rings;
  if (signing.has_value() && signing->anonymous != nullptr) {
    return signing->anonymous->epochs.newest().rings;
  }
  return nullptr;
}

absl::StatusOr<uint16_t> PollView::DistrictOf(const std::array<uint8_t, 32>& credential) const {
  if (roll == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("'", origin, "' is not open yet"));
  }
  const roll::RollState::Entitlement* found = roll->Find(credential);
  if (found == nullptr) {
    return absl::PermissionDeniedError(
        absl::StrCat("your credential is not on the roll of '", origin, "'"));
  }
  const bool known = election() != nullptr ? election()->FindDistrict(found->district) != nullptr
                                           : petition()->FindDistrict(found->district) != nullptr;
  if (!known) {
    return absl::PermissionDeniedError(absl::StrCat("your district, number ", found->district,
                                                    ", does not take part in '", origin, "'"));
  }
  if (election() != nullptr && anonymous() &&
      !std::ranges::binary_search(election()->anonymous->categories, found->category)) {
    return absl::PermissionDeniedError(absl::StrCat("your category, number ", found->category,
                                                    " of the roll, does not vote in '", origin,
                                                    "': it votes in another way, if at all"));
  }
  return found->district;
}

absl::StatusOr<uint16_t> PollView::StyleOf(const std::array<uint8_t, 32>& credential) const {
  if (election() == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat("'", origin, "' is a petition"));
  }
  URNA_ASSIGN_OR_RETURN(const uint16_t district, DistrictOf(credential));
  return election()->FindDistrict(district)->style;
}

absl::StatusOr<PollView> ReadPoll(Board& board, absl::string_view origin,
                                  const ReadOptions& options) {
  URNA_ASSIGN_OR_RETURN(const Bytes first, ReadFirstEntry(board, origin));
  URNA_ASSIGN_OR_RETURN(PollView view, ReadManifest(board, origin, first, options));
  URNA_ASSIGN_OR_RETURN(LogScan scan, ScanLog(board, options, merkle::LeafHash(first), view));
  view.own_id = scan.own_id;
  view.own = std::move(scan.own.acts);
  view.revoked = std::move(scan.own.revoked);
  Rules rules(board, options, view);
  for (size_t i = 0; i < scan.setup.size(); ++i) {
    const LoggedEntry& logged = scan.setup[i];
    const absl::Status status = i == 0 ? rules.Start(logged.entry) : rules.Take(logged);
    // That the board could not be asked for the roll is not the log's fault.
    if (IsTransient(status) || absl::IsDataLoss(status)) return status;
    if (!status.ok()) {
      return WrongLog(origin, absl::StrCat("entry ", logged.index, ": ", status.message()));
    }
  }
  return view;
}

absl::StatusOr<WholeLog> ReadWholeLog(Board& board, const SeenCheckpoint& seen,
                                      const OwnId& credential_or_tag,
                                      const std::set<uint64_t>& sizes) {
  const merkle::Checkpoint& checkpoint = seen.checkpoint;
  LogScan scan;
  scan.own_id = credential_or_tag;
  scan.sizes = sizes;
  if (sizes.contains(0)) scan.own.roots[0] = scan.tree.root();
  absl::Status taken = absl::OkStatus();
  const absl::Status streamed = board.StreamEntries(
      checkpoint.origin(), 0, checkpoint.size(), [&](uint64_t index, const Bytes& entry) {
        taken = TakeEntry(index, entry, nullptr, scan);
        return taken;
      });
  if (!taken.ok()) return WrongLog(checkpoint.origin(), taken.message());
  URNA_RETURN_IF_ERROR(streamed);
  if (scan.tree.size() != checkpoint.size() || scan.tree.root() != checkpoint.root()) {
    return WrongLog(checkpoint.origin(), "its entries are not those of its signed checkpoint");
  }
  return std::move(scan.own);
}

}  // namespace urna::voter
