// Which instruction sets there are, which one this machine runs, and how code for one of them is marked.
#pragma once
#include <lowbit/core/contract.hpp>

#include <cstdlib>
#include <cstring>
#include <string_view>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(LOWBIT_SCALAR_ONLY)
#define LOWBIT_X86 1
#include <cpuid.h>
#else
#define LOWBIT_X86 0
#endif
#if defined(__aarch64__) && defined(__GNUC__) && !defined(LOWBIT_SCALAR_ONLY)
#define LOWBIT_NEON 1  // part of every 64-bit ARM: nothing to detect, no region to open
#else
#define LOWBIT_NEON 0
#endif

// For tests only: LOWBIT_INTRINSICS names a header that stands in for the intrinsics of every level. Then all
// kernels are compiled for the target of the flags, and every machine has all levels.

#if defined(__CUDACC__)
#pragma nv_diag_suppress 1675  // nvcc does not know "GCC optimize", but hands it on to g++, which does
#endif

// A region in which every function is compiled for the given target. It is opened at namespace scope around
// stamped code only: a standard or Eigen header included inside would get functions that the baseline cannot
// run. GCC fuses a*b+c where the target has FMA unless told otherwise, and the last bit would change with the
// target.
#if defined(__clang__)
#define LOWBIT_PUSH_BASELINE() \
  _Pragma("clang attribute push") /* nothing to add; the matching pop needs a push */
#define LOWBIT_PUSH_TARGET(target_list) \
  _Pragma(LOWBIT_STRINGIFY(clang attribute push(__attribute__((target(target_list))), apply_to = function)))
#define LOWBIT_POP_TARGET() _Pragma("clang attribute pop")
#elif defined(__GNUC__)
#define LOWBIT_PUSH_BASELINE() \
  _Pragma("GCC push_options") _Pragma("GCC optimize(\"fp-contract=off\")") _Pragma("GCC diagnostic push")
#define LOWBIT_PUSH_TARGET(target_list)                                           \
  _Pragma("GCC push_options") _Pragma(LOWBIT_STRINGIFY(GCC target(target_list)))  \
      _Pragma("GCC optimize(\"fp-contract=off\")") _Pragma("GCC diagnostic push") \
          _Pragma("GCC diagnostic ignored \"-Wuninitialized\"") _Pragma(          \
              "GCC diagnostic ignored \"-Wmaybe-uninitialized\"") /* GCC bug 105593: its own intrinsics */
#define LOWBIT_POP_TARGET() _Pragma("GCC diagnostic pop") _Pragma("GCC pop_options")
#else
#define LOWBIT_PUSH_BASELINE()
#define LOWBIT_POP_TARGET()
#endif

#if defined(LOWBIT_INTRINSICS)
#undef LOWBIT_PUSH_TARGET
#define LOWBIT_PUSH_TARGET(target_list) LOWBIT_PUSH_BASELINE()
#endif

#define LOWBIT_TARGET_AVX2 "avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"
#define LOWBIT_TARGET_AVX_VNNI "avxvnni,avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"
#define LOWBIT_TARGET_AVX512 \
  "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"
#define LOWBIT_TARGET_AVX512_VBMI \
  "avx512vbmi,avx512vbmi2,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c,bmi,bmi2,lzcnt,popcnt"

namespace lowbit::inline LOWBIT_ABI::simd {

/// Levels. On one machine each level includes the ones before it, but for avx_vnni: AVX-512 encodes the same
/// instructions in its own way.
enum class Isa : unsigned char {
  scalar,      ///< plain C++
  neon,        ///< 64-bit ARM
  avx2,        ///< AVX2, FMA, F16C, BMI: x86-64-v3
  avx_vnni,    ///< and AVX-VNNI: Alder Lake, Zen 5
  avx512,      ///< AVX-512 F, BW, VL, DQ and VNNI: Cascade Lake
  avx512_vbmi  ///< and VBMI, VBMI2: Ice Lake, Zen 4
};

/// All levels that the library has words for on this architecture.
inline constexpr Isa compiled[] = {
    Isa::scalar,
#if LOWBIT_NEON
    Isa::neon,
#endif
#if LOWBIT_X86
    Isa::avx2,   Isa::avx_vnni, Isa::avx512, Isa::avx512_vbmi,
#endif
};

constexpr std::string_view name(Isa isa) noexcept {
  constexpr std::string_view names[] = {"scalar", "neon", "avx2", "avx_vnni", "avx512", "avx512_vbmi"};
  return names[static_cast<int>(isa)];
}

namespace detail {
struct Machine {
  Isa best = Isa::scalar;
  bool avx_vnni = false;
};

/// CPUID says what the processor has, XGETBV what the operating system saves on a context switch: both must
/// agree.
LOWBIT_NOINLINE inline Machine detect() noexcept {
#if LOWBIT_X86 && defined(LOWBIT_INTRINSICS)
  return {Isa::avx512_vbmi, true};
#elif LOWBIT_X86
  unsigned a = 0, b = 0, c = 0, d = 0;
  const auto all = [](unsigned value, unsigned bits) { return (value & bits) == bits; };
  constexpr unsigned fma = 1u << 12, popcnt = 1u << 23, osxsave = 1u << 27, f16c = 1u << 29;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || !all(c, fma | popcnt | osxsave | f16c)) return {};
  unsigned enabled = 0;
  [[maybe_unused]] unsigned high = 0;  // written by xgetbv
  __asm__ volatile("xgetbv" : "=a"(enabled), "=d"(high) : "c"(0));
  constexpr unsigned ymm = 0x6, zmm = 0xe6;
  if (!all(enabled, ymm) || __get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return {};
  const unsigned features = b, more = c, last_part = a;
  if (__get_cpuid(0x80000001u, &a, &b, &c, &d) == 0 || !all(c, 1u << 5)) return {};  // LZCNT
  constexpr unsigned bmi = 1u << 3, avx2 = 1u << 5, bmi2 = 1u << 8;
  if (!all(features, bmi | avx2 | bmi2)) return {};
  const bool avx_vnni = last_part >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && all(a, 1u << 4);
  constexpr unsigned f = 1u << 16, dq = 1u << 17, bw = 1u << 30, vl = 1u << 31, vnni = 1u << 11;
  if (!all(features, f | dq | bw | vl) || !all(more, vnni) || !all(enabled, zmm))
    return {avx_vnni ? Isa::avx_vnni : Isa::avx2, avx_vnni};
  constexpr unsigned vbmi = 1u << 1, vbmi2 = 1u << 6;
  return {all(more, vbmi | vbmi2) ? Isa::avx512_vbmi : Isa::avx512, avx_vnni};
#elif LOWBIT_NEON
  return {Isa::neon};
#else
  return {};
#endif
}
inline const Machine& machine() noexcept {
  static const Machine m = detect();
  return m;
}
}  // namespace detail

/// The best level of this machine.
inline Isa best() noexcept { return detail::machine().best; }
/// Whether this machine has a level that is compiled.
inline bool available(Isa isa) noexcept {
  return isa == Isa::avx_vnni ? detail::machine().avx_vnni : isa <= best();
}

namespace detail {
/// The level that LOWBIT_ISA names, or the best one where it is unset or empty.
struct Choice {
  Isa isa = Isa::scalar;
  char refused[24] = "";  ///< the beginning of a value that names no level of this machine
};
LOWBIT_NOINLINE inline Choice choose(const char* wanted) noexcept {
  Choice choice{best()};
  if (wanted == nullptr || *wanted == '\0') return choice;
  for (Isa i : compiled)
    if (wanted == name(i) && available(i)) return {i};
  std::strncpy(choice.refused, wanted, sizeof choice.refused - 1);
  return choice;
}
inline const Choice& choice() noexcept {
  static const Choice c = choose(std::getenv("LOWBIT_ISA"));
  return c;
}

/// The names of the levels of this machine, for messages.
struct AvailableLevels {
  void append_to(lowbit::detail::Message& message) const noexcept {
    for (Isa i : compiled) {
      if (!available(i)) continue;
      if (i != compiled[0]) message.add(std::string_view(", "));
      message.add(name(i));
    }
  }
};
[[noreturn]] LOWBIT_COLD inline void refuse() {
  lowbit::detail::fail("the environment says LOWBIT_ISA=", std::string_view(choice().refused),
                       ", the levels of this machine are ", AvailableLevels{});
}
}  // namespace detail

/// The level in use: the best one, or the one that the environment variable LOWBIT_ISA named when the first
/// kernel ran. Throws std::invalid_argument, each time, when that was no level of this machine (scalar, neon,
/// avx2, avx_vnni, avx512, avx512_vbmi); unset and empty mean the best one. Results do not depend on it.
inline Isa active() {
  const detail::Choice& choice = detail::choice();
  if (choice.refused[0] != '\0') [[unlikely]]
    detail::refuse();
  return choice.isa;
}

}  // namespace lowbit::inline LOWBIT_ABI::simd
