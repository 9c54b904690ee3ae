// The CPU backend: picks the instruction set once per call and hands contiguous runs to its kernels.
#pragma once
#include <lowbit/kernel/decode.hpp>
#include <lowbit/kernel/encode.hpp>
#include <lowbit/kernel/reduce.hpp>

// The one switch of the library. It sits in baseline code and only names stamped kernels.
#if LOWBIT_X86
#define LOWBIT_DISPATCH(...)                        \
  switch (::lowbit::simd::active()) {               \
    case ::lowbit::simd::Isa::avx512:               \
      return ::lowbit::kernel::avx512::__VA_ARGS__; \
    case ::lowbit::simd::Isa::avx2:                 \
      return ::lowbit::kernel::avx2::__VA_ARGS__;   \
    case ::lowbit::simd::Isa::scalar:               \
      break;                                        \
  }                                                 \
  return ::lowbit::kernel::scalar::__VA_ARGS__
#else
#define LOWBIT_DISPATCH(...) return ::lowbit::kernel::scalar::__VA_ARGS__
#endif

namespace lowbit::inline LOWBIT_ABI::backend {

/// The verbs of a backend over runs in host memory. All are noexcept, allocate nothing and give the same bits
/// on every instruction set: those of the codec's scalar functions.
struct Cpu {
  template <class In>
  static kernel::RangeBits min_max(const In* x, std::size_t n) noexcept {
    LOWBIT_DISPATCH(min_max(x, n));
  }
  template <class In>
  static std::int32_t min_max_each(const In* x, std::size_t n, float* low, float* high) noexcept {
    LOWBIT_DISPATCH(min_max_each(x, n, low, high));
  }
  /// P is Encoding (any `pre`) or kernel::EncodingArrays.
  template <Codec C, class In, class P>
  static void encode(const C& codec, const In* x, std::size_t n, const P& p, code_value_t<C>* q) noexcept {
    if (encoding_pre(p) != 1.0f) return kernel::scalar::encode(codec, x, n, p, q);
    LOWBIT_DISPATCH(encode(codec, x, n, p, q));
  }
  /// P is Parameters or kernel::ParameterArrays.
  template <Codec C, class Out, class P>
  static void decode(const C& codec, const code_value_t<C>* q, std::size_t n, const P& p, Out* y) noexcept {
    LOWBIT_DISPATCH(decode(codec, q, n, p, y));
  }

 private:
  static constexpr float encoding_pre(const Encoding& e) noexcept { return e.pre; }
  static constexpr float encoding_pre(const kernel::EncodingArrays&) noexcept { return 1.0f; }
};

}  // namespace lowbit::inline LOWBIT_ABI::backend
