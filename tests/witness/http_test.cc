#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "tests/server/http_client.h"
#include "tests/server/program.h"
#include "tests/witness/log_fixture.h"
#include "witness/directory.h"
#include "witness/http_server.h"

namespace urna::witness {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::HttpAnswer;
using testing::HttpConnection;
using testing::Program;
using testing::TestLog;

std::string PostOf(absl::string_view body, absl::string_view path = "/add-checkpoint") {
  return absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: w\r\nContent-Length: ", body.size(),
                      "\r\n\r\n", body);
}

std::string NewFolder(absl::string_view name) {
  const std::string folder = absl::StrCat(::testing::TempDir(), "/", name, "-", ::getpid());
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

class HttpTest : public ::testing::Test {
 protected:
  HttpTest() {
    crypto::SeededRng rng(1);
    verifier_ = InitializeWitness(directory_, "w.example/1", rng).value();
    WitnessOptions options;
    options.state_directory = StatePath(directory_);
    options.logs = {log_.key()};
    options.store = [](const std::string& path, ByteSpan bytes) {
      return WriteFileDurably(path, bytes);
    };
    options.alarm = [](const std::string&) {};
    witness_ = Witness::Open(LoadSigner(directory_).value(), std::move(options), clock_).value();
  }
  ~HttpTest() override {
    server_.reset();
    fs::remove_all(directory_);
  }
  void Serve(const HttpOptions& options = {}) {
    server_ = HttpServer::Start(*witness_, options).value();
  }
  HttpConnection Connect() const { return HttpConnection(server_->port()); }
  HttpAnswer Send(absl::string_view bytes) const {
    HttpConnection connection = Connect();
    connection.Send(bytes);
    const auto answer = connection.Read();
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer : HttpAnswer();
  }

  const std::string directory_ = NewFolder("witness_http_test");
  const SystemClock clock_;
  TestLog log_;
  std::optional<merkle::CosignatureVerifier> verifier_;
  std::unique_ptr<Witness> witness_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpTest, AnswersWithEveryCode) {
  Serve();
  const auto request = log_.Request(0, 5);
  const HttpAnswer cosigned = Send(PostOf(request.Serialize()));
  const auto read = merkle::ReadAddCheckpointReply(
      {cosigned.code, cosigned.headers.at("content-type"), cosigned.body}, request, *verifier_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(std::holds_alternative<merkle::Cosigned>(*read));

  const HttpAnswer again = Send(PostOf(request.Serialize()));
  EXPECT_EQ(again.code, 409);
  EXPECT_EQ(again.headers.at("content-type"), "text/x.tlog.size");
  EXPECT_EQ(again.body, "5\n");
  EXPECT_EQ(Send(PostOf("old 5\n")).code, 400);
  EXPECT_EQ(Send(PostOf("")).code, 400);
  EXPECT_EQ(Send(PostOf(TestLog("log.example/1", 9).Body(0, 5))).code, 403);
  EXPECT_EQ(Send(PostOf(TestLog("log.example/2").Body(0, 5))).code, 404);
  EXPECT_EQ(Send(PostOf(TestLog("log.example/1", 7, 2).Body(5, 5))).code, 422);
  EXPECT_EQ(Send(PostOf(TestLog("log.example/1", 7, 2).Body(5, 8))).code, 422);
  EXPECT_EQ(Send(PostOf(log_.Body(5, 8), "/")).code, 404);
  EXPECT_EQ(Send(PostOf(log_.Body(5, 8), "/add-checkpoint/")).code, 404);
  const HttpAnswer get = Send("GET /add-checkpoint HTTP/1.1\r\nHost: w\r\n\r\n");
  EXPECT_EQ(get.code, 405);
  EXPECT_EQ(get.headers.at("allow"), "POST");
  EXPECT_EQ(Send("GET / HTTP/1.1\r\nHost: w\r\n\r\n").code, 404);
  EXPECT_EQ(Send(PostOf(log_.Body(5, 8))).code, 200);
}

TEST_F(HttpTest, AConnectionIsKeptForMore) {
  Serve();
  HttpConnection connection = Connect();
  for (uint64_t size = 0; size < 20; ++size) {
    connection.Send(PostOf(log_.Body(size, size + 1)));
    ASSERT_EQ(connection.Read()->code, 200) << size;
  }
}

TEST_F(HttpTest, ABodyMayComeInParts) {
  Serve();
  const std::string body = log_.Body(0, 5);
  const auto chunk = [](absl::string_view part) {
    return absl::StrCat(absl::Hex(part.size()), "\r\n", part, "\r\n");
  };
  const HttpAnswer answer = Send(
      absl::StrCat("POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n",
                   chunk(body.substr(0, 7)), chunk(body.substr(7)), "0\r\n\r\n"));
  EXPECT_EQ(answer.code, 200);
}

TEST_F(HttpTest, HugeBodiesAreRefused) {
  Serve();
  EXPECT_EQ(Send("POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 65537\r\n\r\n").code,
            413);
  EXPECT_EQ(Send("POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: "
                 "18446744073709551616\r\n\r\n")
                    .code /
                100,
            4);
  EXPECT_EQ(Send(PostOf(std::string(65'536, 'x'))).code, 400);
  std::string chunks;
  for (int i = 0; i < 20; ++i) absl::StrAppend(&chunks, "1000\r\n", std::string(4096, 'x'), "\r\n");
  EXPECT_EQ(Send(absl::StrCat("POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: "
                              "chunked\r\n\r\n",
                              chunks, "0\r\n\r\n"))
                .code,
            413);
  EXPECT_EQ(Send(PostOf(log_.Body(0, 5))).code, 200);
}

TEST_F(HttpTest, SlowAndTruncatedRequestsAreCutOff) {
  HttpOptions options;
  options.request_time = std::chrono::milliseconds(400);
  Serve(options);
  const std::string whole = PostOf(log_.Body(0, 5));
  std::vector<HttpConnection> slow;
  for (const size_t part : {size_t{0}, size_t{10}, whole.size() - 200, whole.size() - 1}) {
    slow.push_back(Connect());
    slow.back().Send(whole.substr(0, part));
  }
  for (HttpConnection& connection : slow) {
    EXPECT_TRUE(connection.Ends(std::chrono::seconds(20)));
  }
  EXPECT_FALSE(witness_->Logs()[0].state.has_value());
  EXPECT_EQ(Send(whole).code, 200);
}

TEST_F(HttpTest, MoreConnectionsThanAllowedWait) {
  HttpOptions options;
  options.threads = 2;
  options.connections = 4;
  options.request_time = std::chrono::milliseconds(1000);
  Serve(options);
  std::vector<HttpConnection> idle;
  for (int i = 0; i < 12; ++i) idle.push_back(Connect());
  HttpConnection late = Connect();
  late.Send(PostOf(log_.Body(0, 5)));
  const auto answer = late.Read(false, std::chrono::seconds(60));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->code, 200);
}

TEST_F(HttpTest, ManyAtOnceForOneLog) {
  Serve();
  std::vector<std::string> bodies;
  for (uint64_t i = 0; i < 16; ++i) {
    bodies.push_back(PostOf(TestLog("log.example/1", 7, i / 2).Body(0, 16 + i % 2)));
  }
  std::atomic<int> cosigned{0};
  std::atomic<int> told{0};
  std::vector<std::thread> clients;
  for (const std::string& body : bodies) {
    clients.emplace_back([&] {
      const int code = Send(body).code;
      cosigned += code == 200 ? 1 : 0;
      told += code == 409 ? 1 : 0;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(cosigned, 1);
  EXPECT_EQ(told, 15);
}

// The program itself, in a folder of its own.
class WitnessProgramTest : public ::testing::Test {
 protected:
  WitnessProgramTest() {
    EXPECT_EQ(RunWith({"init", directory_, "--name", "w.example/1"}), 0) << errors_;
    std::ofstream(LogsPath(directory_)) << "log " << log_.key().vkey() << "\nquorum none\n";
  }
  ~WitnessProgramTest() override { fs::remove_all(folder_); }

  int RunWith(const std::vector<std::string>& arguments) {
    Program program(URNA_WITNESS_PROGRAM, folder_, arguments);
    const int status = program.Wait();
    output_ = program.Output();
    errors_ = program.Errors();
    return status;
  }
  std::unique_ptr<Program> Serve(const std::string& out) {
    fs::create_directories(out);
    return std::make_unique<Program>(
        URNA_WITNESS_PROGRAM, out,
        std::vector<std::string>{"serve", directory_, "--listen", "127.0.0.1:0"});
  }
  static int PortOf(const Program& program) {
    const std::string address = program.Address();
    int port = 0;
    EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) << address;
    return port;
  }

  const std::string folder_ = NewFolder("witness_program_test");
  const std::string directory_ = folder_ + "/w";
  TestLog log_;
  std::string output_;
  std::string errors_;
};

TEST_F(WitnessProgramTest, InitServeInfo) {
  const auto verifier = LoadVerifier(directory_).value();
  auto serving = Serve(folder_ + "/serve");
  HttpConnection connection(PortOf(*serving));
  const auto request = log_.Request(0, 5);
  connection.Send(PostOf(request.Serialize()));
  const HttpAnswer answer = connection.Read().value();
  EXPECT_TRUE(
      merkle::ReadAddCheckpointReply({answer.code, "", answer.body}, request, verifier).ok());
  EXPECT_EQ(RunWith({"info", directory_}), 0);
  EXPECT_THAT(output_, HasSubstr(verifier.vkey()));
  EXPECT_THAT(output_, HasSubstr("log.example/1: 5 entries, cosigned at "));
  EXPECT_EQ(RunWith({"info", directory_, "--json"}), 0);
  EXPECT_THAT(output_, HasSubstr("\"size\": 5"));

  EXPECT_EQ(RunWith({"serve", directory_, "--listen", "127.0.0.1:0"}), 1);
  EXPECT_THAT(errors_, HasSubstr("another process serves the witness in"));
  serving->Signal(SIGTERM);
  EXPECT_EQ(serving->Wait(), 0);
}

TEST_F(WitnessProgramTest, SaysWhatIsWrong) {
  EXPECT_EQ(RunWith({"--help"}), 0);
  EXPECT_EQ(RunWith({"--version"}), 0);
  EXPECT_EQ(RunWith({}), 3);
  EXPECT_EQ(RunWith({"serve"}), 3);
  EXPECT_EQ(RunWith({"init", directory_, "--name", "x"}), 1);
  EXPECT_THAT(errors_, HasSubstr("there is a witness in"));
  EXPECT_EQ(RunWith({"init", folder_ + "/x", "--name", "a b"}), 3);
  EXPECT_EQ(RunWith({"serve", folder_ + "/none"}), 1);
  EXPECT_THAT(errors_, HasSubstr("`urna-witness init` makes one"));
  EXPECT_EQ(RunWith({"serve", directory_, "--listen", "nowhere"}), 3);
  EXPECT_EQ(RunWith({"serve", directory_, "--logs", folder_ + "/none"}), 3);
  std::ofstream(LogsPath(directory_)) << "log x\n";
  EXPECT_EQ(RunWith({"serve", directory_}), 3);
  EXPECT_THAT(errors_, HasSubstr("line 1"));
}

TEST_F(WitnessProgramTest, TakesAwayWhatOneThatWasKilledLeft) {
  const std::string key = directory_ + "/witness.key.tmp-0123abcd";
  const std::string state = StatePath(directory_) + "/00ff.tmp-fedcba98";
  const std::string other = StatePath(directory_) + "/mine.tmp";
  for (const std::string& path : {key, state, other}) std::ofstream(path) << "half";
  auto serving = Serve(folder_ + "/serve");
  EXPECT_NE(PortOf(*serving), 0);
  EXPECT_FALSE(fs::exists(key));
  EXPECT_FALSE(fs::exists(state));
  EXPECT_TRUE(fs::exists(other));
  // One that is turned away touches nothing.
  std::ofstream(state) << "half";
  EXPECT_EQ(RunWith({"serve", directory_, "--listen", "127.0.0.1:0"}), 1);
  EXPECT_TRUE(fs::exists(state));
}

// Killed at any moment, it never knows less than it has cosigned.
TEST_F(WitnessProgramTest, KilledItRemembersAllThatItCosigned) {
  uint64_t cosigned = 0;
  for (int round = 0; round < 8; ++round) {
    auto serving = Serve(absl::StrCat(folder_, "/round", round));
    HttpConnection connection(PortOf(*serving));
    connection.Send(PostOf(log_.Body(0, 1001)));
    const HttpAnswer first = connection.Read().value();
    uint64_t known = 0;
    if (first.code == 200) {
      known = 1001;  // the first of all
    } else {
      ASSERT_EQ(first.code, 409);
      ASSERT_TRUE(absl::SimpleAtoi(first.body.substr(0, first.body.size() - 1), &known));
    }
    EXPECT_GE(known, cosigned);
    cosigned = known;
    std::thread killer([&serving, round] {
      std::this_thread::sleep_for(std::chrono::milliseconds(7 * round + 3));
      serving->Signal(SIGKILL);
    });
    for (uint64_t size = known;; ++size) {
      connection.Send(PostOf(log_.Body(size, size + 1)));
      const auto answer = connection.Read();
      if (!answer.ok()) break;
      ASSERT_EQ(answer->code, 200);
      cosigned = size + 1;
    }
    killer.join();
    EXPECT_EQ(serving->Wait(), -1);
  }
}

}  // namespace
}  // namespace urna::witness
