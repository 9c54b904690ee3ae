// The stamped kernels as types, so that one test runs on every instruction set that the machine has.
#pragma once
#include <lowbit/kernel/dispatch/cpu.hpp>

#include <utility>

namespace lowbit_test {

#define LOWBIT_TEST_VERB(space, verb)         \
  template <class... A>                       \
  static auto verb(const A&... a) {           \
    return lowbit::kernel::space::verb(a...); \
  }
#define LOWBIT_TEST_TARGET(Type, space)                                \
  struct Type {                                                        \
    static constexpr lowbit::simd::Isa isa = lowbit::simd::Isa::space; \
    LOWBIT_TEST_VERB(space, min_max)                                   \
    LOWBIT_TEST_VERB(space, min_max_lines)                             \
    LOWBIT_TEST_VERB(space, histogram)                                 \
    LOWBIT_TEST_VERB(space, float_bins)                                \
    template <bool Sums, class... A>                                   \
    static auto learn_groups(const A&... a) {                          \
      return lowbit::kernel::space::learn_groups<Sums>(a...);          \
    }                                                                  \
    template <bool Sums, class... A>                                   \
    static auto learn_lines(const A&... a) {                           \
      return lowbit::kernel::space::learn_lines<Sums>(a...);           \
    }                                                                  \
    LOWBIT_TEST_VERB(space, magnitude)                                 \
    LOWBIT_TEST_VERB(space, encode)                                    \
    template <bool Bounded, class... A>                                \
    static auto encode_lines(const A&... a) {                          \
      return lowbit::kernel::space::encode_lines<Bounded>(a...);       \
    }                                                                  \
    LOWBIT_TEST_VERB(space, quantize_blocks)                           \
    LOWBIT_TEST_VERB(space, decode)                                    \
    LOWBIT_TEST_VERB(space, decode_lines)                              \
    template <lowbit::kernel::Far Side, class... A>                    \
    static auto transpose(const A&... a) {                             \
      return lowbit::kernel::space::transpose<Side>(a...);             \
    }                                                                  \
  };
LOWBIT_TEST_TARGET(Scalar, scalar)
#if LOWBIT_X86
LOWBIT_TEST_TARGET(Avx2, avx2)
LOWBIT_TEST_TARGET(Avx512, avx512)
LOWBIT_TEST_TARGET(Avx512Vbmi, avx512_vbmi)
#elif LOWBIT_NEON
LOWBIT_TEST_TARGET(Neon, neon)
#endif
#undef LOWBIT_TEST_TARGET
#undef LOWBIT_TEST_VERB

/// f(Target{}) for each instruction set of this machine.
template <class F>
void for_each_target(F&& f) {
  f(Scalar{});
#if LOWBIT_X86
  if (lowbit::simd::best() >= Avx2::isa) f(Avx2{});
  if (lowbit::simd::best() >= Avx512::isa) f(Avx512{});
  if (lowbit::simd::best() >= Avx512Vbmi::isa) f(Avx512Vbmi{});
#elif LOWBIT_NEON
  f(Neon{});
#endif
}

}  // namespace lowbit_test
