#include "core/crypto/vartime/engine.h"

#include <atomic>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "core/crypto/vartime/lane_backends.h"

namespace urna::crypto::vartime {
namespace {

#if defined(__x86_64__)
// Where eight lanes of Pippenger overtake one of Straus.
constexpr size_t kMany = 48;
// Four lanes with products of 32 bits decode faster than one with products of 64 bits, and add up
// faster, but were slower in sums of multiples: 6.3 µs a point against 5.1, of 4,096 points.
constexpr size_t kNever = std::numeric_limits<size_t>::max();
#endif

std::vector<const Engine*> FindEngines() {
  std::vector<const Engine*> engines;
#if defined(__x86_64__)
  __builtin_cpu_init();
  // These ask the operating system too, whether it saves the registers.
  if (__builtin_cpu_supports("avx512f")) {
    const bool bytes = __builtin_cpu_supports("avx512bw");
    const Sha512Kernel& sha512 = bytes ? kSha512Avx512 : kSha512Avx2;
    if (__builtin_cpu_supports("avx512ifma")) {
      static const lanes::LaneEngine ifma("avx512ifma", lanes::IfmaKernels(), sha512, kMany);
      engines.push_back(&ifma);
    }
    static const lanes::LaneEngine avx512("avx512", lanes::Avx512Kernels(), sha512, kMany);
    engines.push_back(&avx512);
  }
  if (__builtin_cpu_supports("avx2")) {
    static const lanes::LaneEngine avx2("avx2", lanes::Avx2Kernels(), kSha512Avx2, kNever);
    engines.push_back(&avx2);
  }
#endif
  static const PortableEngine portable;
  engines.push_back(&portable);
  return engines;
}

const std::vector<const Engine*>& Engines() {
  static const std::vector<const Engine*> engines = FindEngines();
  return engines;
}

std::string EngineNames() {
  return absl::StrJoin(Engines(), ", ", [](std::string* out, const Engine* engine) {
    absl::StrAppend(out, engine->name());
  });
}

std::atomic<const Engine*>& Current() {
  static std::atomic<const Engine*> current = Engines().front();
  return current;
}

}  // namespace

std::span<const Engine* const> AvailableEngines() { return Engines(); }

const Engine& CurrentEngine() { return *Current().load(std::memory_order_relaxed); }

absl::Status SelectEngine(absl::string_view name) {
  for (const Engine* engine : Engines()) {
    if (!name.empty() && name != engine->name()) continue;
    Current().store(engine, std::memory_order_relaxed);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--engine: there is no '", name, "' on this processor, but ", EngineNames()));
}

std::string EngineOptionHelp() {
  return absl::StrCat("Arithmetic on public points: ", EngineNames(), "; by default the first");
}

}  // namespace urna::crypto::vartime
