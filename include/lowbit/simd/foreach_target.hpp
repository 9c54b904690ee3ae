// Stamps the file named by LOWBIT_TARGET_INCLUDE once per instruction set. No include guard, on purpose: the
// kernels in that file are compiled into namespaces kernel::scalar, kernel::avx2, ... from one text.
#include <lowbit/simd/words.hpp>
#ifndef LOWBIT_TARGET_INCLUDE
#error "define LOWBIT_TARGET_INCLUDE before including lowbit/simd/foreach_target.hpp"
#endif

LOWBIT_PUSH_BASELINE()
#define LOWBIT_TARGET scalar
#include LOWBIT_TARGET_INCLUDE
#undef LOWBIT_TARGET
LOWBIT_POP_TARGET()

#if LOWBIT_X86
LOWBIT_PUSH_TARGET(LOWBIT_TARGET_AVX2)
#define LOWBIT_TARGET avx2
#include LOWBIT_TARGET_INCLUDE
#undef LOWBIT_TARGET
LOWBIT_POP_TARGET()

LOWBIT_PUSH_TARGET(LOWBIT_TARGET_AVX512)
#define LOWBIT_TARGET avx512
#include LOWBIT_TARGET_INCLUDE
#undef LOWBIT_TARGET
LOWBIT_POP_TARGET()

LOWBIT_PUSH_TARGET(LOWBIT_TARGET_AVX512_VBMI)
#define LOWBIT_TARGET avx512_vbmi
#include LOWBIT_TARGET_INCLUDE
#undef LOWBIT_TARGET
LOWBIT_POP_TARGET()
#endif

#if LOWBIT_NEON
LOWBIT_PUSH_BASELINE()
#define LOWBIT_TARGET neon
#include LOWBIT_TARGET_INCLUDE
#undef LOWBIT_TARGET
LOWBIT_POP_TARGET()
#endif
#undef LOWBIT_TARGET_INCLUDE
