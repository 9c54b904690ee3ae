// main of the benchmark programs: Google Benchmark's, two flags of our own, and what the report has to know.
//   --list_isa              print the instruction sets that LOWBIT_ISA can name on this machine, the best one
//   last
//   --seconds_per_row=1     how long to look for the best time of a row; at least three tries each
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <string_view>

#include "measure.hpp"
#include "threads.hpp"

namespace {

namespace simd = lowbit::simd;

void list_isa() {
  for (const simd::Isa level : simd::compiled)
    if (simd::available(level)) std::cout << simd::name(level) << '\n';
}

/// The first processor as Linux reports it; virtual machines often hide all but the numbers.
std::string processor() {
  std::ifstream info("/proc/cpuinfo");
  std::map<std::string, std::string> facts;
  for (std::string line; std::getline(info, line) && !line.empty();)
    if (const auto colon = line.find(':'); colon != line.npos && colon + 2 <= line.size())
      facts[line.substr(0, line.find_first_of("\t:"))] = line.substr(colon + 2);
  if (!facts.contains("model name")) return "unknown processor";
  return facts["model name"] + " (family " + facts["cpu family"] + ", model " + facts["model"] + ')';
}

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#elif defined(__GNUC__)
  return "g++ " __VERSION__;
#else
  return "unknown";
#endif
}

/// Removes our flags from the arguments; returns true when the program is done.
bool own_flags(int& argc, char** argv) {
  constexpr std::string_view seconds = "--seconds_per_row=";
  int kept = 0;
  for (int i = 0; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag == "--list_isa") {
      list_isa();
      return true;
    }
    if (flag.starts_with(seconds)) {
      bench::seconds_per_row = std::strtod(argv[i] + seconds.size(), nullptr);
    } else {
      argv[kept++] = argv[i];
    }
  }
  argv[argc = kept] = nullptr;
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (own_flags(argc, argv)) return 0;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  bench::use_threads(1);
  benchmark::AddCustomContext("isa", std::string(simd::name(simd::active())));
  benchmark::AddCustomContext("processor", processor());
  benchmark::AddCustomContext("compiler", compiler());
  benchmark::AddCustomContext("flags", LOWBIT_BENCHMARK_FLAGS);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
