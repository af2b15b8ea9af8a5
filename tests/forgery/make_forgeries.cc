// make_forgeries DIRECTORY: writes every forged and every honest record, for other verifiers.
// make_forgeries DIRECTORY COUNT SEED: writes COUNT records that chance changed instead.
// DIRECTORY/NAME/ has `record`, `policy`, `arguments` (one a line, for both verifiers) and
// `expected.json`; DIRECTORY must not exist.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/crypto/sodium_init.h"
#include "tests/forgery/forgery.h"
#include "tests/forgery/mutations.h"

namespace urna::forgery {
namespace {

void WriteCase(const std::string& directory, const std::function<void(Case&)>& make,
               const nlohmann::json& expected) {
  std::filesystem::create_directories(directory);
  Case out(directory);
  make(out);
  out.WriteArguments();
  std::ofstream(directory + "/expected.json") << expected.dump(2) << "\n";
}

int WriteMutations(const std::string& directory, uint64_t count, uint64_t seed) {
  const auto sources = HonestSources();
  crypto::SeededRng rng(seed);
  for (uint64_t i = 0; i < count; ++i) {
    const Source& source = *sources[i % sources.size()];
    const Mutation mutation = Mutate(source, rng);
    nlohmann::json expected = {{"change", mutation.description}};
    if (mutation.must_fail) expected["status"] = 1;
    WriteCase(
        directory + "/mutation" + std::to_string(seed) + "_" + std::to_string(i),
        [&](Case& out) { WriteMutation(out, source, mutation); }, expected);
  }
  return 0;
}

int WriteCorpus(const std::string& directory) {
  for (const Forgery& forgery : AllForgeries()) {
    nlohmann::json checks = nlohmann::json::array();
    for (Check check : forgery.checks) checks.push_back(std::string(InfoOf(check).number));
    WriteCase(directory + "/" + forgery.Title(), forgery.make,
              {{"fails", checks}, {"status", 1}, {"cheat", std::string(CheatName(forgery.cheat))}});
  }
  for (const Honest& honest : HonestRecords()) {
    WriteCase(directory + "/Honest_" + honest.name, honest.make,
              {{"fails", nlohmann::json::array()}, {"status", honest.exit_status}});
  }
  std::printf("%zu forged and %zu honest records in %s\n", AllForgeries().size(),
              HonestRecords().size(), directory.c_str());
  return 0;
}

}  // namespace
}  // namespace urna::forgery

int main(int argc, char** argv) {
  if ((argc != 2 && argc != 4) || argv[1][0] == '-') {
    std::fprintf(stderr, "usage: make_forgeries DIRECTORY [COUNT SEED]\n");
    return 3;
  }
  if (!urna::crypto::InitializeCrypto().ok()) return 2;
  if (std::filesystem::exists(argv[1])) {
    std::fprintf(stderr, "make_forgeries: %s exists already\n", argv[1]);
    return 3;
  }
  if (argc == 2) return urna::forgery::WriteCorpus(argv[1]);
  return urna::forgery::WriteMutations(argv[1], std::strtoull(argv[2], nullptr, 10),
                                       std::strtoull(argv[3], nullptr, 10));
}
