// The table of SIMD targets, from which the enumeration, detection, words, kernels, dispatch, tests and CMake
// are derived.
#pragma once
#include <lowbit/core/abi.hpp>

// To add a target, add a line here, after its base and before better targets that a machine may have as well,
// and a folder lowbit/simd/<name>/ with
// - target.hpp: the features that it needs of a processor, its base, which kernels are compiled for it, and
//   the macros of the compiler that say that the flags cover it. A feature that no target needed before also
//   takes a line in processor.hpp.
//   It defines LOWBIT_FEATURES_<name>, LOWBIT_BASE_<name>, LOWBIT_KERNELS_<name>,
//   LOWBIT_WITH_OWN_WORDS_<name>(...), which is `__VA_ARGS__` where words.hpp defines f32 and i32 and else
//   empty, and, where the flags cover it, LOWBIT_BASELINE_TARGET: see `avx2`.
// - words.hpp, dot.hpp, word_sums.hpp, double_sums.hpp: its words, in namespace simd::<name> and between
//   LOWBIT_PUSH_TARGET(<name>) and LOWBIT_POP_TARGET(); `scalar` says what each of them does. A target of
//   which only some kernels are compiled takes the files it lacks, and the words that its files lack, from
//   its base.
// `avx2` shows one with all words, `avx_vnni` one with a few. Intrinsics that no target used before take a
// line in intrinsics.hpp, and macros of the compiler that no target read before a place in core/abi.hpp. A
// new architecture also needs LOWBIT_IF_<architecture> below and a branch in tests/targets.cmake. It, or a
// target of arm64 that some processors lack, needs detection in processor.hpp: Features::has is always true
// outside x86.

/// X(name, architecture, ...) for every target, the worst first. CMake reads these lines, too.
#define LOWBIT_ALL_TARGETS(X, ...) \
  X(scalar, any, __VA_ARGS__)      \
  X(neon, arm64, __VA_ARGS__)      \
  X(avx2, x86, __VA_ARGS__)        \
  X(avx_vnni, x86, __VA_ARGS__)    \
  X(avx512, x86, __VA_ARGS__)      \
  X(avx512_vbmi, x86, __VA_ARGS__)

/// Kinds of kernels; a sum of them says which kinds a target has a copy of.
#define LOWBIT_COMMON_KERNELS 1
#define LOWBIT_CODEBOOK_KERNELS 2
#define LOWBIT_PRODUCT_KERNELS 4
#define LOWBIT_ALL_KERNELS 7

#define LOWBIT_IF_any(...) __VA_ARGS__
#if defined(__x86_64__) && defined(__GNUC__)
#define LOWBIT_X86 1
#define LOWBIT_IF_x86(...) __VA_ARGS__
#else
#define LOWBIT_X86 0
#define LOWBIT_IF_x86(...)
#endif
#if defined(__aarch64__) && defined(__GNUC__)
#define LOWBIT_IF_arm64(...) __VA_ARGS__
#else
#define LOWBIT_IF_arm64(...)
#endif

/// X(name, ...) for every target that the program has kernels for: those of the architecture or, where
/// LOWBIT_BASELINE_TARGET_ONLY is defined, the best one that the flags of the compiler cover.
#define LOWBIT_TARGETS(X, ...) LOWBIT_ALL_TARGETS(LOWBIT_CALL_IF, X, __VA_ARGS__)
#define LOWBIT_CALL_IF(target, architecture, X, ...) LOWBIT_IF_##architecture(X(target, __VA_ARGS__))

/// For #if: the number of these targets, and the name of one of them.
#define LOWBIT_TARGET_COUNT (0 LOWBIT_TARGETS(LOWBIT_PLUS_ONE))
#define LOWBIT_PLUS_ONE(...) +1
#define LOWBIT_TARGET_AT(index) LOWBIT_PICK(index, LOWBIT_TARGETS(LOWBIT_NAME_AND_COMMA))
#define LOWBIT_NAME_AND_COMMA(target, ...) target,
#define LOWBIT_PICK(index, ...) LOWBIT_PICK_PASTE(index, __VA_ARGS__)
#define LOWBIT_PICK_PASTE(index, ...) LOWBIT_PICK_##index(__VA_ARGS__)
#define LOWBIT_PICK_0(a, ...) a
#define LOWBIT_PICK_1(a, ...) LOWBIT_PICK_0(__VA_ARGS__)
#define LOWBIT_PICK_2(a, ...) LOWBIT_PICK_1(__VA_ARGS__)
#define LOWBIT_PICK_3(a, ...) LOWBIT_PICK_2(__VA_ARGS__)
#define LOWBIT_PICK_4(a, ...) LOWBIT_PICK_3(__VA_ARGS__)
#define LOWBIT_PICK_5(a, ...) LOWBIT_PICK_4(__VA_ARGS__)
#define LOWBIT_PICK_6(a, ...) LOWBIT_PICK_5(__VA_ARGS__)
#define LOWBIT_PICK_7(a, ...) LOWBIT_PICK_6(__VA_ARGS__)

/// A fact that target.hpp defines: FEATURES (as compilers name them), BASE or KERNELS.
#define LOWBIT_TARGET_FACT(fact, target) LOWBIT_TARGET_FACT_PASTE(fact, target)
#define LOWBIT_TARGET_FACT_PASTE(fact, target) LOWBIT_##fact##_##target
/// LOWBIT_TARGET_FILE in the folder of a target.
// clang-format off
#define LOWBIT_TARGET_PATH(target) LOWBIT_STRINGIFY(lowbit/simd/target/LOWBIT_TARGET_FILE)
// clang-format on

#define LOWBIT_TARGET_FILE target.hpp
#include <lowbit/simd/foreach_target.hpp>

// Names missing from a namespace of words or kernels are found in that of its base. A full target is its own
// base.
#define LOWBIT_USE_BASE(target, ...) LOWBIT_USE_NAMESPACE(target, LOWBIT_TARGET_FACT(BASE, target))
#define LOWBIT_USE_NAMESPACE(target, base) \
  namespace base {}                        \
  namespace target {                       \
  using namespace base;                    \
  }
namespace lowbit::inline LOWBIT_ABI::simd {
LOWBIT_TARGETS(LOWBIT_USE_BASE)
}
namespace lowbit::inline LOWBIT_ABI::kernel {
LOWBIT_TARGETS(LOWBIT_USE_BASE)
}

#if defined(LOWBIT_BASELINE_TARGET_ONLY)
#undef LOWBIT_TARGETS
#undef LOWBIT_CALL_IF
#define LOWBIT_TARGETS(X, ...) LOWBIT_CALL(X, LOWBIT_BASELINE_TARGET, __VA_ARGS__)
#define LOWBIT_CALL(X, ...) X(__VA_ARGS__)
#define LOWBIT_KERNELS_OF(target) LOWBIT_ALL_KERNELS
#else
#define LOWBIT_KERNELS_OF(target) LOWBIT_TARGET_FACT(KERNELS, target)
#endif
