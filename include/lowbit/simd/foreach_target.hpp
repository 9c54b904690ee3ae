// For each target of the table, compiles LOWBIT_TARGET_INCLUDE or includes LOWBIT_TARGET_FILE. Has no include
// guard on purpose: it loops by including itself.
//
// LOWBIT_TARGET_INCLUDE holds kernels, which are compiled once per target ("stamped") into namespaces
// kernel::scalar, kernel::avx2, ..., each in the region of its target. LOWBIT_TARGET_KERNELS is their kind,
// LOWBIT_COMMON_KERNELS by default; targets that need no copy of that kind are skipped. LOWBIT_TARGET_FILE is
// a file in the target's folder or, if missing there, in its base's.
#if !defined(LOWBIT_TARGET_INDEX)

#if !defined(LOWBIT_TARGET_INCLUDE) && !defined(LOWBIT_TARGET_FILE)
#error "define LOWBIT_TARGET_INCLUDE before including lowbit/simd/foreach_target.hpp"
#endif
#if !defined(LOWBIT_TARGET_KERNELS)
#define LOWBIT_TARGET_KERNELS LOWBIT_COMMON_KERNELS
#endif
#define LOWBIT_TARGET_INDEX 0
#include <lowbit/simd/foreach_target.hpp>
#define LOWBIT_TARGET_INDEX 1
#include <lowbit/simd/foreach_target.hpp>
#define LOWBIT_TARGET_INDEX 2
#include <lowbit/simd/foreach_target.hpp>
#define LOWBIT_TARGET_INDEX 3
#include <lowbit/simd/foreach_target.hpp>
#define LOWBIT_TARGET_INDEX 4
#include <lowbit/simd/foreach_target.hpp>
#define LOWBIT_TARGET_INDEX 5
#include <lowbit/simd/foreach_target.hpp>
#define LOWBIT_TARGET_INDEX 6
#include <lowbit/simd/foreach_target.hpp>
#define LOWBIT_TARGET_INDEX 7
#include <lowbit/simd/foreach_target.hpp>
#if LOWBIT_TARGET_COUNT > 8
#error "the table has more targets than this loop has turns"
#endif
#undef LOWBIT_TARGET_INCLUDE
#undef LOWBIT_TARGET_FILE
#undef LOWBIT_TARGET_KERNELS

#else

#if LOWBIT_TARGET_INDEX < LOWBIT_TARGET_COUNT
#define LOWBIT_TARGET LOWBIT_TARGET_AT(LOWBIT_TARGET_INDEX)
#if defined(LOWBIT_TARGET_FILE)
#if __has_include(LOWBIT_TARGET_PATH(LOWBIT_TARGET))
#include LOWBIT_TARGET_PATH(LOWBIT_TARGET)
#else
#include LOWBIT_TARGET_PATH(LOWBIT_TARGET_FACT(BASE, LOWBIT_TARGET))
#endif
#elif LOWBIT_KERNELS_OF(LOWBIT_TARGET) & (LOWBIT_TARGET_KERNELS)
LOWBIT_PUSH_TARGET(LOWBIT_TARGET)
#include LOWBIT_TARGET_INCLUDE
LOWBIT_POP_TARGET()
#endif
#undef LOWBIT_TARGET
#endif
#undef LOWBIT_TARGET_INDEX

#endif
