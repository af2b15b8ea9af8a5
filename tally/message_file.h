// Message files: what is to be posted to a board later, or signed by others before. JSON,
//   {"urna": "message/1", "origin": "board/name", "entry": "<hex>", "manifest": "<hex>"}
// `origin` is that of the log the entry goes to; `manifest`, beside an order, is the poll's first
// entry, so that who signs the order needs nothing but this file. Not part of the protocol.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/base/bytes.h"
#include "core/record/entry.h"

namespace urna::tally {

struct Message {
  std::string origin;
  record::Entry entry;
  std::optional<Bytes> manifest;
};

// InvalidArgument, naming file and field, unless the entry is canonical (signatures may still be
// missing), and the manifest, if there is one, is one of that origin.
absl::StatusOr<Message> ReadMessageFile(const std::string& path);
// Replaces what is there.
absl::Status WriteMessageFile(const std::string& path, const Message& message);

// The origin that a manifest or a roll's header states for its log; nothing for other entries.
std::optional<std::string> OriginOf(const record::Entry& entry);

}  // namespace urna::tally
