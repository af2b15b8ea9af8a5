// The gRPC services of proto/urna.proto: thin adapters over Board that take messages apart and put
// answers together. The one place that turns absl::Status into gRPC's.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>

#include "absl/status/status.h"
#include "core/base/bytes.h"
#include "proto/urna.grpc.pb.h"
#include "server/board.h"

namespace urna::server {

// The metadata that carries the administration token, and the one that says after how many
// milliseconds a busy board may be asked again.
inline constexpr char kTokenMetadata[] = "urna-admin-token";
inline constexpr char kRetryMetadata[] = "urna-retry-after-ms";

// The codes are the same ones; so are the sentences, but for errors of ours, which the log has.
grpc::Status ToGrpc(const absl::Status& status);

inline std::string ToText(ByteSpan bytes) { return std::string(bytes.begin(), bytes.end()); }
void FillReceipt(const Receipt& receipt, v1::Receipt& message);

class BoardService final : public v1::Board::CallbackService {
 public:
  explicit BoardService(const Board& board) : board_(board) {}

  grpc::ServerUnaryReactor* GetBoard(grpc::CallbackServerContext* context,
                                     const v1::GetBoardRequest* request,
                                     v1::GetBoardResponse* response) override;
  grpc::ServerUnaryReactor* ListPolls(grpc::CallbackServerContext* context,
                                      const v1::ListPollsRequest* request,
                                      v1::ListPollsResponse* response) override;
  grpc::ServerUnaryReactor* GetCheckpoint(grpc::CallbackServerContext* context,
                                          const v1::GetCheckpointRequest* request,
                                          v1::GetCheckpointResponse* response) override;
  grpc::ServerWriteReactor<v1::StreamEntriesResponse>* StreamEntries(
      grpc::CallbackServerContext* context, const v1::StreamEntriesRequest* request) override;
  grpc::ServerUnaryReactor* GetInclusionProof(grpc::CallbackServerContext* context,
                                              const v1::GetInclusionProofRequest* request,
                                              v1::GetInclusionProofResponse* response) override;
  grpc::ServerUnaryReactor* GetConsistencyProof(grpc::CallbackServerContext* context,
                                                const v1::GetConsistencyProofRequest* request,
                                                v1::GetConsistencyProofResponse* response) override;

 private:
  const Board& board_;
};

class VotingService final : public v1::Voting::CallbackService {
 public:
  explicit VotingService(Board& board) : board_(board) {}
  grpc::ServerUnaryReactor* Cast(grpc::CallbackServerContext* context,
                                 const v1::CastRequest* request, v1::Receipt* response) override;

 private:
  Board& board_;
};

class PetitionsService final : public v1::Petitions::CallbackService {
 public:
  explicit PetitionsService(Board& board) : board_(board) {}
  grpc::ServerUnaryReactor* Act(grpc::CallbackServerContext* context, const v1::ActRequest* request,
                                v1::Receipt* response) override;
  grpc::ServerUnaryReactor* GetCount(grpc::CallbackServerContext* context,
                                     const v1::GetCountRequest* request,
                                     v1::GetCountResponse* response) override;

 private:
  Board& board_;
};

class AdministrationService final : public v1::Administration::CallbackService {
 public:
  explicit AdministrationService(Board& board) : board_(board) {}
  grpc::ServerUnaryReactor* CreateLog(grpc::CallbackServerContext* context,
                                      const v1::CreateLogRequest* request,
                                      v1::Receipt* response) override;
  grpc::ServerUnaryReactor* Append(grpc::CallbackServerContext* context,
                                   const v1::AppendRequest* request,
                                   v1::Receipt* response) override;
  grpc::ServerReadReactor<v1::AppendManyRequest>* AppendMany(grpc::CallbackServerContext* context,
                                                             v1::Receipt* response) override;

 private:
  Board& board_;
};

}  // namespace urna::server
