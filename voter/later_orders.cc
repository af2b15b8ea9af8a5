#include "voter/later_orders.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/status.h"
#include "core/record/entry.h"
#include "voter/history.h"
#include "voter/receipt_verifier.h"

namespace urna::voter {

absl::StatusOr<std::vector<LaterOrder>> ReadLaterOrders(Board& board,
                                                        const merkle::NoteVerifier& log,
                                                        const merkle::Checkpoint& checkpoint,
                                                        uint64_t from) {
  const std::string& origin = checkpoint.origin();
  URNA_ASSIGN_OR_RETURN(const remote::PollSummary summary, board.GetPoll(origin));
  ReceiptVerifier verifier(log);
  std::vector<LaterOrder> out;
  for (uint64_t index : summary.later_orders) {
    const auto wrong = [&](absl::string_view why) {
      return absl::DataLossError(
          absl::StrCat("what the board shows of '", origin, "' is wrong: entry ", index, " ", why));
    };
    if (index >= checkpoint.size()) break;  // logged since
    if (index < from || (!out.empty() && index <= out.back().index)) {
      return wrong("is named as an order behind the opening, and has no such place");
    }
    std::optional<Bytes> bytes;
    URNA_RETURN_IF_ERROR(board.StreamEntries(origin, index, index + 1, [&](uint64_t, Bytes entry) {
      bytes = std::move(entry);
      return absl::OkStatus();
    }));
    if (!bytes.has_value()) return wrong("was not sent");
    absl::StatusOr<record::Entry> entry = record::DecodeEntry(*bytes);
    auto* order = entry.ok() ? std::get_if<poll::SignedOrder>(&*entry) : nullptr;
    if (order == nullptr) return wrong("is no order, and was named as one");
    const merkle::Hash leaf = merkle::LeafHash(*bytes);
    URNA_ASSIGN_OR_RETURN(const remote::Receipt receipt, board.FindReceipt(origin, leaf));
    const absl::StatusOr<merkle::Checkpoint> under = verifier.Verify(receipt, leaf);
    if (!under.ok()) return wrong(absl::StrCat("is not proved: ", under.status().message()));
    if (receipt.index != index) return wrong("stands elsewhere");
    URNA_RETURN_IF_ERROR(CheckSameHistory(board, *under, checkpoint));
    out.push_back({index, std::move(*order)});
  }
  return out;
}

}  // namespace urna::voter
