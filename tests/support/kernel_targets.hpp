// The stamped kernels as types, so that one test runs on every instruction set that the machine has.
#pragma once
#include <lowbit/backend/cpu.hpp>

#include <utility>

namespace lowbit_test {

#define LOWBIT_TEST_TARGET(Type, space)                                  \
  struct Type {                                                          \
    static constexpr lowbit::simd::Isa isa = lowbit::simd::Isa::space;   \
    template <class... A>                                                \
    static auto min_max(A&&... a) {                                      \
      return lowbit::kernel::space::min_max(std::forward<A>(a)...);      \
    }                                                                    \
    template <class... A>                                                \
    static auto min_max_each(A&&... a) {                                 \
      return lowbit::kernel::space::min_max_each(std::forward<A>(a)...); \
    }                                                                    \
    template <class... A>                                                \
    static void encode(A&&... a) {                                       \
      lowbit::kernel::space::encode(std::forward<A>(a)...);              \
    }                                                                    \
    template <class... A>                                                \
    static void decode(A&&... a) {                                       \
      lowbit::kernel::space::decode(std::forward<A>(a)...);              \
    }                                                                    \
  };
LOWBIT_TEST_TARGET(Scalar, scalar)
#if LOWBIT_X86
LOWBIT_TEST_TARGET(Avx2, avx2)
LOWBIT_TEST_TARGET(Avx512, avx512)
#endif
#undef LOWBIT_TEST_TARGET

/// f(Target{}) for each instruction set of this machine.
template <class F>
void for_each_target(F&& f) {
  f(Scalar{});
#if LOWBIT_X86
  if (lowbit::simd::best() >= Avx2::isa) f(Avx2{});
  if (lowbit::simd::best() >= Avx512::isa) f(Avx512{});
#endif
}

}  // namespace lowbit_test
