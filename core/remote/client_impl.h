// What the parts of BoardClient share. Internal to this folder.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "core/base/bytes.h"
#include "core/remote/board_client.h"
#include "proto/urna.grpc.pb.h"

namespace urna::remote {

inline constexpr char kTokenMetadata[] = "urna-admin-token";

struct BoardClient::Impl {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::Board::Stub> board;
  std::unique_ptr<v1::Voting::Stub> voting;
  std::unique_ptr<v1::Petitions::Stub> petitions;
  std::unique_ptr<v1::Administration::Stub> administration;
  std::string token;  // in hex; empty: none
  int64_t deadline_seconds = 30;
  std::string certificate_hint;  // see FromGrpc

  // The error of a call.
  absl::Status Result(const grpc::Status& status) const;
  // Waits until there is a connection, for two seconds at most, then sets the deadline of one call,
  // and the token if the call is one that may need it.
  void Prepare(grpc::ClientContext& context, int64_t factor = 1) const;
  void PrepareAdministration(grpc::ClientContext& context, int64_t factor = 1) const;
  // Makes a call, and makes it again while the board is busy and says that it may be asked soon;
  // each time with a new context, which is prepared.
  using Call = std::function<grpc::Status(grpc::ClientContext&)>;
  grpc::Status CallPatiently(const Call& call) const;
  // For orders, which may have to wait for the witnesses' time: longer.
  grpc::Status AppendPatiently(const Call& call) const;
  // For calls that must not wait: many at once, that have their own way to begin again.
  void SetDeadline(grpc::ClientContext& context, int64_t factor = 1) const;
};

// After how many milliseconds the board may be asked again, as its refusal says; 0 if it does not.
int RetryAfterMs(const grpc::ClientContext& context);

inline std::string ToText(ByteSpan bytes) { return std::string(bytes.begin(), bytes.end()); }

// DataLoss if the leaf hash is not 32 bytes.
absl::StatusOr<Receipt> FromMessage(const v1::Receipt& message);

}  // namespace urna::remote
