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
constexpr auto kShortestPause = std::chrono::milliseconds(50);
constexpr auto kLongestPause = std::chrono::milliseconds(2000);

struct Made {
  uint64_t item = 0;
  absl::StatusOr<Bytes> entry;
};

// The threads that make entries.
class Makers {
 public:
  Makers(uint64_t count, unsigned threads, const MakeEntry& make, BoundedQueue<Made>& queue) {
    if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
    running_ = threads;
    for (unsigned i = 0; i < threads; ++i) {
      threads_.emplace_back([this, count, &make, &queue] {
        for (uint64_t item = next_++; item < count; item = next_++) {
          if (!queue.Push({item, make(item)})) break;
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

  BulkResult Run() {
    do {
      sent_.clear();
      sent_count_ = 0;
      board_.SubmitMany(
          verifier_.log().name(), kind_, [this] { return Next(); }, options_.in_flight,
          [this](uint64_t index, absl::StatusOr<remote::Receipt> receipt) {
            Done(index, std::move(receipt));
          });
    } while (result_.ended.ok() && !again_.empty());
    queue_.Close();
    return std::move(result_);
  }

 private:
  struct Sent {
    uint64_t item = 0;
    Bytes entry;
  };

  std::optional<Bytes> Next() {
    if (!result_.ended.ok()) return std::nullopt;
    if (pause_.count() > 0) std::this_thread::sleep_for(pause_);
    if (!again_.empty()) {
      Sent sent = std::move(again_.front());
      again_.pop_front();
      return Send(std::move(sent));
    }
    while (std::optional<Made> made = queue_.Pop()) {
      if (made->entry.ok()) return Send({made->item, *std::move(made->entry)});
      Fail(made->item, made->entry.status());
    }
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
    if (receipt.ok()) {
      Accept(sent, *receipt);
    } else if (IsTransient(receipt.status())) {
      Wait(std::move(sent), receipt.status());
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
    last_success_ = Clock::now();
    pause_ = {};
    if (absl::Status status = take_(sent.item, receipt); !status.ok()) End(std::move(status));
  }

  // The board is busy or away: the same bytes again, later.
  void Wait(Sent sent, const absl::Status& status) {
    again_.push_back(std::move(sent));
    pause_ = std::clamp<std::chrono::milliseconds>(pause_ * 2, kShortestPause, kLongestPause);
    const std::chrono::duration<double> waited = Clock::now() - last_success_;
    if (waited.count() > options_.patience_seconds) End(ExplainRefusal(status, kind_));
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
  std::deque<Sent> again_;
  std::chrono::milliseconds pause_{0};
  Clock::time_point last_success_ = Clock::now();
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
