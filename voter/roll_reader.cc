#include "voter/roll_reader.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/merkle/tree.h"
#include "core/record/entry.h"

namespace urna::voter {
namespace {

absl::Status FirstOf(const std::vector<Violation>& violations) {
  return violations.empty() ? absl::OkStatus() : violations.front().status;
}

// Takes a roll's log entry by entry.
class RollBuilder {
 public:
  explicit RollBuilder(std::vector<roll::RollMember>* members) : members_(members) {}

  absl::Status Take(const Bytes& bytes) {
    URNA_ASSIGN_OR_RETURN(const record::Entry entry, record::DecodeEntry(bytes));
    const merkle::Hash before = tree_.root();
    tree_.Append(merkle::LeafHash(bytes));
    if (const auto* header = std::get_if<roll::SignedRollHeader>(&entry);
        header != nullptr && !state_.has_value()) {
      URNA_RETURN_IF_ERROR(FirstOf(roll::RollState::CheckHeader(*header)));
      state_.emplace(*header);
      return absl::OkStatus();
    }
    if (!state_.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("it begins with a ", record::EntryName(entry)));
    }
    if (const auto* member = std::get_if<roll::RollMember>(&entry)) {
      URNA_RETURN_IF_ERROR(FirstOf(state_->CheckMember(*member)));
      state_->ApplyMember(*member);
      if (members_ != nullptr) members_->push_back(*member);
      return absl::OkStatus();
    }
    if (const auto* change = std::get_if<roll::SignedRollChange>(&entry)) {
      URNA_RETURN_IF_ERROR(FirstOf(state_->CheckChange(*change)));
      state_->ApplyChange(*change);
      if (members_ != nullptr && change->change.enrols()) {
        members_->push_back(change->change.member);
      }
      return absl::OkStatus();
    }
    if (const auto* seal = std::get_if<roll::SignedRollSeal>(&entry)) {
      URNA_RETURN_IF_ERROR(FirstOf(state_->CheckSeal(*seal, before)));
      state_->ApplySeal(*seal, tree_.root());
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(
        absl::StrCat("a ", record::EntryName(entry), " has no place in it"));
  }

  uint64_t size() const { return tree_.size(); }
  std::optional<roll::RollState>& state() { return state_; }

 private:
  std::vector<roll::RollMember>* members_;  // may be null
  merkle::CompactTree tree_;
  std::optional<roll::RollState> state_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const roll::RollState>> ReadPinnedRoll(
    Board& board, absl::string_view roll_origin, const roll::RollPin& pin,
    std::vector<roll::RollMember>* members) {
  const auto wrong = [&](absl::string_view why) {
    return absl::DataLossError(absl::StrCat("the board's roll '", roll_origin,
                                            "' is not the one that the poll pins: ", why));
  };
  RollBuilder builder(members);
  absl::Status taken = absl::OkStatus();
  const absl::Status streamed =
      board.StreamEntries(roll_origin, 0, pin.size, [&](uint64_t, const Bytes& entry) {
        taken = builder.Take(entry);
        return taken;
      });
  if (!taken.ok()) return wrong(absl::StrCat("entry ", builder.size(), ": ", taken.message()));
  URNA_RETURN_IF_ERROR(Annotate(streamed, absl::StrCat("reading the roll '", roll_origin, "'")));
  if (!builder.state().has_value() || !builder.state()->sealed()) return wrong("it is not sealed");
  if (builder.size() != pin.size || builder.state()->pin() != pin) {
    return wrong("size, identity or root differ");
  }
  return std::make_shared<const roll::RollState>(*std::move(builder.state()));
}

absl::StatusOr<RollIdentity> ReadRollIdentity(Board& board, absl::string_view roll_origin) {
  std::optional<Bytes> first;
  URNA_RETURN_IF_ERROR(board.StreamEntries(roll_origin, 0, 1, [&](uint64_t, Bytes entry) {
    first = std::move(entry);
    return absl::OkStatus();
  }));
  if (!first.has_value()) {
    return absl::NotFoundError(absl::StrCat("the log '", roll_origin, "' is empty"));
  }
  URNA_ASSIGN_OR_RETURN(record::Entry entry, record::DecodeEntry(*first));
  auto* header = std::get_if<roll::SignedRollHeader>(&entry);
  if (header == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat(
        "'", roll_origin, "' is no roll: it begins with a ", record::EntryName(entry)));
  }
  URNA_RETURN_IF_ERROR(FirstOf(roll::RollState::CheckHeader(*header)));
  if (header->header.origin != roll_origin) {
    return absl::DataLossError(absl::StrCat("the board gave the roll '", header->header.origin,
                                            "' for '", roll_origin, "'"));
  }
  return RollIdentity{roll::RollId(header->body), header->header};
}

}  // namespace urna::voter
