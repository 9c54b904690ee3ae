// The random cases of test_differential, with a fuzzer's bytes as decisions: drivers and the definition
// agree.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>

#include "differential/family.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lowbit_test;
  static const auto sorted = [] {
    auto all = families();
    std::ranges::sort(all, [](const Family& a, const Family& b) { return std::strcmp(a.name, b.name) < 0; });
    return all;
  }();
  if (size == 0) return 0;
  const Family& family = sorted[data[0] % sorted.size()];
  Choices choose(std::span(data, size).subspan(1));
  try {
    family.run(choose);
  } catch (const Mismatch& mismatch) {
    std::fprintf(stderr, "%s: %s\n", family.name, mismatch.what());
    std::abort();
  }
  return 0;
}
