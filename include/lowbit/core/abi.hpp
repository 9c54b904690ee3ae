// LOWBIT_ABI: an inline namespace named after the version and the flags that change what inline functions
// compile to. Translation units built with different flags get different symbols, so the linker never gives a
// function compiled for AVX-512 to a unit that was built for the baseline.
//
// The tag of a default build is v0_1_sse2. Other flags append groups of four bits, a letter and a hexadecimal
// digit: -march=x86-64-v3 gives v0_1_avx2_aF_bE.
#pragma once
#include <lowbit/core/config.hpp>

/// 1 where `macro` is defined as 1, else 0; expands without #if, so that it can be pasted.
#define LOWBIT_ABI_HAS(macro) LOWBIT_ABI_HAS_PASTE(macro)
#define LOWBIT_ABI_HAS_PASTE(value) LOWBIT_ABI_HAS_PICK(LOWBIT_ABI_SHIFT_##value 1, 0, 0)
#define LOWBIT_ABI_HAS_PICK(...) LOWBIT_ABI_HAS_SECOND(__VA_ARGS__)
#define LOWBIT_ABI_HAS_SECOND(first, second, ...) second
#define LOWBIT_ABI_SHIFT_1 0,

/// The letter and digit of four macros; nothing where none of them is defined.
#define LOWBIT_ABI_GROUP(letter, a, b, c, d) \
  LOWBIT_ABI_BITS(letter, LOWBIT_ABI_HAS(a), LOWBIT_ABI_HAS(b), LOWBIT_ABI_HAS(c), LOWBIT_ABI_HAS(d))
#define LOWBIT_ABI_BITS(letter, a, b, c, d) LOWBIT_ABI_DIGIT(letter, a, b, c, d)
#define LOWBIT_ABI_DIGIT(letter, a, b, c, d) LOWBIT_ABI_##a##b##c##d(letter)
#define LOWBIT_ABI_0000(letter)
#define LOWBIT_ABI_0001(letter) _##letter##1
#define LOWBIT_ABI_0010(letter) _##letter##2
#define LOWBIT_ABI_0011(letter) _##letter##3
#define LOWBIT_ABI_0100(letter) _##letter##4
#define LOWBIT_ABI_0101(letter) _##letter##5
#define LOWBIT_ABI_0110(letter) _##letter##6
#define LOWBIT_ABI_0111(letter) _##letter##7
#define LOWBIT_ABI_1000(letter) _##letter##8
#define LOWBIT_ABI_1001(letter) _##letter##9
#define LOWBIT_ABI_1010(letter) _##letter##A
#define LOWBIT_ABI_1011(letter) _##letter##B
#define LOWBIT_ABI_1100(letter) _##letter##C
#define LOWBIT_ABI_1101(letter) _##letter##D
#define LOWBIT_ABI_1110(letter) _##letter##E
#define LOWBIT_ABI_1111(letter) _##letter##F

#if defined(__aarch64__)
#define LOWBIT_ABI_BASE arm64
#define LOWBIT_ABI_A \
  LOWBIT_ABI_GROUP(a, __ARM_FEATURE_ATOMICS, __ARM_FEATURE_RCPC, __ARM_FEATURE_QRDMX, __ARM_FEATURE_DOTPROD)
#define LOWBIT_ABI_B                                                                                     \
  LOWBIT_ABI_GROUP(b, __ARM_FEATURE_FP16_SCALAR_ARITHMETIC, __ARM_FEATURE_FP16_FML, __ARM_FEATURE_FRINT, \
                   __ARM_FEATURE_JCVT)
#define LOWBIT_ABI_C                                                    \
  LOWBIT_ABI_GROUP(c, __ARM_FEATURE_COMPLEX, __ARM_FEATURE_MATMUL_INT8, \
                   __ARM_FEATURE_BF16_SCALAR_ARITHMETIC, __ARM_FEATURE_CRC32)
#define LOWBIT_ABI_D \
  LOWBIT_ABI_GROUP(d, __ARM_FEATURE_SVE, __ARM_FEATURE_SVE2, __ARM_FEATURE_SVE2p1, __ARM_FEATURE_SME)
#define LOWBIT_ABI_E \
  LOWBIT_ABI_GROUP(e, __ARM_FEATURE_MOPS, __ARM_FEATURE_CSSC, __ARM_FEATURE_LS64, __ARM_FEATURE_LSE128)
#if defined(__ARM_FEATURE_SVE_BITS) && __ARM_FEATURE_SVE_BITS > 0
#define LOWBIT_ABI_F_PASTE(bits) _##bits
#define LOWBIT_ABI_F_OF(bits) LOWBIT_ABI_F_PASTE(bits)
#define LOWBIT_ABI_F LOWBIT_ABI_F_OF(__ARM_FEATURE_SVE_BITS)
#else
#define LOWBIT_ABI_F
#endif
#define LOWBIT_ABI_G
#define LOWBIT_ABI_H
#else
#if defined(__AVX512F__)
#define LOWBIT_ABI_BASE avx512
#elif defined(__AVX2__)
#define LOWBIT_ABI_BASE avx2
#elif defined(__AVX__)
#define LOWBIT_ABI_BASE avx
#elif defined(__SSE4_2__)
#define LOWBIT_ABI_BASE sse42
#elif defined(__SSE4_1__)
#define LOWBIT_ABI_BASE sse41
#elif defined(__SSSE3__)
#define LOWBIT_ABI_BASE ssse3
#elif defined(__SSE3__)
#define LOWBIT_ABI_BASE sse3
#elif defined(__x86_64__) || defined(_M_X64) || defined(__SSE2__)
#define LOWBIT_ABI_BASE sse2
#else
#define LOWBIT_ABI_BASE generic
#endif
#define LOWBIT_ABI_A LOWBIT_ABI_GROUP(a, __POPCNT__, __LZCNT__, __BMI__, __BMI2__)
#define LOWBIT_ABI_B LOWBIT_ABI_GROUP(b, __FMA__, __F16C__, __MOVBE__, __AVXVNNI__)
#define LOWBIT_ABI_C LOWBIT_ABI_GROUP(c, __AVX512CD__, __AVX512DQ__, __AVX512BW__, __AVX512VL__)
#define LOWBIT_ABI_D LOWBIT_ABI_GROUP(d, __AVX512VNNI__, __AVX512VBMI__, __AVX512VBMI2__, __AVX512IFMA__)
#define LOWBIT_ABI_E \
  LOWBIT_ABI_GROUP(e, __AVX512BITALG__, __AVX512VPOPCNTDQ__, __AVX512BF16__, __AVX512FP16__)
#define LOWBIT_ABI_F LOWBIT_ABI_GROUP(f, __GFNI__, __AVXIFMA__, __AVXNECONVERT__, __AVXVNNIINT8__)
#define LOWBIT_ABI_G LOWBIT_ABI_GROUP(g, __AVXVNNIINT16__, __APX_F__, __AVX10_2__, __PRFCHW__)
#define LOWBIT_ABI_H LOWBIT_ABI_GROUP(h, __SSE4A__, __FMA4__, __XOP__, __TBM__)
#endif

#if LOWBIT_EXCEPTIONS
#define LOWBIT_ABI_FAILURE
#else
#define LOWBIT_ABI_FAILURE _aborting
#endif
#if defined(_OPENMP)
#define LOWBIT_ABI_THREADS _openmp
#else
#define LOWBIT_ABI_THREADS
#endif
#if defined(LOWBIT_BASELINE_TARGET_ONLY)
#define LOWBIT_ABI_KERNELS _only
#else
#define LOWBIT_ABI_KERNELS
#endif
#if defined(_GLIBCXX_DEBUG)  // standard containers of another size
#define LOWBIT_ABI_LIBRARY _debug
#else
#define LOWBIT_ABI_LIBRARY
#endif

#define LOWBIT_ABI_PASTE(major, minor, base, a, b, c, d, e, f, g, h, failure, threads, kernels, library) \
  v##major##_##minor##_##base##a##b##c##d##e##f##g##h##failure##threads##kernels##library
#define LOWBIT_ABI_JOIN(...) LOWBIT_ABI_PASTE(__VA_ARGS__)
#define LOWBIT_ABI                                                                                         \
  LOWBIT_ABI_JOIN(LOWBIT_VERSION_MAJOR, LOWBIT_VERSION_MINOR, LOWBIT_ABI_BASE, LOWBIT_ABI_A, LOWBIT_ABI_B, \
                  LOWBIT_ABI_C, LOWBIT_ABI_D, LOWBIT_ABI_E, LOWBIT_ABI_F, LOWBIT_ABI_G, LOWBIT_ABI_H,      \
                  LOWBIT_ABI_FAILURE, LOWBIT_ABI_THREADS, LOWBIT_ABI_KERNELS, LOWBIT_ABI_LIBRARY)

namespace lowbit {
inline namespace LOWBIT_ABI {}
}  // namespace lowbit
