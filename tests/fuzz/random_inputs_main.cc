// Runs a fuzz target without a fuzzer: on files that are named (inputs that once failed), or on
// random inputs for some seconds.
//
// usage: TARGET FILE…
//        TARGET --seconds N [--seed SEED]
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kMostBytes = 8192;

int RunRandom(double seconds, uint64_t seed) {
  std::cout << "seed " << seed << std::endl;
  std::mt19937_64 random(seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  uint64_t inputs = 0;
  do {
    // Short ones more often: each length class alike.
    std::vector<uint8_t> input(random() % (1 + (kMostBytes >> random() % 8)));
    for (uint8_t& byte : input) byte = static_cast<uint8_t>(random());
    LLVMFuzzerTestOneInput(input.data(), input.size());
    ++inputs;
  } while (std::chrono::steady_clock::now() < end);
  std::cout << inputs << " random inputs\n";
  return 0;
}

int RunFiles(const std::vector<std::string>& files) {
  for (const std::string& name : files) {
    std::ifstream file(name, std::ios::binary);
    if (!file) {
      std::cerr << name << ": cannot be opened\n";
      return 3;
    }
    const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  }
  std::cout << files.size() << " files\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) {
    std::cerr << "usage: " << argv[0] << " FILE... | --seconds N [--seed SEED]\n";
    return 3;
  }
  if (arguments[0] != "--seconds") return RunFiles(arguments);
  if (arguments.size() < 2) return 3;
  const uint64_t seed = arguments.size() == 4 ? std::strtoull(arguments[3].c_str(), nullptr, 10)
                                              : std::random_device()();
  return RunRandom(std::strtod(arguments[1].c_str(), nullptr), seed);
}
