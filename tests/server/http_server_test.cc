// The public files over HTTP: the same bytes as in an exported record, and what clients that are
// wrong, slow or many get.
#include "server/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/merkle/tile.h"
#include "core/record/directory.h"
#include "server/export.h"
#include "tests/server/board_fixture.h"
#include "tests/server/http_client.h"

namespace urna::server {
namespace {

using petition::Act;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using testing::HttpAnswer;
using testing::HttpConnection;
using testing::kPollOrigin;
using testing::TestBoard;
using testing::TestPetition;

constexpr size_t kManyMembers = 300;  // more than a tile is wide

class HttpServerTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(board_.Open(), absl::OkStatus()); }
  void Serve(const HttpOptions& options = {}) {
    auto server = HttpServer::Start(*board_, options);
    ASSERT_EQ(server.status(), absl::OkStatus());
    server_ = *std::move(server);
  }
  // A petition with so many members that the roll fills tiles.
  void SetUpMany() {
    petition_.emplace(board_, kManyMembers);
    ASSERT_EQ(petition_->SetUp(board_), absl::OkStatus());
  }
  void SetUpFew() {
    petition_.emplace(board_, 4);
    ASSERT_EQ(petition_->SetUp(board_), absl::OkStatus());
  }
  HttpAnswer Get(absl::string_view path, absl::string_view headers = "",
                 absl::string_view method = "GET") {
    const auto answer = testing::HttpRequest(server_->port(), method, path, headers);
    EXPECT_EQ(answer.status(), absl::OkStatus()) << path;
    return answer.ok() ? *answer : HttpAnswer{};
  }
  std::string Export(const std::string& name) {
    std::string record = board_.directory().File(name);
    EXPECT_EQ(ExportRecord(board_.data(), kPollOrigin, record).status(), absl::OkStatus());
    return record;
  }
  // Compares all files of an exported log with what there is under `url`; returns how many.
  size_t Compare(const std::string& directory, const std::string& url) {
    const auto log = record::LogReader::Open(directory);
    EXPECT_EQ(log.status(), absl::OkStatus());
    std::vector<std::string> paths = {"checkpoint"};
    for (const merkle::TileId& tile : merkle::TilesOf(log->size())) paths.push_back(tile.Path());
    for (const std::string& path : paths) {
      const auto file = ReadFile(absl::StrCat(directory, "/", path), merkle::kMaxBundleSize);
      EXPECT_EQ(file.status(), absl::OkStatus());
      const HttpAnswer answer = Get(absl::StrCat(url, "/", path));
      EXPECT_EQ(answer.code, 200) << path;
      EXPECT_TRUE(answer.body == AsText(*file)) << path;
    }
    return paths.size();
  }
  crypto::Hash32 roll_id() const { return petition_->roll().state->pin().roll_id; }

  TestBoard board_;
  std::optional<TestPetition> petition_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, GivesTheBytesOfTheExportedRecord) {
  SetUpMany();
  Serve();
  const std::string record = Export("record");
  EXPECT_EQ(Compare(record::PollDirectory(record), "/poll"), 3u);
  // Under 302 entries: two bundles, two tiles of level 0 and one of level 1.
  const std::string roll = record::RollDirectory(record, roll_id());
  EXPECT_EQ(Compare(roll, "/roll"), 6u);
  EXPECT_EQ(Compare(roll, record::RollDirectory("", roll_id())), 6u);
}

TEST_F(HttpServerTest, GrowsWithTheLogAndKeepsEarlierPartialTiles) {
  SetUpFew();
  Serve();
  const std::string small = Export("small");
  for (size_t member = 0; member < 3; ++member) {
    EXPECT_EQ(Get(absl::StrCat("/poll/tile/0/000.p/", petition_->size() + 1)).code, 404);
    EXPECT_EQ(Get(absl::StrCat("/poll/tile/entries/000.p/", petition_->size() + 1)).code, 404);
    ASSERT_EQ(board_.Act(petition_->Act(member, Act::kSign, 1)).status(), absl::OkStatus());
    const std::string record = Export(absl::StrCat("record", member));
    EXPECT_EQ(Compare(record::PollDirectory(record), "/poll"), 3u);
  }
  for (const std::string path : {"/tile/0/000.p/2", "/tile/entries/000.p/2"}) {
    const auto file = ReadFile(record::PollDirectory(small) + path, merkle::kMaxBundleSize);
    ASSERT_EQ(file.status(), absl::OkStatus());
    EXPECT_EQ(Get("/poll" + path).body, AsText(*file));
  }
}

TEST_F(HttpServerTest, EarlierPartialTilesOfAFullOneAreItsBeginning) {
  SetUpMany();
  Serve();
  const std::string full = Get("/roll/tile/0/000").body;
  EXPECT_EQ(full.size(), 256u * 32u);
  EXPECT_EQ(Get("/roll/tile/0/000.p/255").body, full.substr(0, 255 * 32));
  const std::string bundle = Get("/roll/tile/entries/000").body;
  const std::string part = Get("/roll/tile/entries/000.p/7").body;
  EXPECT_FALSE(part.empty());
  EXPECT_EQ(part, bundle.substr(0, part.size()));
}

TEST_F(HttpServerTest, EntriesThatAreWrittenButNotPublishedAreNotShown) {
  BoardOptions options;
  options.fatal = [](const absl::Status&) {};
  ASSERT_EQ(board_.Open(options), absl::OkStatus());
  SetUpFew();
  Serve();
  const std::string before = Get("/poll/checkpoint").body;
  // Where checkpoints are published is no directory any more.
  const std::string checkpoints = CheckpointsPath(board_.data());
  std::filesystem::rename(checkpoints, checkpoints + "-away");
  ASSERT_EQ(WriteFileDurably(checkpoints, AsBytes("")), absl::OkStatus());
  EXPECT_NE(board_.Act(petition_->Act(0, Act::kSign, 1)).status(), absl::OkStatus());
  ASSERT_EQ(board_->ledger().Find(kPollOrigin)->head.size, 3u);
  EXPECT_EQ(Get("/poll/checkpoint").body, before);
  EXPECT_EQ(Get("/poll/tile/entries/000.p/2").code, 200);
  EXPECT_EQ(Get("/poll/tile/entries/000.p/3").code, 404);
  EXPECT_EQ(Get("/poll/tile/0/000.p/3").code, 404);
}

TEST_F(HttpServerTest, SaysTypesCachesAndOrigins) {
  SetUpMany();
  Serve();
  const HttpAnswer checkpoint = Get("/roll/checkpoint");
  EXPECT_EQ(checkpoint.headers.at("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(checkpoint.headers.at("cache-control"), "no-cache");
  const HttpAnswer full = Get("/roll/tile/entries/000");
  EXPECT_EQ(full.headers.at("content-type"), "application/octet-stream");
  EXPECT_EQ(full.headers.at("cache-control"), "public, max-age=31536000, immutable");
  const HttpAnswer partial = Get("/roll/tile/0/001.p/46");
  EXPECT_EQ(partial.code, 200);
  EXPECT_EQ(partial.headers.at("cache-control"), "public, max-age=3600, immutable");
  const HttpAnswer missing = Get("/roll/tile/0/001.p/47");
  EXPECT_EQ(missing.code, 404);
  EXPECT_EQ(missing.headers.at("cache-control"), "no-store");
  EXPECT_EQ(missing.body, "'board.example/roll' has no tile/0/001.p/47 at size 302\n");
  for (const HttpAnswer& answer : {checkpoint, full, partial, missing}) {
    EXPECT_EQ(answer.headers.at("access-control-allow-origin"), "*");
    EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
  }
}

TEST_F(HttpServerTest, UnchangedCheckpointsNeedNotBeSentAgain) {
  SetUpFew();
  Serve();
  const std::string tag = Get("/poll/checkpoint").headers.at("etag");
  const std::string known = absl::StrCat("If-None-Match: \"other\", ", tag, "\r\n");
  const HttpAnswer same = Get("/poll/checkpoint", known);
  EXPECT_EQ(same.code, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.headers.at("etag"), tag);
  ASSERT_EQ(board_.Act(petition_->Act(0, Act::kSign, 1)).status(), absl::OkStatus());
  const HttpAnswer grown = Get("/poll/checkpoint", known);
  EXPECT_EQ(grown.code, 200);
  EXPECT_NE(grown.headers.at("etag"), tag);
}

TEST_F(HttpServerTest, FilesCanOnlyBeRead) {
  SetUpFew();
  Serve();
  const HttpAnswer whole = Get("/poll/tile/entries/000.p/2");
  const HttpAnswer head = Get("/poll/tile/entries/000.p/2", "", "HEAD");
  EXPECT_EQ(head.code, 200);
  EXPECT_EQ(head.headers.at("content-length"), std::to_string(whole.body.size()));
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "URNA"}) {
    const HttpAnswer answer = Get("/poll/checkpoint", "", method);
    EXPECT_EQ(answer.code, 405) << method;
    EXPECT_EQ(answer.headers.at("allow"), "GET, HEAD, OPTIONS");
  }
  const HttpAnswer body = Get("/poll/checkpoint", "Content-Length: 1000000\r\n", "POST");
  EXPECT_EQ(body.code, 405);
  // A body is not waited for.
  EXPECT_EQ(Get("/poll/checkpoint", "Content-Length: 1000000\r\n").code, 200);
  EXPECT_EQ(Get("/poll/checkpoint", "Transfer-Encoding: chunked\r\n").code, 200);
  const HttpAnswer options = Get("/poll/checkpoint", "", "OPTIONS");
  EXPECT_EQ(options.code, 204);
  EXPECT_EQ(options.headers.at("access-control-allow-methods"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(options.headers.at("access-control-allow-origin"), "*");
}

TEST_F(HttpServerTest, PathsThatNameNoFileAreToldSo) {
  SetUpFew();
  Serve();
  const std::string roll = record::RollDirectory("", roll_id());
  const std::vector<std::pair<std::string, int>> cases = {
      {"/p%6Fll/checkpoint", 200},
      {"/poll/checkpoint?fresh=1", 200},
      {roll + "/checkpoint", 200},
      {"/", 404},
      {"/poll", 404},
      {"/poll/", 404},
      {"/checkpoint", 404},
      {"//checkpoint", 404},
      {"/poll/checkpoint/", 404},
      {"/poll/Checkpoint", 404},
      {"/none/checkpoint", 404},
      {"/board.example/poll/checkpoint", 404},
      {"/none/tile/0/000", 404},
      {"/poll/../poll/checkpoint", 404},
      {"/elsewhere" + roll + "/checkpoint", 404},
      {"/roll-" + std::string(64, '0') + "/checkpoint", 404},
      {"/poll/tile/0/000", 404},
      {"/poll/tile/1/000.p/1", 404},
      {"/poll/tile/63/x009/x223/x372/x036/x854/x775/807", 404},
      {"/poll/tile/0/0", 400},
      {"/poll/tile/0/000.p/0", 400},
      {"/poll/tile/0/000.p/256", 400},
      {"/poll/tile/64/000", 400},
      {"/poll/tile/0/x999/x999/x999/x999/x999/x999/x999/999", 400},
      {"/poll/tile/entries/", 400},
      {"/poll/tile/entries/000.p/2/", 400},
      {"/poll/checkpoin%74%00", 400},
      {"/poll/%0d%0acheckpoint", 400},
      {"/poll/checkpoint%", 400},
      {"/poll/checkpoint%4", 400},
      {"/poll/checkpoint%zz", 400},
      {"poll/checkpoint", 400},
      {"/" + std::string(1100, 'a') + "/checkpoint", 414},
  };
  for (const auto& [path, code] : cases) {
    HttpAnswer answer = Get(path);
    EXPECT_EQ(answer.code, code) << path;
    if (code != 200) {
      EXPECT_EQ(answer.headers["content-type"], "text/plain; charset=utf-8") << path;
      EXPECT_EQ(answer.body.substr(answer.body.size() - 1), "\n") << path;
    }
  }
}

TEST_F(HttpServerTest, OneConnectionMayAskManyTimes) {
  SetUpFew();
  Serve();
  HttpConnection connection(server_->port());
  for (int i = 0; i < 20; ++i) connection.Request("GET", "/poll/checkpoint");
  for (int i = 0; i < 20; ++i) {
    const auto answer = connection.Read();
    ASSERT_EQ(answer.status(), absl::OkStatus());
    EXPECT_EQ(answer->code, 200);
  }
}

TEST_F(HttpServerTest, ManyIdleConnectionsDoNotKeepOthersFromReading) {
  SetUpFew();
  Serve();
  std::vector<HttpConnection> idle;
  for (int i = 0; i < 500; ++i) {
    idle.emplace_back(server_->port());
    ASSERT_TRUE(idle.back().connected());
    if (i % 2 == 0) idle.back().Send("GET /poll/check");
  }
  std::vector<std::future<int>> readers;
  for (int i = 0; i < 16; ++i) {
    readers.push_back(std::async(std::launch::async, [this] {
      int good = 0;
      for (int k = 0; k < 20; ++k) good += Get("/poll/tile/entries/000.p/2").code == 200 ? 1 : 0;
      return good;
    }));
  }
  for (std::future<int>& reader : readers) EXPECT_EQ(reader.get(), 20);
  idle.front().Send("point HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(idle.front().Read()->code, 200);
}

TEST_F(HttpServerTest, WhoSendsTooSlowlyIsCutOff) {
  SetUpFew();
  HttpOptions options;
  options.request_time = milliseconds(400);
  Serve(options);
  HttpConnection slow(server_->port());
  HttpConnection silent(server_->port());
  HttpConnection used(server_->port());
  used.Request("GET", "/poll/checkpoint");
  EXPECT_EQ(used.Read()->code, 200);
  // A byte now and then, for as long as it is let.
  std::atomic<bool> ended{false};
  std::thread drip([&] {
    for (int i = 0; i < 200 && !ended; ++i) {
      slow.Send(i == 0 ? "GET /poll/checkpoint HTTP/1.1\r\n" : "X");
      std::this_thread::sleep_for(milliseconds(50));
    }
  });
  EXPECT_TRUE(slow.Ends(milliseconds(5000)));
  ended = true;
  drip.join();
  EXPECT_TRUE(silent.Ends(milliseconds(5000)));
  EXPECT_TRUE(used.Ends(milliseconds(5000)));
  EXPECT_EQ(Get("/poll/checkpoint").code, 200);
}

// A connection that asks for more than fits into any buffer and reads nothing.
HttpConnection Stuck(int port) {
  HttpConnection connection(port);
  for (int i = 0; i < 400; ++i) connection.Request("GET", "/roll/tile/entries/000");
  return connection;
}

TEST_F(HttpServerTest, WhoReadsTooSlowlyIsCutOff) {
  SetUpMany();
  HttpOptions options;
  options.answer_time = milliseconds(300);
  options.request_time = milliseconds(1000);
  Serve(options);
  HttpConnection stuck = Stuck(server_->port());
  std::this_thread::sleep_for(milliseconds(1500));
  int answers = 0;
  absl::Status status;
  while (status.ok()) {
    const auto answer = stuck.Read();
    status = answer.status();
    answers += answer.ok() ? 1 : 0;
  }
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_GT(answers, 0);
  EXPECT_LT(answers, 400);
}

TEST_F(HttpServerTest, AnswersUnderWayAreBounded) {
  SetUpMany();
  HttpOptions options;
  options.answer_bytes = 10'000;
  Serve(options);
  {
    HttpConnection stuck = Stuck(server_->port());
    std::this_thread::sleep_for(milliseconds(500));
    HttpAnswer busy = Get("/roll/checkpoint");
    EXPECT_EQ(busy.code, 503);
    EXPECT_EQ(busy.headers["retry-after"], "1");
  }
  int code = 0;
  for (int i = 0; i < 100 && code != 200; ++i) {
    std::this_thread::sleep_for(milliseconds(20));
    code = Get("/roll/checkpoint").code;
  }
  EXPECT_EQ(code, 200);
}

TEST_F(HttpServerTest, NoMoreConnectionsThanAllowed) {
  SetUpFew();
  HttpOptions options;
  options.connections = 4;
  options.threads = 2;
  Serve(options);
  EXPECT_EQ(server_->connections(), 4u);
  std::vector<HttpConnection> taken;
  for (int i = 0; i < 4; ++i) taken.emplace_back(server_->port());
  HttpConnection fifth(server_->port());
  std::this_thread::sleep_for(milliseconds(200));
  fifth.Request("GET", "/poll/checkpoint");
  EXPECT_TRUE(absl::IsDeadlineExceeded(fifth.Read(false, milliseconds(300)).status()));
  taken.clear();
  const auto answer = fifth.Read();
  ASSERT_EQ(answer.status(), absl::OkStatus());
  EXPECT_EQ(answer->code, 200);
}

TEST_F(HttpServerTest, HeadsThatAreTooLongOrNoneAreRefused) {
  SetUpFew();
  Serve();
  const HttpAnswer huge =
      Get("/poll/checkpoint", absl::StrCat("X: ", std::string(40'000, 'x'), "\r\n"));
  EXPECT_GE(huge.code, 400);
  EXPECT_LT(huge.code, 500);
  HttpConnection noise(server_->port());
  noise.Send(std::string(100'000, '\x16'));
  EXPECT_TRUE(noise.Ends(milliseconds(5000)));
  HttpConnection no_host(server_->port());
  no_host.Send("GET /poll/checkpoint HTTP/1.1\r\n\r\n");
  EXPECT_EQ(no_host.Read()->code, 400);
  EXPECT_EQ(Get("/poll/checkpoint").code, 200);
}

TEST_F(HttpServerTest, StopsWhileConnectionsAreOpen) {
  SetUpMany();
  Serve();
  const int port = server_->port();
  HttpConnection idle(port);
  HttpConnection half(port);
  half.Send("GET /roll/");
  HttpConnection stuck = Stuck(port);
  EXPECT_EQ(Get("/roll/checkpoint").code, 200);
  const auto before = std::chrono::steady_clock::now();
  server_->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(3));
  server_->Stop();
  EXPECT_TRUE(idle.Ends(milliseconds(1000)));
  EXPECT_TRUE(half.Ends(milliseconds(1000)));
  EXPECT_TRUE(stuck.Ends(milliseconds(1000)));
  EXPECT_FALSE(HttpConnection(port).connected());
}

TEST_F(HttpServerTest, AddressesThatCannotBeHadAreTold) {
  Serve();
  HttpOptions options;
  options.address = server_->address();
  const absl::Status taken = HttpServer::Start(*board_, options).status();
  EXPECT_TRUE(absl::IsUnavailable(taken));
  EXPECT_THAT(std::string(taken.message()), HasSubstr("is something else using the port?"));
  for (const char* address : {"", "nonsense", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536",
                              "no such host:80", ":80"}) {
    options.address = address;
    EXPECT_TRUE(absl::IsInvalidArgument(HttpServer::Start(*board_, options).status())) << address;
  }
}

}  // namespace
}  // namespace urna::server
