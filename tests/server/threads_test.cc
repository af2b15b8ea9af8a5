// What several threads share, used by many at once. scripts/races has ThreadSanitizer watch it;
// without that it still shows that nothing gets lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/merkle/tlog_proof.h"
#include "server/admission_queue.h"
#include "server/log_views.h"
#include "server/metrics.h"
#include "server/rate_limits.h"
#include "server/refusals.h"
#include "server/standing_book.h"
#include "server/static_files.h"
#include "tests/server/board_fixture.h"

namespace urna::server {
namespace {

using petition::Act;
using testing::kPollOrigin;
using testing::TestBoard;
using testing::TestPetition;

constexpr size_t kThreads = 4;

// Calls body(0) … body(count - 1), each on a thread of its own, all at once.
void AllAtOnce(size_t count, const std::function<void(size_t)>& body) {
  std::atomic<size_t> ready{0};
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      ++ready;
      while (ready < count) std::this_thread::yield();
      body(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(ThreadsTest, RateLimitsGiveOutEachActOnce) {
  constexpr uint32_t kPerMinute = 100;
  crypto::SeededRng rng(1);
  RateLimits limits(kPerMinute, rng);
  const RateLimits::Time now = RateLimits::Time() + std::chrono::hours(1);
  std::atomic<uint32_t> given{0};
  AllAtOnce(kThreads, [&](size_t thread) {
    for (uint32_t i = 0; i < kPerMinute; ++i) {
      if (limits.Take(AsBytes("shared"), now) == 0) ++given;
      limits.Take(AsBytes(absl::StrCat(thread, "/", i)), now);
      static_cast<void>(limits.size());
    }
  });
  EXPECT_EQ(given, kPerMinute);
  EXPECT_EQ(limits.size(), 1 + kThreads * kPerMinute);
}

TEST(ThreadsTest, MetricsLoseNoCount) {
  constexpr int kEach = 500;
  Metrics metrics;
  AllAtOnce(kThreads + 1, [&](size_t thread) {
    for (int i = 0; i < kEach; ++i) {
      if (thread == kThreads) {
        EXPECT_NE(metrics.Text({}), "");
        EXPECT_LE(metrics.totals().accepted, kThreads * kEach);
        continue;
      }
      metrics.Answered(Door::kAct, absl::OkStatus(), 0.001);
      metrics.Answered(Door::kCast, absl::ResourceExhaustedError("busy"), 0);
      metrics.Committed({.entries = 2, .seconds = 0.5});
      metrics.Synced(0.25);
    }
  });
  const Metrics::Totals totals = metrics.totals();
  EXPECT_EQ(totals.accepted, kThreads * kEach);
  EXPECT_THAT(totals.refused, ::testing::ElementsAre(::testing::Pair("busy", kThreads * kEach)));
  EXPECT_EQ(totals.committed, 2 * kThreads * kEach);
  EXPECT_DOUBLE_EQ(totals.sync_seconds, 0.25 * kThreads * kEach);
}

TEST(ThreadsTest, AdmissionQueueHandsOnEachRequestOnce) {
  constexpr size_t kEach = 300;
  AdmissionQueue queue({.queue_capacity = 50, .queue_wait = std::chrono::hours(1)});
  std::atomic<size_t> pushed{0};
  std::atomic<size_t> busy{0};
  std::atomic<size_t> taken{0};
  std::atomic<size_t> producing{kThreads};
  AllAtOnce(2 * kThreads, [&](size_t thread) {
    if (thread >= kThreads) {
      while (true) {
        const std::vector<AdmissionRequest> requests = queue.Take();
        if (requests.empty()) return;
        taken += requests.size();
      }
    }
    for (size_t i = 0; i < kEach; ++i) {
      AdmissionRequest request;
      request.door = Door::kCast;
      request.origin = absl::StrCat("log ", i % 3);
      request.entries.push_back({static_cast<uint8_t>(record::EntryType::kBallot)});
      const absl::Status status = queue.Push(request);
      EXPECT_TRUE(status.ok() || RetryAfterMs(status) > 0) << status;
      ++(status.ok() ? pushed : busy);
      EXPECT_LE(queue.size(), 50u);
    }
    if (--producing == 0) queue.Stop();
  });
  EXPECT_EQ(pushed + busy, kThreads * kEach);
  EXPECT_EQ(taken, pushed);
  EXPECT_EQ(queue.size(), 0u);
}

TEST(ThreadsTest, TheSignerBookNeverGoesBack) {
  constexpr uint64_t kSigners = 50;
  constexpr uint64_t kRounds = 40;
  SignerBook book;
  const auto id_of = [](uint64_t signer) {
    SignerBook::Id id{};
    id[0] = static_cast<uint8_t>(signer);
    return id;
  };
  AllAtOnce(kThreads, [&](size_t thread) {
    if (thread == 0) {
      for (uint64_t round = 1; round <= kRounds; ++round) {
        for (uint64_t signer = 0; signer < kSigners; ++signer) {
          SignerBook::Standing standing;
          standing.sequence = round;
          standing.index = round * kSigners + signer;
          standing.signs = round % 2 == 1;
          book.Take(id_of(signer), standing);
        }
      }
      return;
    }
    std::vector<uint64_t> seen(kSigners);
    while (seen.back() < kRounds) {
      for (uint64_t signer = 0; signer < kSigners; ++signer) {
        const std::optional<SignerBook::Standing> found = book.Find(id_of(signer));
        if (!found.has_value()) continue;
        EXPECT_GE(found->sequence, seen[signer]);
        EXPECT_EQ(found->index, found->sequence * kSigners + signer);
        EXPECT_EQ(found->signs, found->sequence % 2 == 1);
        seen[signer] = found->sequence;
      }
      std::this_thread::yield();
    }
  });
  EXPECT_FALSE(book.Find(id_of(kSigners)).has_value());
}

TEST(ThreadsTest, ViewsAreWholeWhoeverPublishesMeanwhile) {
  LogViews views;
  auto facts = std::make_shared<LogFacts>();
  facts->origin = "board.example/one";
  const auto publish = [&](uint64_t size) {
    auto view = std::make_shared<LogView>();
    view->facts = facts;
    view->size = size;
    view->checkpoint = absl::StrCat(size);
    views.Publish(std::move(view));
  };
  publish(1);
  AllAtOnce(kThreads, [&](size_t thread) {
    for (uint64_t i = 1; i <= 2000; ++i) {
      if (thread == 0) publish(i);
      const auto view = thread % 2 == 0 ? views.Find("board.example/one") : views.All().front();
      EXPECT_EQ(view->checkpoint, absl::StrCat(view->size));
    }
  });
  EXPECT_EQ(views.Find("board.example/one")->size, 2000u);
}

// Acts to a petition from many threads, among whoever reads.
class BusyBoardTest : public ::testing::Test {
 protected:
  static constexpr size_t kMembers = 24;

  void SetUp() override {
    BoardOptions options;
    options.admission.threads = 2;
    options.batch_entries = 4;
    options.commit_queue = 8;
    ASSERT_EQ(board_.Open(options), absl::OkStatus());
    ASSERT_EQ(petition_.SetUp(board_), absl::OkStatus());
    for (size_t member = 0; member < kMembers; ++member) {
      acts_.push_back(petition_.MakeAct(member, Act::kSign, 1));
    }
  }
  void Send(const Bytes& act, Done done) {
    AdmissionRequest request;
    request.door = Door::kAct;
    request.origin = kPollOrigin;
    request.entries = {act};
    request.done = std::move(done);
    board_->Submit(std::move(request));
  }
  // Everything that other threads may ask of a board that serves.
  void Look() {
    const std::shared_ptr<const LogView> view = *board_->Find(kPollOrigin);
    EXPECT_EQ(view->checkpoint.find(absl::StrCat(kPollOrigin, "\n", view->size, "\n")), 0u);
    const auto proof = board_->ProveInclusion(*view, view->size - 1, 0);
    EXPECT_EQ(proof.status(), absl::OkStatus());
    EXPECT_EQ(board_->ledger().ReadEntry(view->number, view->size - 1).status(), absl::OkStatus());
    EXPECT_EQ(ReadStaticFile(*board_, "/poll/checkpoint").status(), absl::OkStatus());
    EXPECT_EQ(
        ReadStaticFile(*board_, absl::StrCat("/poll/tile/entries/000.p/", view->size)).status(),
        absl::OkStatus());
    EXPECT_NE(board_->metrics().Text(board_->activity()), "");
    static_cast<void>(board_->batches());
  }

  TestBoard board_;
  TestPetition petition_{board_, kMembers};
  std::vector<Bytes> acts_;
};

TEST_F(BusyBoardTest, EachActIsLoggedOnceAndEachSenderAnswered) {
  std::vector<absl::StatusOr<Receipt>> answers(2 * kMembers, absl::UnknownError("none"));
  std::atomic<size_t> answered{0};
  AllAtOnce(kThreads, [&](size_t thread) {
    for (size_t i = thread; i < answers.size(); i += kThreads) {
      // Each act comes twice, from two threads.
      Send(acts_[(i + i / kMembers) % kMembers], [&, i](absl::StatusOr<Receipt> receipt) {
        answers[i] = std::move(receipt);
        ++answered;
      });
      Look();
    }
  });
  while (answered < answers.size()) std::this_thread::yield();
  std::set<uint64_t> indices;
  for (size_t i = 0; i < answers.size(); ++i) {
    ASSERT_EQ(answers[i].status(), absl::OkStatus());
    const Bytes& act = acts_[(i + i / kMembers) % kMembers];
    EXPECT_EQ(answers[i]->leaf_hash, merkle::LeafHash(act));
    const auto proof = merkle::TlogProof::Parse(AsBytes(answers[i]->proof));
    EXPECT_EQ(merkle::VerifyReceipt(merkle::LeafHash(act), *proof, board_.LogVerifier(kPollOrigin),
                                    kPollOrigin)
                  .status(),
              absl::OkStatus());
    indices.insert(answers[i]->index);
  }
  EXPECT_EQ(indices.size(), kMembers);
  EXPECT_EQ((*board_->Find(kPollOrigin))->size, 2 + kMembers);
}

TEST_F(BusyBoardTest, StoppedInTheMiddleItAnswersEverybody) {
  std::atomic<size_t> accepted{0};
  std::atomic<size_t> sent_away{0};
  AllAtOnce(kThreads + 1, [&](size_t thread) {
    if (thread == kThreads) {
      while (accepted == 0) std::this_thread::yield();
      board_->Stop();
      return;
    }
    for (size_t i = thread; i < kMembers; i += kThreads) {
      Send(acts_[i], [&](absl::StatusOr<Receipt> receipt) {
        EXPECT_TRUE(receipt.ok() || absl::IsUnavailable(receipt.status())) << receipt.status();
        ++(receipt.ok() ? accepted : sent_away);
      });
    }
  });
  EXPECT_EQ(accepted + sent_away, kMembers);
  EXPECT_EQ((*board_->Find(kPollOrigin))->size, 2 + accepted);
}

TEST_F(BusyBoardTest, AFailingDiskInTheMiddleLeavesEverybodyAnswered) {
  board_.Stop();
  std::atomic<int> writes{0};
  std::atomic<int> told{0};
  BoardOptions options;
  options.admission.threads = 2;
  options.batch_entries = 2;
  options.before_write = [&writes] {
    return ++writes > 3 ? absl::InternalError("the disk is gone") : absl::OkStatus();
  };
  options.fatal = [&told](const absl::Status&) { ++told; };
  ASSERT_EQ(board_.Open(options), absl::OkStatus());
  std::atomic<size_t> accepted{0};
  std::atomic<size_t> refused{0};
  AllAtOnce(kThreads, [&](size_t thread) {
    for (size_t i = thread; i < kMembers; i += kThreads) {
      Send(acts_[i], [&](absl::StatusOr<Receipt> receipt) {
        EXPECT_TRUE(receipt.ok() || absl::IsUnavailable(receipt.status())) << receipt.status();
        ++(receipt.ok() ? accepted : refused);
      });
    }
  });
  board_->Stop();
  EXPECT_EQ(accepted + refused, kMembers);
  EXPECT_GT(refused, 0u);
  EXPECT_EQ(told, 1);
  ASSERT_EQ(board_.Open(), absl::OkStatus());
  EXPECT_EQ((*board_->Find(kPollOrigin))->size, 2 + accepted);
}

}  // namespace
}  // namespace urna::server
