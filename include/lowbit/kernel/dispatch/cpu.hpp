// The CPU backend: picks the instruction set once per call and hands contiguous runs to its kernels.
#pragma once
#include <lowbit/kernel/dispatch/dispatch.hpp>
#include <lowbit/kernel/elementwise/blocks.hpp>
#include <lowbit/kernel/elementwise/codebook.hpp>
#include <lowbit/kernel/elementwise/decode.hpp>
#include <lowbit/kernel/elementwise/doubles.hpp>
#include <lowbit/kernel/elementwise/encode.hpp>
#include <lowbit/kernel/elementwise/generic.hpp>
#include <lowbit/kernel/elementwise/gradients.hpp>
#include <lowbit/kernel/elementwise/histogram.hpp>
#include <lowbit/kernel/elementwise/reduce.hpp>
#include <lowbit/kernel/elementwise/small_float.hpp>
#include <lowbit/kernel/elementwise/transpose.hpp>

// Calls a kernel that reads or writes codes of a codec C.
#define LOWBIT_DISPATCH_CODES(...)                                        \
  if constexpr (::lowbit::kernel::has_vector_kernels<typename C::Code>) { \
    LOWBIT_DISPATCH(kernels_of<C>, __VA_ARGS__)                           \
  } else {                                                                \
    return ::lowbit::kernel::generic::__VA_ARGS__;                        \
  }

namespace lowbit::inline LOWBIT_ABI::backend {

/// The kind of kernels of a codec.
/// Tables with even cells are searched without the words that targets for codebooks add.
template <class C>
inline constexpr int kernels_of =
    C::family == Family::codebook && !kernel::has_even_cells<C> ? LOWBIT_CODEBOOK_KERNELS
                                                                : LOWBIT_COMMON_KERNELS;

/// The kernels of the CPU for runs in host memory. All are noexcept, allocate nothing and give the same bits
/// on every instruction set: those of the codec's scalar functions.
struct Cpu {
  template <class In>
  static kernel::RangeBits min_max(const In* x, std::size_t n) noexcept {
    LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS, min_max(x, n))
  }
  static kernel::BasicRangeBits<double> min_max(const double* x, std::size_t n) noexcept {
    return kernel::min_max_of_doubles(x, n);
  }
  template <class In>
  static std::int32_t min_max_rows(const In* x, std::size_t rows, std::size_t stride, std::size_t n,
                                   float* low, float* high) noexcept {
    LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS, min_max_rows(x, rows, stride, n, low, high))
  }
  static std::int32_t min_max_rows(const double* x, std::size_t rows, std::size_t stride, std::size_t n,
                                   double* low, double* high) noexcept {
    return kernel::min_max_of_double_rows(x, rows, stride, n, low, high);
  }
  template <class In>
  static std::uint64_t histogram(const In* x, std::size_t n, float inverse_width, std::int32_t first,
                                 std::uint64_t* counts) noexcept {
    LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS, histogram(x, n, inverse_width, first, counts))
  }
  template <class In>
  static void float_bins(const In* x, std::size_t n, std::uint16_t* bins) noexcept {
    LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS, float_bins(x, n, bins))
  }
  template <Codec C, class In>
  static void encode(const C& codec, const In* x, std::size_t n, const Parameters& p,
                     const kernel::Sink<typename C::Code>& sink) noexcept {
    LOWBIT_DISPATCH_CODES(encode(codec, x, n, p, sink))
  }
  template <Codec C>
  static void encode(const C& codec, const double* x, std::size_t n, const Parameters& p,
                     const kernel::Sink<typename C::Code>& sink) noexcept {
    kernel::encode_doubles(codec, x, n, p, sink, encode_floats(codec));
  }
  template <bool Bounded, Codec C, class In>
  static void encode_rows(const C& codec, const In* x, std::size_t rows, std::size_t stride, std::size_t n,
                          const kernel::ParameterArrays& p,
                          const kernel::Sink<typename C::Code>& sink) noexcept {
    LOWBIT_DISPATCH_CODES(encode_rows<Bounded>(codec, x, rows, stride, n, p, sink))
  }
  template <bool Bounded, Codec C>
  static void encode_rows(const C& codec, const double* x, std::size_t rows, std::size_t stride,
                          std::size_t n, const kernel::ParameterArrays& p,
                          const kernel::Sink<typename C::Code>& sink) noexcept {
    kernel::encode_double_rows(codec, x, rows, stride, n, p, sink, encode_row(codec));
  }
  template <Codec C, class In>
  static std::int32_t quantize_blocks(const C& codec, const In* x, std::size_t n, std::size_t block,
                                      const kernel::Sink<typename C::Code>& sink,
                                      const kernel::ParameterSink<C>& parameters) noexcept {
    LOWBIT_DISPATCH_CODES(quantize_blocks(codec, x, n, block, sink, parameters))
  }
  template <Codec C>
  static std::int32_t quantize_blocks(const C& codec, const double* x, std::size_t n, std::size_t block,
                                      const kernel::Sink<typename C::Code>& sink,
                                      const kernel::ParameterSink<C>& parameters) noexcept {
    return kernel::quantize_double_blocks(codec, x, n, block, sink, parameters, encode_floats(codec),
                                          encode_row(codec));
  }
  template <Codec C, class Out>
  static void decode(const C& codec, const kernel::CodeSource<typename C::Code>& q, std::size_t n,
                     std::size_t block, const kernel::BlockParameters<C>& p,
                     const kernel::ValueSink<Out>& y) noexcept {
    LOWBIT_DISPATCH_CODES(decode(codec, q, n, block, p, y))
  }
  template <Codec C, class Out>
  static void decode_rows(const C& codec, const kernel::CodeSource<typename C::Code>& q, std::size_t rows,
                          std::size_t n, const kernel::ParameterArrays& p, Out* y) noexcept {
    LOWBIT_DISPATCH_CODES(decode_rows(codec, q, rows, n, p, y))
  }
  template <bool Sums, class In, class Upper, class Lower>
  static void learn_groups(ScalingMethod scaling, const In* x, const Upper* dy, std::size_t n,
                           std::size_t length, const kernel::StepArrays& steps, const kernel::StepSums& sums,
                           Lower* dx, bool stream) noexcept {
    LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS,
                    learn_groups<Sums>(scaling, x, dy, n, length, steps, sums, dx, stream))
  }
  template <bool Sums, class In, class Upper, class Lower>
  static void learn_rows(ScalingMethod scaling, const In* x, const Upper* dy, std::size_t rows,
                         std::size_t stride, std::size_t n, const kernel::StepArrays& steps,
                         const kernel::StepSums& sums, Lower* dx, bool stream) noexcept {
    LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS,
                    learn_rows<Sums>(scaling, x, dy, rows, stride, n, steps, sums, dx, stream))
  }
  template <kernel::Far Side, class In, class Out>
  static void transpose(const In* x, std::size_t x_stride, std::size_t rows, std::size_t columns, Out* y,
                        std::size_t y_stride) noexcept {
    LOWBIT_DISPATCH(LOWBIT_COMMON_KERNELS, transpose<Side>(x, x_stride, rows, columns, y, y_stride))
  }

 private:
  template <Codec C>
  static auto encode_floats(const C& codec) noexcept {
    return [&codec](const float* x, std::size_t n, const Parameters& p,
                    const kernel::Sink<typename C::Code>& sink) { encode(codec, x, n, p, sink); };
  }
  template <Codec C>
  static auto encode_row(const C& codec) noexcept {
    return [&codec](const float* x, std::size_t n, const kernel::ParameterArrays& p,
                    const kernel::Sink<typename C::Code>& sink) {
      encode_rows<false>(codec, x, 1, n, n, p, sink);
    };
  }
};

}  // namespace lowbit::inline LOWBIT_ABI::backend
