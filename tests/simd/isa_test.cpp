#include <lowbit/simd/isa.hpp>

#include <gtest/gtest.h>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

namespace {

using lowbit::simd::Isa;

std::string_view wanted() {
  const char* name = std::getenv("LOWBIT_ISA");
  return name == nullptr ? "" : name;
}

TEST(Isa, levels_are_ordered_and_named) {
  for (std::size_t k = 1; k < std::size(lowbit::simd::compiled); ++k)
    EXPECT_LT(lowbit::simd::compiled[k - 1], lowbit::simd::compiled[k]);
  EXPECT_EQ(lowbit::simd::compiled[0], Isa::scalar);
  EXPECT_EQ(name(Isa::scalar), "scalar");
  EXPECT_EQ(name(Isa::avx2), "avx2");
  EXPECT_EQ(name(Isa::avx_vnni), "avx_vnni");
  EXPECT_EQ(name(Isa::avx512), "avx512");
  EXPECT_EQ(name(Isa::avx512_vbmi), "avx512_vbmi");
  EXPECT_EQ(name(Isa::neon), "neon");
}

TEST(Isa, the_best_level_is_the_last_that_is_available) {
  Isa last = Isa::scalar;
  for (Isa isa : lowbit::simd::compiled)
    if (available(isa)) last = isa;
  EXPECT_EQ(lowbit::simd::best(), last);
  EXPECT_TRUE(available(lowbit::simd::active()));
}

TEST(Isa, the_environment_names_the_active_level) {
  for (Isa isa : lowbit::simd::compiled)
    if (wanted() == name(isa) && available(isa)) {
      EXPECT_EQ(lowbit::simd::active(), isa);
    }
}

TEST(Isa, by_default_the_best_level_is_active) {
  if (!wanted().empty()) GTEST_SKIP() << "LOWBIT_ISA=" << wanted();
  EXPECT_EQ(lowbit::simd::active(), lowbit::simd::best());
}

TEST(Isa, only_the_exact_names_of_levels_of_this_machine_are_accepted) {
  using lowbit::simd::detail::choose;
  for (Isa isa : lowbit::simd::compiled) {
    const std::string exact(name(isa));
    EXPECT_EQ(choose(exact.c_str()).isa, available(isa) ? isa : lowbit::simd::best());
    EXPECT_EQ(choose(exact.c_str()).refused, available(isa) ? "" : exact);
    for (const std::string& wrong : {exact + " ", " " + exact, exact + "x", exact.substr(1)})
      EXPECT_EQ(choose(wrong.c_str()).refused, wrong);
  }
  for (const char* wrong : {"AVX2", "Scalar", "avx", "sse", "best", "0"})
    EXPECT_STREQ(choose(wrong).refused, wrong);
  for (const char* none : {static_cast<const char*>(nullptr), ""}) {
    EXPECT_STREQ(choose(none).refused, "");
    EXPECT_EQ(choose(none).isa, lowbit::simd::best());
  }
}

TEST(Isa, the_choice_is_made_once) {
  const Isa first = lowbit::simd::active();
  const std::string before(wanted());
  ::setenv("LOWBIT_ISA", first == Isa::scalar ? "avx512_vbmi" : "scalar", 1);
  EXPECT_EQ(lowbit::simd::active(), first);
  if (before.empty()) {
    ::unsetenv("LOWBIT_ISA");
  } else {
    ::setenv("LOWBIT_ISA", before.c_str(), 1);
  }
}

#if LOWBIT_X86 && !defined(LOWBIT_INTRINSICS)
TEST(Isa, detection_agrees_with_the_compilers_own) {
  const bool avx2 =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni");
  const bool vbmi = avx512 && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2");
  EXPECT_EQ(available(Isa::avx2), avx2);
  EXPECT_EQ(available(Isa::avx512), avx512);
  EXPECT_EQ(available(Isa::avx512_vbmi), vbmi);
#if !defined(__clang__)  // clang 14 does not know it
  EXPECT_EQ(available(Isa::avx_vnni), avx2 && __builtin_cpu_supports("avxvnni"));
#endif
}
#endif

}  // namespace
