// The main function of the tests. Where LOWBIT_ISA names a level that the library knows and this machine
// lacks, nothing runs, and the exit code tells ctest that the run was skipped.
#include <lowbit/simd/isa.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string_view>

int main(int argc, char** argv) {
  using lowbit::simd::Isa;
  testing::InitGoogleMock(&argc, argv);
  const char* const wanted = std::getenv("LOWBIT_ISA");
  for (Isa isa : {Isa::neon, Isa::avx2, Isa::avx_vnni, Isa::avx512, Isa::avx512_vbmi}) {
    using lowbit::simd::compiled;
    if (wanted == nullptr || wanted != name(isa)) continue;
    if (std::find(std::begin(compiled), std::end(compiled), isa) == std::end(compiled) || !available(isa)) {
      std::printf("Skipped: this machine does not have %s.\n", wanted);
      return LOWBIT_TEST_SKIPPED;
    }
  }
  return RUN_ALL_TESTS();
}
