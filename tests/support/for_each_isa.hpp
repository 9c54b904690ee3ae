// The levels that a test runs over: those of the table that this machine has.
#pragma once
#include <lowbit/simd/isa.hpp>

#include <type_traits>

namespace lowbit_test {

using lowbit::simd::Isa;

/// f(isa) for each level of this machine that kernels of these kinds are compiled for; isa is a constant.
template <int Kinds = LOWBIT_ALL_KERNELS, class F>
void for_each_isa(F&& f) {
#define LOWBIT_TEST_ISA(target, ...)                        \
  if constexpr ((LOWBIT_KERNELS_OF(target) & (Kinds)) != 0) \
    if (lowbit::simd::available(Isa::target)) f(std::integral_constant<Isa, Isa::target>{});
  LOWBIT_TARGETS(LOWBIT_TEST_ISA)
#undef LOWBIT_TEST_ISA
}

}  // namespace lowbit_test
