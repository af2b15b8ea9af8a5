#include "core/poll/order_chain.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/base/status.h"
#include "core/crypto/signature.h"

namespace urna::poll {
namespace {

constexpr size_t kMaxOfficers = 64;

// Adds a violation with the order's name in front, unless the status is OK.
void Add(std::vector<Violation>& out, Check check, const Order& order, absl::Status status) {
  if (!status.ok()) out.push_back({check, Annotate(std::move(status), DescribeOrder(order))});
}

bool InWindow(uint64_t time, uint64_t from, uint32_t tolerance) {
  return time >= from && time - from <= tolerance;
}

bool IsOpening(OrderKind kind) {
  return kind == OrderKind::kOpenElection || kind == OrderKind::kOpenAnonymousElection ||
         kind == OrderKind::kOpenPetition || kind == OrderKind::kOpenAnonymousPetition;
}

std::string Languages(const LocalizedTexts& texts) {
  return absl::StrJoin(texts, ", ", [](std::string* out, const LocalizedText& text) {
    absl::StrAppend(out, text.language);
  });
}

}  // namespace

absl::Status CheckKeysAndQuorum(const std::vector<roll::NamedKey>& keys, uint16_t quorum,
                                absl::string_view what, uint16_t first, size_t most) {
  if (keys.empty() || keys.size() > most) {
    return absl::InvalidArgumentError(
        absl::StrCat(keys.size(), " ", what, "s instead of 1 to ", most));
  }
  absl::flat_hash_set<absl::string_view> names;
  absl::flat_hash_set<std::array<uint8_t, 32>> seen;
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string where = absl::StrCat(what, " ", first + i);
    URNA_RETURN_IF_ERROR(Annotate(roll::CheckNamedKey(keys[i]), where));
    if (!names.insert(keys[i].name).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, ": the name '", keys[i].name, "' stands twice"));
    }
    if (!seen.insert(keys[i].key).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(where, " '", keys[i].name, "': the key stands twice"));
    }
  }
  if (quorum >= 1 && quorum <= keys.size()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a quorum of ", quorum, " of ", keys.size(), " ", what, "s"));
}

absl::Status CheckOfficers(const Officers& officers) {
  return CheckKeysAndQuorum(officers.keys, officers.quorum, "officer", 0, kMaxOfficers);
}

absl::Status CheckSchedule(const Schedule& schedule) {
  if (schedule.opens < schedule.closes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("schedule: closes at ", schedule.closes,
                                                 ", not after it opens at ", schedule.opens));
}

absl::Status CheckSameLanguages(const LocalizedTexts& title, const LocalizedTexts& texts,
                                absl::string_view what) {
  const bool same = std::equal(
      title.begin(), title.end(), texts.begin(), texts.end(),
      [](const LocalizedText& a, const LocalizedText& b) { return a.language == b.language; });
  if (same) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " is in the languages ", Languages(texts),
                                                 ", the title in ", Languages(title)));
}

absl::Status CheckOfficerSignatures(const Officers& officers,
                                    const std::vector<OfficerSignature>& signatures,
                                    ByteSpan message) {
  for (size_t i = 0; i < signatures.size(); ++i) {
    const uint16_t officer = signatures[i].officer;
    if (i > 0 && signatures[i - 1].officer >= officer) {
      return absl::InvalidArgumentError(
          absl::StrCat("the signature of officer ", officer, " stands after that of officer ",
                       signatures[i - 1].officer, ": signatures are ascending, each once"));
    }
    if (officer >= officers.keys.size()) {
      return absl::PermissionDeniedError(absl::StrCat(
          "officer ", officer, " signed, but the last one is officer ", officers.keys.size() - 1));
    }
    const roll::NamedKey& named = officers.keys[officer];
    const absl::StatusOr<crypto::VerifyKey> key = crypto::VerifyKey::Decode(named.key);
    if (!key.ok() || !key->Verify(message, signatures[i].signature).ok()) {
      return absl::PermissionDeniedError(
          absl::StrCat("officer ", officer, " '", named.name, "': signature does not verify"));
    }
  }
  if (signatures.size() >= officers.quorum) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("signed by ", signatures.size(), " of ",
                                                  officers.keys.size(), " officers, ",
                                                  officers.quorum, " are needed"));
}

std::vector<Violation> CheckManifestSignatures(const Officers& officers,
                                               const SignedBody& manifest) {
  absl::Status status = CheckOfficerSignatures(
      officers, manifest.signatures, ManifestSignatureMessage(ManifestHash(manifest.body)));
  if (status.ok()) return {};
  return {{Check::kS2, Annotate(std::move(status), "manifest")}};
}

Violation EntryOutOfPlace(absl::string_view entry, PollKind kind) {
  const absl::string_view poll = kind == PollKind::kPetition ? "a petition" : "an election";
  return {Check::kS8,
          absl::InvalidArgumentError(absl::StrCat(entry, ": has no place in the log of ", poll))};
}

std::string DescribeOrder(const Order& order) {
  return absl::StrCat("order ", order.number, " '", OrderName(order), "'");
}

OrderChain::OrderChain(const crypto::Hash32& poll, Officers officers, const Schedule& schedule)
    : poll_(poll), officers_(std::move(officers)), schedule_(schedule), last_(poll) {}

std::vector<Violation> OrderChain::Check(const SignedOrder& order) const {
  std::vector<Violation> out;
  const SignedBody& body = order.signed_body;
  Add(out, Check::kS5, order.order, CheckChain(order.order));
  Add(out, Check::kS6, order.order,
      CheckOfficerSignatures(officers_, body.signatures, OrderSignatureMessage(poll_, body.body)));
  Add(out, Check::kS7, order.order, CheckTime(order.order));
  return out;
}

absl::Status OrderChain::CheckChain(const Order& order) const {
  const uint64_t expected = empty_ ? 1 : uint64_t{number_} + 1;
  if (order.number != expected) {
    return absl::FailedPreconditionError(
        absl::StrCat("its number is not ", expected, ", the next one"));
  }
  if (order.previous == last_) return absl::OkStatus();
  return absl::FailedPreconditionError(
      empty_ ? "previous is not the manifest's hash"
             : absl::StrCat("previous is not the hash of order ", number_));
}

absl::Status OrderChain::CheckTime(const Order& order) const {
  if (!empty_ && order.time <= time_) {
    return absl::FailedPreconditionError(absl::StrCat("its time ", order.time, " is not after ",
                                                      time_, ", that of order ", number_));
  }
  const bool opening = IsOpening(order.kind());
  if (!opening && order.kind() != OrderKind::kClose) return absl::OkStatus();
  const uint64_t due = opening ? schedule_.opens : schedule_.closes;
  if (!order.reason.empty() || InWindow(order.time, due, schedule_.tolerance)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("its time ", order.time, " is off the schedule (", due, " and ",
                   schedule_.tolerance, " seconds after it) and it gives no reason"));
}

void OrderChain::Apply(const SignedOrder& order) {
  empty_ = false;
  number_ = order.order.number;
  last_ = OrderHash(poll_, order.signed_body.body);
  time_ = order.order.time;
}

}  // namespace urna::poll
