// Includes the x86 intrinsics that the vocabularies use, at low cost in compile time.
#pragma once
#include <lowbit/simd/region.hpp>

#if LOWBIT_X86 && defined(LOWBIT_INTRINSICS)
#include LOWBIT_INTRINSICS
#elif LOWBIT_X86
// <immintrin.h> takes g++ 12 and clang 14 about 0.4 s, half of what Eigen/Core takes, because of AVX-512
// FP16, VL and AMX, which no kernel uses; the headers below take 0.15 s. They are parts of <immintrin.h> and
// require its guard, which is defined here temporarily, so that a later #include <immintrin.h> adds the rest.
// Other compilers get the whole header.
#if defined(__clang__)
#if __clang_major__ == 14 && !defined(__CUDACC__) && !defined(_MSC_VER) && !defined(__IMMINTRIN_H)
#define LOWBIT_LENDS_GUARD
#define __IMMINTRIN_H  // NOLINT(bugprone-reserved-identifier): it is the guard
#endif
#elif defined(__GNUC__) && !defined(__CUDACC__) && __GNUC__ >= 11 && __GNUC__ <= 13 && \
    !defined(_IMMINTRIN_H_INCLUDED)
#define LOWBIT_LENDS_GUARD
#define _IMMINTRIN_H_INCLUDED
#endif
#if defined(LOWBIT_LENDS_GUARD)
// They build on each other in this order:
// clang-format off
#include <xmmintrin.h>
#include <emmintrin.h>
#include <pmmintrin.h>
#include <tmmintrin.h>
#include <smmintrin.h>
#include <avxintrin.h>
#include <avx2intrin.h>
#include <fmaintrin.h>
#include <avxvnniintrin.h>
#include <f16cintrin.h>
#include <avx512fintrin.h>
#if !defined(__clang__)
typedef unsigned int __mmask32;  // g++ 12 has it in the header of VL, which costs more than all the others
#endif
#include <avx512bwintrin.h>
#include <avx512dqintrin.h>
#include <avx512vbmiintrin.h>
#include <avx512vbmi2intrin.h>
#include <avx512vnniintrin.h>
// clang-format on
#undef _IMMINTRIN_H_INCLUDED
#undef __IMMINTRIN_H
#undef LOWBIT_LENDS_GUARD
#else
#include <immintrin.h>
#endif
#endif
