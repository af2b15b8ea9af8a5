// Runs a fuzz target without a fuzzer: on files that are named (inputs that once failed), or for
// some seconds on random inputs and, if there is a corpus, on its files and on changed ones.
//
// usage: TARGET FILE…
//        TARGET --seconds N [--seed SEED] [--corpus DIR]
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Input = std::vector<uint8_t>;
using Random = std::mt19937_64;

constexpr size_t kMostBytes = 8192;

bool Read(const std::string& name, Input& out) {
  std::ifstream file(name, std::ios::binary);
  if (!file) {
    std::cerr << name << ": cannot be opened\n";
    return false;
  }
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
  out.assign(bytes.begin(), bytes.end());
  return true;
}

void Run(const Input& input) { LLVMFuzzerTestOneInput(input.data(), input.size()); }

int RunFiles(const std::vector<std::string>& files) {
  for (const std::string& name : files) {
    Input input;
    if (!Read(name, input)) return 3;
    Run(input);
  }
  std::cout << files.size() << " files\n";
  return 0;
}

Input RandomInput(Random& random) {
  // Short ones more often: each length class alike.
  Input input(random() % (1 + (kMostBytes >> random() % 8)));
  for (uint8_t& byte : input) byte = static_cast<uint8_t>(random());
  return input;
}

// One change of a kind that finds its way past a length or a keyword now and then.
void Change(const std::vector<Input>& corpus, Random& random, Input& input) {
  constexpr uint8_t kBytes[] = {0x00, 0x01, 0x7f, 0x80, 0xff, '0', '9', '\n', ' ', ';'};
  const size_t at = input.empty() ? 0 : random() % input.size();
  const size_t rest = input.size() - at;
  const size_t length = rest == 0 ? 0 : random() % (1 + std::min<size_t>(rest, 1 + random() % 64));
  const auto from = input.begin() + static_cast<std::ptrdiff_t>(at);
  const auto to = from + static_cast<std::ptrdiff_t>(length);
  switch (random() % 7) {
    case 0:  // a bit
      if (!input.empty()) input[at] ^= static_cast<uint8_t>(1u << random() % 8);
      break;
    case 1:  // a byte that means something
      if (!input.empty()) input[at] = kBytes[random() % std::size(kBytes)];
      break;
    case 2:  // one more or one less: lengths, counts, digits
      if (!input.empty()) input[at] = static_cast<uint8_t>(input[at] + (random() % 2 ? 1 : 255));
      break;
    case 3:
      input.erase(from, to);
      break;
    case 4: {  // a part twice
      const Input part(from, to);
      input.insert(from, part.begin(), part.end());
      break;
    }
    case 5:
      input.resize(at);
      break;
    default: {  // goes on as another file does
      const Input& other = corpus[random() % corpus.size()];
      if (other.empty()) break;
      input.resize(at);
      input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(at % other.size()),
                   other.end());
    }
  }
}

int RunFor(double seconds, uint64_t seed, const std::string& folder) {
  std::vector<std::string> files;
  if (!folder.empty()) {
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      files.push_back(file.path());
    }
    if (files.empty()) {
      std::cerr << folder << ": there is nothing in it\n";
      return 3;
    }
  }
  if (const int result = RunFiles(files); result != 0) return result;
  std::vector<Input> corpus(files.size());
  for (size_t i = 0; i < files.size(); ++i) {
    if (!Read(files[i], corpus[i])) return 3;
  }
  std::cout << "seed " << seed << std::endl;
  Random random(seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  uint64_t inputs = 0;
  do {
    if (corpus.empty() || random() % 8 == 0) {
      Run(RandomInput(random));
    } else {
      Input input = corpus[random() % corpus.size()];
      for (size_t i = 1 + random() % 6; i > 0; --i) Change(corpus, random, input);
      Run(input);
    }
    ++inputs;
  } while (std::chrono::steady_clock::now() < end);
  std::cout << inputs << " random inputs\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty() || arguments.size() % 2 != 0 || arguments[0] != "--seconds") {
    if (!arguments.empty() && arguments[0] != "--seconds") return RunFiles(arguments);
    std::cerr << "usage: " << argv[0] << " FILE... | --seconds N [--seed SEED] [--corpus DIR]\n";
    return 3;
  }
  uint64_t seed = std::random_device()();
  std::string corpus;
  for (size_t i = 2; i < arguments.size(); i += 2) {
    if (arguments[i] == "--seed") {
      seed = std::strtoull(arguments[i + 1].c_str(), nullptr, 10);
    } else if (arguments[i] == "--corpus") {
      corpus = arguments[i + 1];
    } else {
      std::cerr << argv[0] << ": unknown option " << arguments[i] << "\n";
      return 3;
    }
  }
  return RunFor(std::strtod(arguments[1].c_str(), nullptr), seed, corpus);
}
