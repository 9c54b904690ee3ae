// The stamped kernels as types, so that one test runs on every instruction set that the machine has.
#pragma once
#include <lowbit/kernel/dispatch/cpu.hpp>

#include "support/for_each_isa.hpp"

namespace lowbit_test {

#define LOWBIT_TEST_VERB(space, verb)         \
  template <class... A>                       \
  static auto verb(const A&... a) {           \
    return lowbit::kernel::space::verb(a...); \
  }
/// The kernels of one level.
template <Isa>
struct Kernels;
#define LOWBIT_TEST_TARGET(space, ...)                          \
  template <>                                                   \
  struct Kernels<Isa::space> {                                  \
    static constexpr Isa isa = Isa::space;                      \
    LOWBIT_TEST_VERB(space, min_max)                            \
    LOWBIT_TEST_VERB(space, min_max_rows)                       \
    LOWBIT_TEST_VERB(space, histogram)                          \
    LOWBIT_TEST_VERB(space, float_bins)                         \
    template <bool Sums, class... A>                            \
    static auto learn_groups(const A&... a) {                   \
      return lowbit::kernel::space::learn_groups<Sums>(a...);   \
    }                                                           \
    template <bool Sums, class... A>                            \
    static auto learn_rows(const A&... a) {                     \
      return lowbit::kernel::space::learn_rows<Sums>(a...);     \
    }                                                           \
    LOWBIT_TEST_VERB(space, magnitude)                          \
    LOWBIT_TEST_VERB(space, encode)                             \
    template <bool Bounded, class... A>                         \
    static auto encode_rows(const A&... a) {                    \
      return lowbit::kernel::space::encode_rows<Bounded>(a...); \
    }                                                           \
    LOWBIT_TEST_VERB(space, quantize_blocks)                    \
    LOWBIT_TEST_VERB(space, decode)                             \
    LOWBIT_TEST_VERB(space, decode_rows)                        \
    template <lowbit::kernel::Far Side, class... A>             \
    static auto transpose(const A&... a) {                      \
      return lowbit::kernel::space::transpose<Side>(a...);      \
    }                                                           \
  };
LOWBIT_TARGETS(LOWBIT_TEST_TARGET)
#undef LOWBIT_TEST_TARGET
#undef LOWBIT_TEST_VERB

/// f(Kernels{}) for each instruction set of this machine that has kernels for codebooks of its own, and with
/// them all others.
template <class F>
void for_each_target(F&& f) {
  for_each_isa<LOWBIT_COMMON_KERNELS | LOWBIT_CODEBOOK_KERNELS>([&](auto isa) { f(Kernels<isa>{}); });
}

}  // namespace lowbit_test
