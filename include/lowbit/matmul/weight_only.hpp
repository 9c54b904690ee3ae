// Products of float activations and quantized weights, which are decoded on the way and never stored as
// floats.
#pragma once
#include <lowbit/core/threads.hpp>
#include <lowbit/matmul/weight_rows.hpp>
#include <lowbit/tensor/overlap.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Memory that matmul_into keeps from call to call: the activations in the order that the kernels read them.
struct WeightOnlyScratch {
  Buffer<float> activations;
};

namespace detail {

/// Activations and results of one product; everything that is refused is refused here.
template <class X, class Y>
void check_product(const View<const X>& x, const View<Y>& y, const Shape& weights, const Shape& x_shape,
                   const Shape& y_shape) {
  require(x.shape == x_shape, "activations of shape ", x.shape, " do not fit weights of shape ", weights,
          "; they need ", x_shape);
  require(y.shape == y_shape, "a product of shape ", y_shape, " cannot be written into shape ", y.shape);
  require_apart(Footprint(x), Footprint(y), "the activations of a product", "its result");
}

/// Rows whose sums are open at the same time, and the activations that they share: 64 KiB of the stack.
inline constexpr Index matvec_rows = 64, matvec_span = 16384;

template <WeightCodec C, class T, class Out>
void weighted_sums(const WeightMatrix<C>& w, const T* x, Index x_stride, Out* y, Index y_stride, Index first,
                   Index last) noexcept {
  using W = WeightMatrix<C>;
  constexpr std::size_t lanes = kernel::sum_lanes;
  alignas(64) std::array<float, std::size_t{matvec_span}> activations;
  alignas(64) std::array<float, std::size_t{matvec_rows} * lanes> sums;
  typename W::Room room;
  const Index span = (std::min)(w.copies_parameters() ? W::copied_span : 2 * W::copied_span, matvec_span);
  static_assert(2 * W::copied_span <= matvec_span && W::copied_span % W::chunk == 0);
  for (Index r0 = first; r0 < last; r0 += matvec_rows) {
    const Index rows = (std::min)(matvec_rows, last - r0);
    sums.fill(0.0f);
    for (Index from = 0; from < w.inputs(); from += span) {
      const Index count = (std::min)(span, w.inputs() - from);
      if (w.inputs() > span || r0 == first)
        kernel::interleave_activations<kernel::word_fields<C>>(
            x + from * x_stride, x_stride, static_cast<std::size_t>(count), activations.data());
      for (Index r = 0; r < rows; r += W::together) {
        const Index some = (std::min)(W::together, rows - r);
        w.stretch(r0 + r, some, from, count, room,
                  [&](const kernel::WeightRows& codes, const kernel::WeightSpan& s) {
                    backend::CpuWeightOnly::add_row_sums(w.codec(), codes, static_cast<std::size_t>(some), s,
                                                         activations.data(),
                                                         sums.data() + static_cast<std::size_t>(r) * lanes);
                  });
      }
    }
    for (Index r = 0; r < rows; ++r)
      simd::scalar::store(y + (r0 + r) * y_stride,
                          {kernel::sum_of_lanes(sums.data() + static_cast<std::size_t>(r) * lanes)});
  }
}

/// Rows of weights and of the batch whose sums are open at the same time, and codes that are decoded for
/// them: 64 KiB and 16 KiB of the stack.
inline constexpr Index matmul_rows = 32, matmul_batch = 32, matmul_span = 512;

/// x: interleaved, `x_stride` floats from one row of the batch to the next.
template <WeightCodec C, class Out>
void weighted_products(const WeightMatrix<C>& w, const float* x, Index x_stride, Index batch,
                       const View<Out>& y, Index first, Index last) noexcept {
  using W = WeightMatrix<C>;
  constexpr std::size_t lanes = kernel::sum_lanes, fields = kernel::word_fields<C>;
  static_assert(matmul_span % W::chunk == 0);
  alignas(64) std::array<float, std::size_t{matmul_rows * matmul_batch} * lanes> sums;
  alignas(64) std::array<float, std::size_t{W::together * matmul_span}> factors;
  alignas(64) std::array<float, std::size_t{W::together * matmul_span} / fields> scales;
  typename W::Room room;
  for (Index r0 = first; r0 < last; r0 += matmul_rows)
    for (Index b0 = 0; b0 < batch; b0 += matmul_batch) {
      const Index rows = (std::min)(matmul_rows, last - r0),
                  some_batch = (std::min)(matmul_batch, batch - b0);
      std::fill_n(sums.data(), static_cast<std::size_t>(rows * some_batch) * lanes, 0.0f);
      for (Index from = 0; from < w.inputs(); from += matmul_span) {
        const Index count = (std::min)(matmul_span, w.inputs() - from);
        for (Index r = 0; r < rows; r += W::together) {
          const auto some = static_cast<std::size_t>((std::min)(W::together, rows - r));
          w.stretch(r0 + r, static_cast<Index>(some), from, count, room,
                    [&](const kernel::WeightRows& codes, const kernel::WeightSpan& s) {
                      backend::CpuWeightOnly::decode_weights(w.codec(), codes, some, s, factors.data(),
                                                             scales.data());
                    });
          const kernel::WeightTile tile{factors.data(), scales.data(), some,
                                        static_cast<std::size_t>((count + W::chunk - 1) / W::chunk)};
          backend::CpuWeightOnly::add_tile_sums<fields>(
              tile, x + b0 * x_stride + from, static_cast<std::size_t>(x_stride),
              static_cast<std::size_t>(some_batch),
              sums.data() + static_cast<std::size_t>(r * some_batch) * lanes);
        }
      }
      for (Index r = 0; r < rows; ++r)
        for (Index b = 0; b < some_batch; ++b)
          simd::scalar::store(
              y.data + (b0 + b) * y.strides[0] + (r0 + r) * y.strides[1],
              {kernel::sum_of_lanes(sums.data() + static_cast<std::size_t>(r * some_batch + b) * lanes)});
    }
}

}  // namespace detail

/// y = W x, written into y: W is [outputs, inputs], x is [inputs], y is [outputs]. x and y are anything that
/// quantize takes, of float, double, half or bfloat16, rank 1, contiguous or not, and do not overlap. Each
/// code is decoded in a register; nothing is allocated, whatever the size (about 100 KiB of the stack are
/// used).
///
/// Computed in float, in the order that kernel/weight_only.hpp defines: the same bits on every instruction
/// set and with any number of threads, and the same as a row of matmul. The result is within (n / 128 + 14)
/// 2^-24 times the sum of |w x| over the n inputs of the exact product of the decoded weights and x (n / 64 +
/// 10 for 8-bit codes), as long as nothing leaves the range of normal floats; with a zero-point z, of that of
/// |scale| (|q| + |z|) |x|. NaN and infinities in x spread as float arithmetic spreads them, also where the
/// weight is 0; which NaN comes out is not defined. doubles are rounded to float first, results are rounded
/// to the scalar of y last.
///
/// x and y may also be matrices of one row or column, and do not overlap.
///
/// Throws std::invalid_argument, before anything is written, when shapes do not fit or x and y overlap; for
/// codes in column-major order, which row_major turns; for groups that do not lie along rows (PerChannel
/// along another axis than 0, Blockwise along another than 1, flat blocks that do not divide the row); for
/// more than one block per row whose length is not a multiple of 8 codes of 4 bits or 4 codes of 8 bits; and
/// for an odd number of inputs in 4 bits. O(outputs * inputs).
template <QuantizedWeights W, TensorLike X, class Y>
void matvec_into(const W& weights, const X& x, Y&& y) {
  const detail::WeightMatrix w(weights);
  decltype(auto) source = detail::source_of(x);
  auto from = source.view;
  auto target = detail::sink_of(y);
  const Shape inputs{w.inputs()}, outputs{w.outputs()};
  detail::reshape_line(from, inputs);
  detail::reshape_line(target, outputs);
  detail::check_product(from, target, weights.shape(), inputs, outputs);
  detail::in_parts(detail::parts_of(weights.size()), w.outputs(), 8, [&](int, Index first, Index last) {
    detail::weighted_sums(w, from.data, from.strides[0], target.data, target.strides[0], first, last);
  });
}

/// The same as a vector of floats.
template <QuantizedWeights W, TensorLike X>
Eigen::VectorXf matvec(const W& weights, const X& x) {
  Eigen::VectorXf y(weights.shape().rank() == 2 ? weights.shape()[0] : 0);
  matvec_into(weights, x, y);
  return y;
}

/// Y = X W^T for a batch of activations: X is [batch, inputs], Y is [batch, outputs], in any storage order.
/// Each row of Y has the bits that matvec gives for that row of X. Weights are decoded once per 32 rows of
/// the batch. Allocates nothing once `scratch` has seen a batch of this size. For the rest see matvec_into.
template <QuantizedWeights W, TensorLike X, class Y>
void matmul_into(const X& x, const W& weights, Y&& y, WeightOnlyScratch& scratch) {
  const detail::WeightMatrix w(weights);
  decltype(auto) source = detail::source_of(x);
  const auto target = detail::sink_of(y);
  const auto& from = source.view;
  const Index batch = from.shape.rank() == 2 ? from.shape[0] : 0;
  detail::check_product(from, target, weights.shape(), Shape({batch, w.inputs()}),
                        Shape({batch, w.outputs()}));
  using Matrix = decltype(w);
  constexpr Index chunk = Matrix::chunk;
  // A chunk more than needed: rows whose distance is a power of two would meet in the same lines of the
  // caches.
  const Index stride = ((w.inputs() + chunk - 1) / chunk + 1) * chunk;
  scratch.activations.resize(static_cast<std::size_t>(batch * stride));
  float* const activations = scratch.activations.data();
  for (Index b = 0; b < batch; ++b)
    kernel::interleave_activations<static_cast<std::size_t>(Matrix::fields)>(
        from.data + b * from.strides[0], from.strides[1], static_cast<std::size_t>(w.inputs()),
        activations + b * stride);
  detail::in_parts(detail::parts_of(weights.size() * batch), w.outputs(), 8,
                   [&](int, Index first, Index last) {
                     detail::weighted_products(w, activations, stride, batch, target, first, last);
                   });
}

/// The same as a matrix of floats.
template <QuantizedWeights W, TensorLike X>
Eigen::MatrixXf matmul(const X& x, const W& weights) {
  decltype(auto) source = detail::source_of(x);
  const Shape& shape = source.view.shape;
  Eigen::MatrixXf y(shape.rank() == 2 ? shape[0] : 0, weights.shape().rank() == 2 ? weights.shape()[0] : 0);
  WeightOnlyScratch scratch;
  matmul_into(source.view, weights, y, scratch);
  return y;
}

}  // namespace lowbit::inline LOWBIT_ABI
