// Writes the vector files into the directory given, by default tests/vectors.
#include <cstdio>
#include <string>

#include "core/base/bytes.h"
#include "core/base/file.h"
#include "core/crypto/sodium_init.h"
#include "tests/vectors/crypto_vectors.h"

int main(int argc, char** argv) {
  if (argc > 2) {
    std::fprintf(stderr, "usage: make_vectors [directory]\n");
    return 3;
  }
  if (!urna::crypto::InitializeCrypto().ok()) return 2;
  const std::string directory = argc == 2 ? argv[1] : "tests/vectors";
  for (const auto& [name, content] : urna::crypto::MakeCryptoVectors()) {
    const absl::Status written =
        urna::WriteFileDurably(directory + "/" + name, urna::AsBytes(content));
    if (!written.ok()) {
      std::fprintf(stderr, "%s: %s\n", name.c_str(), written.ToString().c_str());
      return 3;
    }
    std::printf("%s/%s\n", directory.c_str(), name.c_str());
  }
  return 0;
}
