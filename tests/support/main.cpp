// The main function of the tests. Where LOWBIT_ISA names a level that the library knows and this machine
// lacks, nothing runs, and the exit code tells ctest that the run was skipped.
#include <lowbit/simd/isa.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <cstdio>
#include <cstdlib>
#include <string_view>

int main(int argc, char** argv) {
  using lowbit::simd::Isa;
  testing::InitGoogleMock(&argc, argv);
  const char* const wanted = std::getenv("LOWBIT_ISA");
#define LOWBIT_TEST_ISA(target, ...) Isa::target,
  for (Isa isa : {LOWBIT_ALL_TARGETS(LOWBIT_TEST_ISA)}) {
    if (wanted == nullptr || wanted != name(isa) || available(isa)) continue;
    std::printf("Skipped: this machine does not have %s.\n", wanted);
    return LOWBIT_TEST_SKIPPED;
  }
  return RUN_ALL_TESTS();
}
