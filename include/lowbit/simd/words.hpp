// The vocabularies that kernels are written in: one namespace per instruction set, the same words in each.
#pragma once
#include <lowbit/simd/isa.hpp>
#include <lowbit/simd/target/scalar.hpp>
#if LOWBIT_X86
#include <lowbit/simd/target/avx2.hpp>
#include <lowbit/simd/target/avx512.hpp>
#include <lowbit/simd/target/avx512_vbmi.hpp>
#endif
#if LOWBIT_NEON
#include <lowbit/simd/target/neon.hpp>
#endif
