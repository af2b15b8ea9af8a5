// Trustees' messages in an election's log, as PollAudit takes them.
#include <algorithm>
#include <span>
#include <vector>

#include "core/audit/poll_audit.h"
#include "core/base/parallel.h"
#include "core/crypto/rng.h"

namespace urna::audit {
namespace {

constexpr size_t kShareBatch = 16;  // decryption shares verified together

// Whether what was found says that the entry has no place in the log (S8).
bool OutOfPlace(const std::vector<Violation>& violations) {
  return std::any_of(violations.begin(), violations.end(),
                     [](const Violation& v) { return v.check == Check::kS8; });
}

}  // namespace

void PollAudit::TakeMessage(uint64_t index, const record::Entry& entry, bool share_proved) {
  const auto& message = std::get<election::SignedTrusteeMessage>(entry);
  findings_.Looked(Check::kS8, 1, "orders and trustee messages");
  findings_.Looked(Check::kS9, 1, "trustee messages");
  const std::vector<Violation> violations = election_->CheckTrusteeMessage(message, share_proved);
  if (OutOfPlace(violations)) {
    // Nothing else is asked of it.
  } else if (std::holds_alternative<election::KeyCoefficients>(message.message)) {
    findings_.Looked(Check::kS10, 1, "coefficient messages");
  } else if (std::holds_alternative<election::Drill>(message.message)) {
    findings_.Looked(Check::kS13, 1, "drills");
  } else if (std::holds_alternative<election::CountAcknowledgement>(message.message)) {
    findings_.Looked(Check::kC4, 1, "acknowledgements");
  } else if (const auto* share = std::get_if<election::DecryptionShare>(&message.message)) {
    findings_.Looked(Check::kC5, share->shares.size() / 32, "shares");
  }
  Add(violations, index, record::EntryName(entry));
  election_->ApplyTrusteeMessage(message, index);
}

// Decryption shares that follow each other are proved side by side, against sums that stand still,
// and then taken in order.
void PollAudit::FlushShares() {
  std::vector<const election::DecryptionShare*> shares;
  for (const Waiting& one : waiting_.entries) {
    const auto& message = std::get<election::SignedTrusteeMessage>(one.entry);
    shares.push_back(&std::get<election::DecryptionShare>(message.message));
  }
  std::vector<char> proved(shares.size());
  ParallelForRuns(shares.size(), kShareBatch, options_.threads, [&](size_t begin, size_t end) {
    // The weights must be nobody's choice, so their source is not the caller's either.
    crypto::SystemRng rng;
    const std::vector<bool> found =
        election_->FindProvedShares(std::span(shares).subspan(begin, end - begin), rng);
    std::copy(found.begin(), found.end(), proved.begin() + static_cast<ptrdiff_t>(begin));
  });
  for (size_t i = 0; i < shares.size(); ++i) {
    TakeMessage(waiting_.entries[i].index, waiting_.entries[i].entry, proved[i] != 0);
  }
}

}  // namespace urna::audit
