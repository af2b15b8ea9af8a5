// `urna-verifier fetch`: brings a poll's public record from a board to disk.
#pragma once

#include <string>

namespace urna::verifier {

struct FetchOptions {
  std::string server;  // host:port
  std::string poll;    // origin
  std::string record;  // directory to make
  std::string tls_roots;
  bool tls = false;
  bool plain_anywhere = false;
  bool json = false;
};

// Prints what was fetched; the exit status.
int Fetch(const FetchOptions& options);

}  // namespace urna::verifier
