// Detects whether the processor and the operating system support a target.
#pragma once
#include <lowbit/simd/targets.hpp>

#include <string_view>
#if LOWBIT_X86
#include <cpuid.h>
#endif

namespace lowbit::inline LOWBIT_ABI::simd::detail {

#if LOWBIT_X86
/// Words of bits: CPUID answers by leaf and register, and the registers that the operating system saves.
enum Word : unsigned char { leaf1_c, leaf7_b, leaf7_c, leaf7_1_a, extended_c, saved, word_count };

/// Features that are present, or that are needed.
struct Features {
  unsigned words[word_count] = {};
  constexpr bool has(const Features& needed) const noexcept {
    for (int k = 0; k < word_count; ++k)
      if ((words[k] & needed.words[k]) != needed.words[k]) return false;
    return true;
  }
};

struct NamedFeature {
  std::string_view name;
  Word word;
  unsigned bit, saved;
};
inline constexpr unsigned ymm = 0x6, zmm = 0xe6;
/// Features by their names in -m... and in the attribute `target`.
inline constexpr NamedFeature named_features[] = {
    {"avx2", leaf7_b, 5, ymm},      {"avx512bw", leaf7_b, 30, zmm},   {"avx512dq", leaf7_b, 17, zmm},
    {"avx512f", leaf7_b, 16, zmm},  {"avx512vbmi", leaf7_c, 1, zmm},  {"avx512vbmi2", leaf7_c, 6, zmm},
    {"avx512vl", leaf7_b, 31, zmm}, {"avx512vnni", leaf7_c, 11, zmm}, {"avxvnni", leaf7_1_a, 4, ymm},
    {"bmi", leaf7_b, 3, 0},         {"bmi2", leaf7_b, 8, 0},          {"f16c", leaf1_c, 29, ymm},
    {"fma", leaf1_c, 12, ymm},      {"lzcnt", extended_c, 5, 0},      {"popcnt", leaf1_c, 23, 0},
};

/// Not constexpr, so that a target with an unlisted feature does not compile.
inline void this_feature_is_missing_in_named_features() {}

/// The features of a list such as "avx2,fma".
constexpr Features needed_for(std::string_view list) {
  Features needed;
  while (!list.empty()) {
    const std::string_view name = list.substr(0, list.find(','));
    list.remove_prefix(name.size() < list.size() ? name.size() + 1 : name.size());
    bool known = false;
    for (const NamedFeature& f : named_features) {
      if (f.name != name) continue;
      known = true;
      needed.words[f.word] |= 1u << f.bit;
      needed.words[saved] |= f.saved;
    }
    if (!known) this_feature_is_missing_in_named_features();
  }
  return needed;
}

/// CPUID says what the processor has, XGETBV what is saved on a context switch: both must agree.
LOWBIT_NOINLINE inline Features processor() noexcept {
  Features f;
#if defined(LOWBIT_INTRINSICS)
  for (unsigned& word : f.words) word = ~0u;
#else
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned osxsave = 1u << 27;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0) return f;
  f.words[leaf1_c] = c;
  if ((c & osxsave) != 0) {
    [[maybe_unused]] unsigned high = 0;  // written by xgetbv
    __asm__ volatile("xgetbv" : "=a"(f.words[saved]), "=d"(high) : "c"(0));
  }
  if (__get_cpuid(0x80000001u, &a, &b, &c, &d) != 0) f.words[extended_c] = c;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return f;
  f.words[leaf7_b] = b;
  f.words[leaf7_c] = c;
  if (a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0) f.words[leaf7_1_a] = a;
#endif
  return f;
}
#else
/// Targets of other architectures need only baseline features.
struct Features {
  constexpr bool has(const Features&) const noexcept { return true; }
};
constexpr Features needed_for(std::string_view) { return {}; }
inline Features processor() noexcept { return {}; }
#endif

}  // namespace lowbit::inline LOWBIT_ABI::simd::detail
