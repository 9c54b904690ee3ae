// The words of integer products, beside the vocabulary: only products include them, so only they pay for
// them.
#pragma once
#include <lowbit/simd/target/scalar_dot.hpp>
#if LOWBIT_X86
#include <lowbit/simd/target/avx2_dot.hpp>
#include <lowbit/simd/target/avx512_dot.hpp>
#include <lowbit/simd/target/avx_vnni_dot.hpp>
#endif
#if LOWBIT_NEON
#include <lowbit/simd/target/neon_dot.hpp>
#endif
