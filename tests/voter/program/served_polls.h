// An election and two petitions, one of them anonymous, that are open on a real server, listening
// on this machine.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "server/grpc_server.h"
#include "tests/server/board_fixture.h"
#include "tests/support/election_fixture.h"
#include "voter/board.h"

namespace urna::voter {

inline constexpr char kElection[] = "board.example/election";
inline constexpr char kPetition[] = "board.example/petition";
inline constexpr char kAnonymousPetition[] = "board.example/anonymous";

// Voters 0, 2, 4 are in district 1 (style 1), 1 and 3 in district 2 (style 2).
class ServedPolls {
 public:
  // `manifest` may change that of the election.
  explicit ServedPolls(std::function<void(election::Manifest&)> manifest = {});

  std::string address() const { return server_->address(); }
  std::unique_ptr<Board> Connect() const;
  // Stops listening.
  void StopServer() { server_.reset(); }

  testing::ElectionFixture& fixture() { return *fixture_; }
  const crypto::Credential& credential(size_t voter) const {
    return fixture_->roll().credentials.at(voter);
  }
  const std::string& directory() { return board_.directory().path(); }
  void CloseElection();
  // Of the anonymous petition.
  static constexpr crypto::Hash32 kBeacon = {0xbe, 0xac, 0x07};

 private:
  void LogRoll();
  void LogElection();
  void LogPetition();
  void LogAnonymousPetition();
  // Logs it, and its orders up to the opening.
  void OpenPetition(petition::Manifest manifest);
  void Append(const std::string& origin, const Bytes& entry);

  testing::TestBoard board_;
  std::unique_ptr<testing::ElectionFixture> fixture_;
  std::unique_ptr<server::GrpcServer> server_;
};

}  // namespace urna::voter
