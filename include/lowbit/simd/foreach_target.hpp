// Stamps the file named by LOWBIT_TARGET_INCLUDE once per instruction set. No include guard, on purpose: the
// kernels in that file are compiled into namespaces kernel::scalar, kernel::avx2, ... from one text.
// AVX-VNNI differs from AVX2 in products only: it is stamped where LOWBIT_TARGET_WITH_AVX_VNNI is defined.
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

#if defined(LOWBIT_TARGET_WITH_AVX_VNNI)
LOWBIT_PUSH_TARGET(LOWBIT_TARGET_AVX_VNNI)
#define LOWBIT_TARGET avx_vnni
#include LOWBIT_TARGET_INCLUDE
#undef LOWBIT_TARGET
LOWBIT_POP_TARGET()
#endif

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
#undef LOWBIT_TARGET_WITH_AVX_VNNI
#undef LOWBIT_TARGET_INCLUDE
