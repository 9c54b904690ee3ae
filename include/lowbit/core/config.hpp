// Version, required language standard, and compiler-specific macros.
#pragma once

#define LOWBIT_VERSION_MAJOR 0
#define LOWBIT_VERSION_MINOR 1
#define LOWBIT_VERSION_PATCH 0

#if defined(_MSVC_LANG) ? _MSVC_LANG < 202002L : __cplusplus < 202002L
#error "lowbit needs C++20: compile with -std=c++20 or later"
#endif

// Under -ffast-math, or a part of it, the compiler may remove NaN tests, reassociate sums and multiply by
// reciprocals, which breaks the non-finite policy and the promise of the same bits on every CPU. g++ has a
// macro for each part. clang++ has none for most of them, but rejects the pragma below under some.
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__) || \
    defined(__NO_SIGNED_ZEROS__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__ > 0)
#error "lowbit promises exact codes and NaN handling: compile without -ffast-math and its parts"
#elif defined(__clang__) && (defined(__x86_64__) || defined(__i386__))
namespace lowbit {
inline void needs_precise_arithmetic() {
#pragma STDC FENV_ACCESS ON  // lowbit promises exact codes: compile without -ffast-math and its parts
}
}  // namespace lowbit
#endif
// Some flags set no macro, such as -fno-honor-nans in clang++ and `#pragma GCC optimize("Ofast")` in g++, but
// show in what the optimizer folds for an unknown float. clang++ -O0 does not optimize: it misses these
// flags, and the call below would not be removed. g++ -O0 misses two of the pragmas.
#if defined(__GNUC__) && !defined(__CUDACC__) && defined(__has_attribute) && \
    (!defined(__clang__) || defined(__OPTIMIZE__))
#if __has_attribute(error)
namespace lowbit {
[[gnu::error("lowbit promises exact codes and NaN handling: compile without -ffast-math and its parts")]] void
refuse_imprecise_arithmetic();
[[gnu::used]] static void probe_arithmetic(float x) {
  if (__builtin_constant_p(x != x) ||              // no NaN
      __builtin_constant_p(__builtin_isinf(x)) ||  // no infinities
      __builtin_constant_p(x + 1e9f - x) ||        // sums in any order
      __builtin_constant_p(__builtin_bit_cast(int, x + 0.0f) == __builtin_bit_cast(int, x)) ||  // no -0
      __builtin_constant_p(__builtin_bit_cast(int, x / 3.0f) ==
                           __builtin_bit_cast(int, x*(1.0f / 3.0f))))  // quotients as products
    refuse_imprecise_arithmetic();
}
}  // namespace lowbit
#endif
#endif
static_assert(sizeof(0.1) == sizeof(double),
              "lowbit needs float arithmetic in float and double in double: compile without "
              "-fsingle-precision-constant");
// Excess precision of the x87 unit is rounded at unspecified points. 16 concerns only _Float16. clang++
// reports 0 also where floats use SSE registers and doubles do not.
#if (defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0 && __FLT_EVAL_METHOD__ != 16) || \
    (defined(__i386__) && !defined(__SSE2_MATH__))
#error "lowbit needs float arithmetic in float: compile with -msse2 -mfpmath=sse"
#endif

/// Placed after `product = a * b`, keeps the compiler from fusing the product with a sum; `kind` is its
/// register constraint. g++ fuses wherever the target has FMA, clang++ under -ffp-contract=fast, which no
/// pragma overrides.
#if defined(__GNUC__)
#define LOWBIT_ROUND_PRODUCT(product, kind) __asm__("" : "+" kind(product))
#endif
#if defined(__SSE_MATH__)
#define LOWBIT_FLOAT_REGISTER "x"
#elif defined(__aarch64__)
#define LOWBIT_FLOAT_REGISTER "w"
#endif

#define LOWBIT_STRINGIFY_(x) #x
#define LOWBIT_STRINGIFY(x) LOWBIT_STRINGIFY_(x)

#if defined(__GNUC__) || defined(__clang__)
#define LOWBIT_INLINE inline __attribute__((always_inline))
#define LOWBIT_LAMBDA_INLINE __attribute__((always_inline))
#define LOWBIT_NOINLINE __attribute__((noinline))
#define LOWBIT_COLD __attribute__((cold, noinline))
#else
#define LOWBIT_INLINE inline
#define LOWBIT_LAMBDA_INLINE
#define LOWBIT_NOINLINE
#define LOWBIT_COLD
#endif

#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
#define LOWBIT_EXCEPTIONS 1
#else
#define LOWBIT_EXCEPTIONS 0
#endif

/// Before a loop with a constant count: g++ -O2 leaves such loops rolled, and arrays of registers in memory.
#if defined(__GNUC__) && !defined(__CUDACC__)
#define LOWBIT_UNROLL(n) _Pragma(LOWBIT_STRINGIFY(GCC unroll n))
#else
#define LOWBIT_UNROLL(n)
#endif
