// Copies of public records from any web server that has their files: a board's own, a mirror's, a
// directory that somebody put on the web. docs/protocol.md §10.1.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "core/remote/fetch_choice.h"
#include "core/remote/http_reader.h"

namespace urna::remote {

// Whether it begins as the URL of a web server does.
bool IsWebUrl(absl::string_view text);

// Brings the poll at the URL, and the roll that it pins, into a record directory, which is made; a
// record of it that is there already grows. What is there afterwards has the checkpoints' roots and
// the signatures of the keys that the logs name themselves; whether those are the right ones, and
// all else, is the verifier's to say.
//
// InvalidArgument if the URL is none of a poll; DataLoss if the files contradict each other; what
// HttpReader::Get says; FailedPrecondition if another poll's or a longer record is there.
absl::Status MirrorRecord(const std::string& url, const std::string& record,
                          const HttpOptions& options, FetchAt at = FetchAt::kFinal,
                          const ProgressOf& progress = {});

}  // namespace urna::remote
