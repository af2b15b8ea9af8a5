// Records over the web: what a mirror brings from the server, what it says of servers that lie or
// break off, and the verifier on a URL.
#include "core/remote/mirror.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "core/base/file.h"
#include "core/http/listen_socket.h"
#include "core/record/directory.h"
#include "server/export.h"
#include "server/http_server.h"
#include "tests/server/board_fixture.h"
#include "tests/server/http_client.h"
#include "tests/server/program.h"
#include "tests/support/record_files.h"

namespace urna::server {
namespace {

namespace fs = std::filesystem;
using petition::Act;
using ::testing::HasSubstr;
using testing::kPollOrigin;
using testing::Program;
using testing::TestBoard;
using testing::TestPetition;

// Everything in a directory, by path.
std::map<std::string, Bytes> Files(const std::string& directory) {
  std::map<std::string, Bytes> files;
  for (const fs::directory_entry& file : fs::recursive_directory_iterator(directory)) {
    if (!file.is_regular_file()) continue;
    files[fs::relative(file.path(), directory).string()] =
        ReadFile(file.path().string(), 1 << 26).value();
  }
  return files;
}

class MirrorTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(board_.Open(), absl::OkStatus()); }
  void SetUpPetition(size_t members) {
    petition_.emplace(board_, members);
    ASSERT_EQ(petition_->SetUp(board_), absl::OkStatus());
  }
  void Serve() {
    auto server = HttpServer::Start(*board_, HttpOptions());
    ASSERT_EQ(server.status(), absl::OkStatus());
    server_ = *std::move(server);
  }
  std::string Url(absl::string_view path) const {
    return absl::StrCat("http://", server_->address(), path);
  }
  std::string record() { return board_.directory().File("record"); }
  absl::Status Mirror(const std::string& url) {
    remote::HttpOptions options;
    options.connect_seconds = 2;
    options.busy_retries = 0;
    return remote::MirrorRecord(url, record(), options);
  }
  void ExpectAsExported() {
    const std::string exported = board_.directory().File("exported");
    fs::remove_all(exported);
    ASSERT_EQ(ExportRecord(board_.data(), kPollOrigin, exported).status(), absl::OkStatus());
    EXPECT_TRUE(Files(record()) == Files(exported));
  }

  TestBoard board_;
  std::optional<TestPetition> petition_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(MirrorTest, BringsTheRecordAndLetsItGrow) {
  SetUpPetition(300);
  Serve();
  ASSERT_EQ(Mirror(Url("/poll")), absl::OkStatus());
  ExpectAsExported();
  for (size_t member = 0; member < 6; ++member) {
    ASSERT_EQ(board_.Act(petition_->Act(member, Act::kSign, 1)).status(), absl::OkStatus());
    if (member == 3) {
      ASSERT_EQ(Mirror(Url("/poll/")), absl::OkStatus());
    }
  }
  ASSERT_EQ(Mirror(Url("/poll")), absl::OkStatus());
  ExpectAsExported();
}

TEST_F(MirrorTest, APollThatIsNotOpenHasNoRollYet) {
  petition_.emplace(board_, 2);
  ASSERT_EQ(board_.Create(petition_->manifest_entry()).status(), absl::OkStatus());
  Serve();
  ASSERT_EQ(Mirror(Url("/poll")), absl::OkStatus());
  EXPECT_THAT(record::ListRecord(record())->rolls, ::testing::IsEmpty());
  ExpectAsExported();
}

TEST_F(MirrorTest, UrlsThatArePollsOfNobodyAreToldSo) {
  Serve();
  for (const std::string& url : {std::string("nonsense"), std::string("ftp://board.example/poll"),
                                 Url(""), Url("/"), Url("/poll?x"), Url("/poll#x")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Mirror(url))) << url;
  }
  const absl::Status missing = Mirror(Url("/poll"));
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_EQ(missing.message(), Url("/poll/checkpoint") + ": there is no such file");
  server_->Stop();
  EXPECT_TRUE(absl::IsUnavailable(Mirror(Url("/poll"))));
}

// A web server that says what the test tells it to.
class LyingServer {
 public:
  // Whole answers by path; everything else is 404.
  explicit LyingServer(std::map<std::string, std::string> answers)
      : answers_(std::move(answers)), socket_(http::ListenOn("127.0.0.1:0").value()) {
    thread_ = std::thread([this] { Run(); });
  }
  ~LyingServer() {
    ending_ = true;
    { const testing::HttpConnection wake(socket_.port); }
    thread_.join();
    ::close(socket_.file);
  }
  std::string Url(absl::string_view path) const {
    return absl::StrCat("http://", socket_.address, path);
  }
  static std::string Good(ByteSpan body) {
    return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(), "\r\n\r\n",
                        AsText(body));
  }

 private:
  void Run() {
    while (!ending_) {
      pollfd wanted{socket_.file, POLLIN, 0};
      ::poll(&wanted, 1, -1);
      const int file = ::accept(socket_.file, nullptr, nullptr);
      if (file < 0) continue;
      char request[4096] = {};
      const ssize_t size = ::recv(file, request, sizeof(request) - 1, 0);
      if (size > 0) Answer(file, request);
      ::close(file);
    }
  }
  void Answer(int file, const std::string& request) {
    const size_t begin = request.find(' ') + 1;
    const auto found = answers_.find(request.substr(begin, request.find(' ', begin) - begin));
    const std::string answer = found == answers_.end()
                                   ? "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
                                   : found->second;
    ::send(file, answer.data(), answer.size(), MSG_NOSIGNAL);
  }

  const std::map<std::string, std::string> answers_;
  const http::ListenSocket socket_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

// The files of the petition's record as answers.
std::map<std::string, std::string> Answers(const std::string& record) {
  std::map<std::string, std::string> answers;
  for (const auto& [path, contents] : Files(record)) {
    answers["/" + path] = LyingServer::Good(contents);
  }
  return answers;
}

TEST_F(MirrorTest, AnyWebServerWithTheFilesWillDoButNotOneThatLies) {
  SetUpPetition(3);
  const std::string exported = board_.directory().File("honest");
  ASSERT_EQ(ExportRecord(board_.data(), kPollOrigin, exported).status(), absl::OkStatus());
  const std::map<std::string, std::string> honest = Answers(exported);
  ASSERT_EQ(Mirror(LyingServer(honest).Url("/poll")), absl::OkStatus());
  ExpectAsExported();

  const std::string bundle = "/poll/tile/entries/000.p/2";
  const std::string roll = record::RollDirectory("", petition_->roll().state->pin().roll_id);
  const Bytes note = Files(exported)["poll/checkpoint"];
  Bytes forged_note = note;
  forged_note.back() = '\n';
  Bytes changed = Files(exported)[bundle.substr(1)];
  changed.back() ^= 1;
  const Bytes cut(changed.begin(), changed.end() - 1);
  const std::string whole = LyingServer::Good(changed);
  struct Lie {
    std::string path;
    std::string answer;
    absl::StatusCode code;
    std::string sentence;
  };
  const std::vector<Lie> lies = {
      {"/poll/checkpoint", LyingServer::Good(AsBytes("hello")), absl::StatusCode::kDataLoss,
       "/poll/checkpoint: "},
      {"/poll/checkpoint", honest.at(roll + "/checkpoint"), absl::StatusCode::kNotFound,
       "/poll/tile/entries/000"},  // the roll has more
      {"/poll/checkpoint", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
       absl::StatusCode::kUnavailable, "the server answered 500"},
      {"/poll/checkpoint",
       "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + std::string(2 << 20, 'x'),
       absl::StatusCode::kOutOfRange, "is longer than the 1048576 bytes it may have"},
      {bundle, whole, absl::StatusCode::kDataLoss, "the entries give the root"},
      {bundle, LyingServer::Good(cut), absl::StatusCode::kDataLoss, "/poll/tile/entries/000.p/2: "},
      {bundle, whole.substr(0, whole.size() - 10), absl::StatusCode::kUnavailable, "bytes"},
      {bundle, "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", absl::StatusCode::kNotFound,
       "/poll/tile/entries/000.p/2: there is no such file"},
      {roll + "/checkpoint", LyingServer::Good(note), absl::StatusCode::kNotFound, roll},
  };
  for (size_t i = 0; i < lies.size(); ++i) {
    std::map<std::string, std::string> answers = honest;
    answers[lies[i].path] = lies[i].answer;
    fs::remove_all(record());
    const absl::Status status = Mirror(LyingServer(std::move(answers)).Url("/poll"));
    EXPECT_EQ(status.code(), lies[i].code) << i << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(lies[i].sentence)) << i;
  }
}

TEST_F(MirrorTest, TheVerifierTakesAUrl) {
  SetUpPetition(3);
  for (size_t member = 0; member < 3; ++member) {
    ASSERT_EQ(board_.Act(petition_->Act(member, Act::kSign, 1)).status(), absl::OkStatus());
  }
  ASSERT_EQ(board_.Append(kPollOrigin, petition_->Close()).status(), absl::OkStatus());
  ASSERT_EQ(board_.Append(kPollOrigin, petition_->Result()).status(), absl::OkStatus());
  board_.Stop();
  const std::string policy = board_.directory().File("policy");
  const std::string text = testing::PolicyText(petition_->people(), 2, 0);
  ASSERT_EQ(WriteFileDurably(policy, AsBytes(text)), absl::OkStatus());

  Program server(URNA_SERVER_PROGRAM, board_.directory().path(),
                 {"serve", "--data", board_.data(), "--http", "127.0.0.1:0"});
  const std::string url = absl::StrCat("http://127.0.0.1:", server.HttpPort(), "/poll");
  const std::string folder = board_.directory().File("verifier");
  fs::create_directory(folder);
  const auto verify = [&](std::vector<std::string> arguments, std::string* output) {
    Program verifier(URNA_VERIFIER_PROGRAM, folder, std::move(arguments));
    const int status = verifier.Wait();
    *output = verifier.Output() + verifier.Errors();
    return status;
  };
  std::string output;
  EXPECT_EQ(verify({url, "--policy", policy}, &output), 0) << output;
  EXPECT_THAT(output, HasSubstr("VERIFIED (stage final)"));
  EXPECT_EQ(verify({url, "--policy", policy, "--keep", record()}, &output), 0) << output;
  EXPECT_EQ(verify({record(), "--policy", policy}, &output), 0) << output;
  EXPECT_EQ(verify({record(), "--policy", policy, "--keep", record()}, &output), 3);
  const std::string fetched = board_.directory().File("fetched");
  EXPECT_EQ(verify({"fetch", "--url", url, fetched}, &output), 0) << output;
  EXPECT_TRUE(Files(record()) == Files(fetched));
  EXPECT_EQ(verify({"fetch", fetched}, &output), 3);
  EXPECT_THAT(output, HasSubstr("give --url, or --server and --poll"));
  EXPECT_EQ(verify({url + "s", "--policy", policy}, &output), 3);
  EXPECT_THAT(output, HasSubstr(url + "s/checkpoint: there is no such file"));
  server.Signal(SIGTERM);
  EXPECT_EQ(server.Wait(), 0);
}

}  // namespace
}  // namespace urna::server
