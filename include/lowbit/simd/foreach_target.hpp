// Once for each target of the table: stamps the file LOWBIT_TARGET_INCLUDE, or includes LOWBIT_TARGET_FILE.
// No include guard, on purpose, and the loop is this file including itself.
//
// Stamping compiles one text of kernels into namespaces kernel::scalar, kernel::avx2, ..., each in the region
// of its target. LOWBIT_TARGET_KERNELS says of which kind they are, by default LOWBIT_COMMON_KERNELS: targets
// that need no copy of those are left out. LOWBIT_TARGET_FILE is a file of the target's folder or, where that
// has none, of its base's.
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
