// make_forgeries DIRECTORY: writes every forged and every honest record, for other verifiers.
// DIRECTORY/NAME/ has `record`, `policy`, `arguments` (one a line, for both verifiers) and
// `expected.json`; DIRECTORY must not exist.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/crypto/sodium_init.h"
#include "tests/forgery/forgery.h"

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

int Run(const std::string& directory) {
  if (std::filesystem::exists(directory)) {
    std::fprintf(stderr, "make_forgeries: %s exists already\n", directory.c_str());
    return 3;
  }
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
  if (argc != 2 || argv[1][0] == '-') {
    std::fprintf(argc == 2 ? stdout : stderr, "usage: make_forgeries DIRECTORY\n");
    return argc == 2 ? 0 : 3;
  }
  if (!urna::crypto::InitializeCrypto().ok()) return 2;
  return urna::forgery::Run(argv[1]);
}
