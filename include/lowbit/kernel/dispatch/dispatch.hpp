// Dispatch to the kernels of the instruction set in use: the only such switch of the library.
#pragma once
#include <lowbit/simd/isa.hpp>

/// Calls a kernel for the active target and returns its result, as in LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS,
/// f(x, n)). `kernels` is the kind of f. A target without its own copy of that kind uses its base's, which
/// saves compile time.
#if LOWBIT_TARGET_COUNT == 1
#define LOWBIT_DISPATCH(kernels, ...) LOWBIT_TARGETS(LOWBIT_CALL_KERNEL, __VA_ARGS__)
#define LOWBIT_CALL_KERNEL(target, ...) return ::lowbit::kernel::target::__VA_ARGS__;
#else
#define LOWBIT_DISPATCH(kernels, ...)                          \
  switch (::lowbit::simd::detail::choice().isa) {              \
    LOWBIT_TARGETS(LOWBIT_DISPATCH_CASE, kernels, __VA_ARGS__) \
    default:                                                   \
      __builtin_unreachable();                                 \
  }
#define LOWBIT_DISPATCH_CASE(target, kernels, ...) \
  LOWBIT_DISPATCH_CASE_OR_BASE(target, LOWBIT_TARGET_FACT(BASE, target), kernels, __VA_ARGS__)
#define LOWBIT_DISPATCH_CASE_OR_BASE(target, base, kernels, ...) \
  case ::lowbit::simd::Isa::target:                              \
    if constexpr ((LOWBIT_KERNELS_OF(target) & (kernels)) != 0)  \
      return ::lowbit::kernel::target::__VA_ARGS__;              \
    else                                                         \
      return ::lowbit::kernel::base::__VA_ARGS__;
#endif
