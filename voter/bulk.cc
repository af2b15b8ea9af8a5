#include "voter/bulk.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <thread>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "core/base/parallel.h"
#include "core/base/status.h"
#include "voter/bounded_queue.h"

namespace urna::voter {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kSecretSize = crypto::Credential::kKeyFileSize;
constexpr size_t kQueueCapacity = 256;
constexpr std::chrono::milliseconds kShortestPause{50};
constexpr std::chrono::milliseconds kLongestPause{2000};

struct Made {
  uint64_t item = 0;
  absl::Status status;
  Bytes entry;  // if the status is OK
};

Made MakeOne(uint64_t item, const MakeEntry& make) {
  absl::StatusOr<Bytes> entry = make(item);
  if (!entry.ok()) return {item, entry.status(), {}};
  return {item, absl::OkStatus(), *std::move(entry)};
}

// The threads that make entries.
class Makers {
 public:
  Makers(uint64_t count, unsigned threads, const MakeEntry& make, BoundedQueue<Made>& queue) {
    if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
    running_ = threads;
    for (unsigned i = 0; i < threads; ++i) {
      threads_.emplace_back([this, count, &make, &queue] {
        for (uint64_t item = next_++; item < count; item = next_++) {
          if (!queue.Push(MakeOne(item, make))) break;
        }
        if (--running_ == 0) queue.Close();
      });
    }
  }
  ~Makers() {
    for (std::thread& thread : threads_) thread.join();
  }
  Makers(const Makers&) = delete;
  Makers& operator=(const Makers&) = delete;

 private:
  std::atomic<uint64_t> next_{0};
  std::atomic<unsigned> running_{0};
  std::vector<std::thread> threads_;
};

// The sending side; all of it runs on one thread.
class Sender {
 public:
  Sender(Board& board, Submission kind, ReceiptVerifier& verifier, const TakeReceipt& take,
         const BulkProgress& progress, const BulkOptions& options, BoundedQueue<Made>& queue)
      : board_(board),
        kind_(kind),
        verifier_(verifier),
        take_(take),
        progress_(progress),
        options_(options),
        queue_(queue) {}

  // In rounds: one ends when all is answered, or when the board does not take what it is sent; then
  // comes a pause, and a round of one entry that finds out whether the board is back.
  BulkResult Run() {
    while (true) {
      sent_.clear();
      sent_count_ = 0;
      failing_ = false;
      probing_ = pause_.count() > 0;
      std::this_thread::sleep_for(pause_);
      board_.SubmitMany(
          verifier_.log().name(), kind_, [this] { return Next(); }, options_.in_flight,
          [this](uint64_t index, absl::StatusOr<remote::Receipt> receipt) {
            Done(index, std::move(receipt));
          });
      if (!result_.ended.ok() || (made_all_ && again_.empty())) break;
    }
    queue_.Close();
    return std::move(result_);
  }

 private:
  struct Sent {
    uint64_t item = 0;
    Bytes entry;
  };

  std::optional<Bytes> Next() {
    if (!result_.ended.ok() || failing_ || (probing_ && sent_count_ > 0)) return std::nullopt;
    if (!again_.empty()) {
      Sent sent = std::move(again_.front());
      again_.pop_front();
      return Send(std::move(sent));
    }
    while (std::optional<Made> made = queue_.Pop()) {
      if (made->status.ok()) return Send({made->item, std::move(made->entry)});
      Fail(made->item, made->status);
    }
    made_all_ = true;
    return std::nullopt;
  }

  Bytes Send(Sent sent) {
    Bytes entry = sent.entry;
    sent_.emplace(sent_count_++, std::move(sent));
    return entry;
  }

  void Done(uint64_t index, absl::StatusOr<remote::Receipt> receipt) {
    const auto found = sent_.find(index);
    if (found == sent_.end()) return;
    Sent sent = std::move(found->second);
    sent_.erase(found);
    if (IsTransient(receipt.status())) {
      Wait(std::move(sent), receipt.status());
      progress_(result_.accepted, result_.failures.size());
      return;
    }
    pause_ = {};  // the board is there
    away_since_.reset();
    if (receipt.ok()) {
      Accept(sent, *receipt);
    } else {
      Fail(sent.item, ExplainRefusal(receipt.status(), kind_));
      if (++refusals_ >= options_.most_refusals) {
        End(absl::FailedPreconditionError(
            absl::StrCat("ended after ", refusals_,
                         " refusals, the last of them: ", receipt.status().message())));
      }
    }
    progress_(result_.accepted, result_.failures.size());
  }

  void Accept(const Sent& sent, const remote::Receipt& receipt) {
    const absl::StatusOr<merkle::Checkpoint> checkpoint =
        verifier_.Verify(receipt, merkle::LeafHash(sent.entry));
    if (!checkpoint.ok()) {
      Fail(sent.item, Annotate(checkpoint.status(), "the board's receipt does not verify"));
      return;
    }
    ++result_.accepted;
    if (absl::Status status = take_(sent.item, receipt); !status.ok()) End(std::move(status));
  }

  // The board is busy or away: the same bytes again, later.
  void Wait(Sent sent, const absl::Status& status) {
    again_.push_back(std::move(sent));
    if (!failing_) pause_ = std::clamp(pause_ * 2, kShortestPause, kLongestPause);
    failing_ = true;
    if (!away_since_.has_value()) away_since_ = Clock::now();
    const std::chrono::duration<double> away = Clock::now() - *away_since_;
    if (away.count() > options_.patience_seconds) End(ExplainRefusal(status, kind_));
  }

  void Fail(uint64_t item, absl::Status status) {
    result_.failures.push_back({item, std::move(status)});
  }

  void End(absl::Status status) {
    if (result_.ended.ok()) result_.ended = std::move(status);
  }

  Board& board_;
  const Submission kind_;
  ReceiptVerifier& verifier_;
  const TakeReceipt& take_;
  const BulkProgress& progress_;
  const BulkOptions& options_;
  BoundedQueue<Made>& queue_;

  std::unordered_map<uint64_t, Sent> sent_;  // under way, by number of the round
  uint64_t sent_count_ = 0;
  std::deque<Sent> again_;                       // not answered: the same bytes once more
  bool made_all_ = false;                        // nothing new will come
  bool failing_ = false;                         // something of this round has not been taken
  bool probing_ = false;                         // this round is one entry
  std::chrono::milliseconds pause_{0};           // before the next round
  std::optional<Clock::time_point> away_since_;  // nothing has been answered since
  size_t refusals_ = 0;
  BulkResult result_;
};

}  // namespace

ManyEnrolled EnrolMany(const crypto::Hash32& roll_id,
                       std::span<const std::array<uint8_t, 32>> nonces, unsigned threads,
                       crypto::Rng& rng) {
  ManyEnrolled out;
  out.secrets = crypto::SecretBytes(nonces.size() * kSecretSize);
  out.enrolments.resize(nonces.size());
  ParallelFor(nonces.size(), threads, [&](size_t i) {
    const crypto::Credential credential = crypto::Credential::Generate(rng);
    out.enrolments[i] = MakeEnrolment(roll_id, nonces[i], credential, rng);
    const crypto::SecretBytes secret = credential.ExposeForKeyFile();
    std::copy_n(secret.data(), kSecretSize, out.secrets.data() + i * kSecretSize);
  });
  return out;
}

absl::StatusOr<uint64_t> CountCredentials(const crypto::SecretBytes& secrets) {
  if (secrets.size() % kSecretSize != 0) {
    return absl::InvalidArgumentError("the file does not hold a whole number of credentials");
  }
  return secrets.size() / kSecretSize;
}

absl::StatusOr<crypto::Credential> CredentialAt(const crypto::SecretBytes& secrets,
                                                uint64_t index) {
  URNA_ASSIGN_OR_RETURN(const uint64_t count, CountCredentials(secrets));
  if (index >= count) {
    return absl::InvalidArgumentError(
        absl::StrCat("there is no credential ", index + 1, ": there are ", count));
  }
  return crypto::Credential::FromKeyFile(
      secrets.ExposeSpan().subspan(index * kSecretSize, kSecretSize));
}

BulkResult SubmitAll(Board& board, Submission kind, uint64_t count, const MakeEntry& make,
                     ReceiptVerifier& verifier, const TakeReceipt& take,
                     const BulkProgress& progress, const BulkOptions& options) {
  BoundedQueue<Made> queue(kQueueCapacity);
  BulkResult result;
  {
    const Makers makers(count, options.threads, make, queue);
    result = Sender(board, kind, verifier, take, progress, options, queue).Run();
  }
  result.unanswered = count - result.accepted - result.failures.size();
  return result;
}

}  // namespace urna::voter
