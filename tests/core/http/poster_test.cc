// Posting over HTTP and HTTPS: what comes back, and what is no answer.
#include "core/http/poster.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/http/listen_socket.h"
#include "tests/server/board_fixture.h"
#include "tests/support/certificates.h"

namespace urna::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// Answers one request after the other with the same bytes, each on a connection of its own; with
// TLS if a certificate is given.
class OneAnswer {
 public:
  OneAnswer(std::string answer, const std::string& certificate = "", const std::string& key = "")
      : answer_(std::move(answer)), socket_(ListenOn("127.0.0.1:0").value()) {
    EXPECT_EQ(::fcntl(socket_.file, F_SETFL, 0), 0);  // accept is to wait
    if (!certificate.empty()) {
      context_ = SSL_CTX_new(TLS_server_method());
      EXPECT_EQ(SSL_CTX_use_certificate_chain_file(context_, certificate.c_str()), 1);
      EXPECT_EQ(SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM), 1);
    }
    thread_ = std::thread([this] { Serve(); });
  }
  ~OneAnswer() {
    ::shutdown(socket_.file, SHUT_RDWR);
    thread_.join();
    ::close(socket_.file);
    SSL_CTX_free(context_);
  }
  int port() const { return socket_.port; }
  const std::string& request() const { return request_; }  // the last one, once it was answered

 private:
  void Serve() {
    while (true) {
      const int file = ::accept(socket_.file, nullptr, nullptr);
      if (file < 0) return;
      SSL* ssl = context_ == nullptr ? nullptr : SSL_new(context_);
      if (ssl != nullptr) SSL_set_fd(ssl, file);
      if (ssl == nullptr || SSL_accept(ssl) == 1) Answer(file, ssl);
      SSL_free(ssl);
      ::close(file);
    }
  }
  void Answer(int file, SSL* ssl) {
    request_.clear();
    while (!absl::EndsWith(request_, "\r\n\r\nquestion")) {
      char bytes[4096];
      const auto got = ssl != nullptr ? SSL_read(ssl, bytes, sizeof(bytes))
                                      : static_cast<int>(::recv(file, bytes, sizeof(bytes), 0));
      if (got <= 0) return;
      request_.append(bytes, static_cast<size_t>(got));
    }
    if (ssl != nullptr) {
      SSL_write(ssl, answer_.data(), static_cast<int>(answer_.size()));
      SSL_shutdown(ssl);
    } else {
      EXPECT_GE(::send(file, answer_.data(), answer_.size(), MSG_NOSIGNAL), 0);
    }
  }

  const std::string answer_;
  const ListenSocket socket_;
  SSL_CTX* context_ = nullptr;
  std::string request_;
  std::thread thread_;
};

std::string AnswerOf(const std::string& head, const std::string& body) {
  return absl::StrCat("HTTP/1.1 ", head, "\r\nConnection: close\r\nContent-Length: ", body.size(),
                      "\r\n\r\n", body);
}

absl::StatusOr<PostReply> Post(const PostOptions& options, const std::string& url) {
  absl::StatusOr<Poster> poster = Poster::Create(options);
  if (!poster.ok()) return poster.status();
  return poster->Post(url, "question");
}

TEST(PosterTest, GivesTheWholeAnswerWhateverItsCode) {
  const OneAnswer server(AnswerOf("409 Conflict\r\nContent-Type: text/x.tlog.size", "17\n"));
  auto poster = Poster::Create({});
  ASSERT_EQ(poster.status(), absl::OkStatus());
  for (int i = 0; i < 2; ++i) {
    const auto reply =
        poster->Post(absl::StrCat("http://127.0.0.1:", server.port(), "/w/add"), "question");
    ASSERT_EQ(reply.status(), absl::OkStatus());
    EXPECT_EQ(reply->code, 409);
    EXPECT_EQ(reply->content_type, "text/x.tlog.size");
    EXPECT_EQ(reply->body, "17\n");
    EXPECT_THAT(server.request(), StartsWith("POST /w/add HTTP/1.1\r\n"));
    EXPECT_THAT(server.request(), EndsWith("\r\n\r\nquestion"));
  }
}

TEST(PosterTest, ARedirectIsAnAnswer) {
  const OneAnswer server(AnswerOf("307 Elsewhere\r\nLocation: http://127.0.0.1:1/", ""));
  const auto reply = Post({}, absl::StrCat("http://127.0.0.1:", server.port(), "/"));
  ASSERT_EQ(reply.status(), absl::OkStatus());
  EXPECT_EQ(reply->code, 307);
}

TEST(PosterTest, WhatIsTooLongOrBreaksOffOrIsNotThereIsNone) {
  PostOptions options;
  options.reply_bytes = 10;
  const OneAnswer talks(AnswerOf("200 OK", std::string(11, 'x')));
  EXPECT_EQ(Post(options, absl::StrCat("http://127.0.0.1:", talks.port(), "/")).status().code(),
            absl::StatusCode::kOutOfRange);
  const OneAnswer breaks_off("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
  const absl::Status broken =
      Post({}, absl::StrCat("http://127.0.0.1:", breaks_off.port(), "/")).status();
  EXPECT_EQ(broken.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(broken.message()), HasSubstr(absl::StrCat(breaks_off.port())));
  EXPECT_EQ(Post({}, "http://127.0.0.1:1/").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Post({}, "file:///etc/hosts").status().code(), absl::StatusCode::kUnavailable);
}

TEST(PosterTest, IsGivenUpWhenItIsTold) {
  // Takes connections and never answers.
  const ListenSocket silent = ListenOn("127.0.0.1:0").value();
  std::atomic<bool> stop{false};
  PostOptions options;
  options.give_up = [&stop] { return stop.load(); };
  std::thread later([&stop] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    stop = true;
  });
  const auto started = std::chrono::steady_clock::now();
  EXPECT_EQ(Post(options, absl::StrCat("http://127.0.0.1:", silent.port, "/")).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(15));
  later.join();
  ::close(silent.file);
}

TEST(PosterTest, HttpsWantsACertificateThatTheRootsKnow) {
  const testing::TempDirectory files;
  testing::WriteCertificate(files.File("certificate"), files.File("key"));
  testing::WriteCertificate(files.File("other"), files.File("other.key"));
  const OneAnswer server(AnswerOf("200 OK", "yes"), files.File("certificate"), files.File("key"));
  const std::string url = absl::StrCat("https://localhost:", server.port(), "/");
  PostOptions options;
  options.root_certificates_file = files.File("certificate");
  const auto reply = Post(options, url);
  ASSERT_EQ(reply.status(), absl::OkStatus());
  EXPECT_EQ(reply->body, "yes");
  options.root_certificates_file = files.File("other");
  EXPECT_EQ(Post(options, url).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Post({}, url).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace urna::http
