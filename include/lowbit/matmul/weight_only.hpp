// Products of float activations and quantized weights (matvec, linear), which are decoded on the way and
// never stored as floats, with an epilogue.
#pragma once
#include <lowbit/core/threads.hpp>
#include <lowbit/matmul/epilogue/raw.hpp>
#include <lowbit/matmul/floats_and_weights.hpp>
#include <lowbit/matmul/result.hpp>
#include <lowbit/matmul/weight_rows.hpp>
#include <lowbit/tensor/overlap.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Memory that linear_into uses while it runs, so that later calls allocate nothing. For one call at a time.
struct WeightOnlyWorkspace {
  Buffer<float> activations;   ///< in the order in which the kernels read them
  EpilogueWorkspace epilogue;  ///< what the stages need
};

namespace detail {

template <class X>
void check_activations(const View<const X>& x, const Shape& needed, const Shape& weights) {
  require(x.shape == needed, "activations of shape ", x.shape, " do not fit weights of shape ", weights,
          "; they need ", needed);
}

/// Where the results of one product go: a matrix [batch, outputs], or a vector, which is one row of it.
/// Floats go into anything that quantize takes, other results of an epilogue into an Eigen matrix of them.
template <class Out, class X, class Y>
auto product_target(const View<const X>& x, Y& y, const Shape& shape) {
  const auto refuse_overlap = [&](const Footprint& written) {
    require_apart(Footprint(x), written, "the activations of a product", "its result");
  };
  if constexpr (std::same_as<Out, float>) {
    auto target = sink_of(y);
    if (shape.rank() == 1) reshape_line(target, shape);
    require(target.shape == shape, "a product of shape ", shape, " cannot be written into shape ",
            target.shape);
    refuse_overlap(Footprint(target));
    using Element = std::remove_pointer_t<decltype(target.data)>;
    if (shape.rank() == 1) return kernel::ProductSink<Element>{target.data, 0, target.strides[0]};
    return kernel::ProductSink<Element>{target.data, target.strides[0], target.strides[1]};
  } else {
    const Index rows = shape.rank() == 1 ? 1 : shape[0], columns = shape[shape.rank() - 1];
    const auto sink = shape.rank() == 1 ? vector_sink<Out>(y, columns) : matrix_sink<Out>(y, rows, columns);
    refuse_overlap(footprint_of(sink, rows, columns));
    return sink;
  }
}

inline ProductContext weight_only_context(Index batch, Index outputs, Index inputs,
                                          EpilogueWorkspace& workspace) {
  return {batch, outputs, inputs, unit_scales, unit_scales, {}, workspace};
}

/// Rows that are accumulated at the same time, and the activations that they share: 64 KiB of the stack.
inline constexpr Index matvec_rows = 64, matvec_span = 16384;

template <WeightCodec C, class T, class Epilogue, class Out>
void weighted_sums(const WeightMatrix<C>& w, const T* x, Index x_stride, const Epilogue& epilogue,
                   const kernel::ProductSink<Out>& y, Index first, Index last) noexcept {
  using W = WeightMatrix<C>;
  constexpr std::size_t lanes = kernel::sum_lanes;
  alignas(64) std::array<float, std::size_t{matvec_span}> activations;
  alignas(64) std::array<float, std::size_t{matvec_rows} * lanes> sums;
  typename W::Workspace workspace;
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
        w.stretch(r0 + r, some, from, count, workspace,
                  [&](const kernel::WeightRows& codes, const kernel::WeightSpan& s) {
                    backend::CpuWeightOnly::add_row_sums(w.codec(), codes, static_cast<std::size_t>(some), s,
                                                         activations.data(),
                                                         sums.data() + static_cast<std::size_t>(r) * lanes);
                  });
      }
    }
    backend::CpuWeightOnly::finish_sums(sums.data(), static_cast<std::size_t>(rows), 1, 0,
                                        static_cast<std::size_t>(r0), epilogue, y);
  }
}

/// Rows of weights and of the batch that are accumulated at the same time, and codes that are decoded for
/// them: 64 KiB and 16 KiB of the stack.
inline constexpr Index linear_rows = 32, linear_batch = 32, linear_span = 512;

/// x: interleaved, `x_stride` floats from one row of the batch to the next.
template <WeightCodec C, class Epilogue, class Out>
void weighted_products(const WeightMatrix<C>& w, const float* x, Index x_stride, Index batch,
                       const Epilogue& epilogue, const kernel::ProductSink<Out>& y, Index first,
                       Index last) noexcept {
  using W = WeightMatrix<C>;
  constexpr std::size_t lanes = kernel::sum_lanes, fields = kernel::word_fields<C>;
  static_assert(linear_span % W::chunk == 0);
  alignas(64) std::array<float, std::size_t{linear_rows * linear_batch} * lanes> sums;
  alignas(64) std::array<float, std::size_t{W::together * linear_span}> factors;
  alignas(64) std::array<float, std::size_t{W::together * linear_span} / fields> scales;
  typename W::Workspace workspace;
  for (Index r0 = first; r0 < last; r0 += linear_rows)
    for (Index b0 = 0; b0 < batch; b0 += linear_batch) {
      const Index rows = (std::min)(linear_rows, last - r0),
                  some_batch = (std::min)(linear_batch, batch - b0);
      std::fill_n(sums.data(), static_cast<std::size_t>(rows * some_batch) * lanes, 0.0f);
      for (Index from = 0; from < w.inputs(); from += linear_span) {
        const Index count = (std::min)(linear_span, w.inputs() - from);
        for (Index r = 0; r < rows; r += W::together) {
          const auto some = static_cast<std::size_t>((std::min)(W::together, rows - r));
          w.stretch(r0 + r, static_cast<Index>(some), from, count, workspace,
                    [&](const kernel::WeightRows& codes, const kernel::WeightSpan& s) {
                      backend::CpuWeightOnly::decode_weights(w.codec(), codes, some, s, factors.data(),
                                                             scales.data());
                    });
          const kernel::WeightTile decoded{factors.data(), scales.data(), some,
                                           static_cast<std::size_t>((count + W::chunk - 1) / W::chunk)};
          backend::CpuWeightOnly::add_tile_sums<fields>(
              decoded, x + b0 * x_stride + from, static_cast<std::size_t>(x_stride),
              static_cast<std::size_t>(some_batch),
              sums.data() + static_cast<std::size_t>(r * some_batch) * lanes);
        }
      }
      backend::CpuWeightOnly::finish_sums(sums.data(), static_cast<std::size_t>(rows),
                                          static_cast<std::size_t>(some_batch), static_cast<std::size_t>(b0),
                                          static_cast<std::size_t>(r0), epilogue, y);
    }
}

}  // namespace detail

/// Computes y = epilogue(W x): W is [outputs, inputs], x is [inputs], y is [outputs]. x and y are anything
/// that quantize takes, of float, double, half or bfloat16, of rank 1 or of one row or column, contiguous or
/// not, and do not overlap. Each code is decoded in a register; nothing is allocated, whatever the size
/// (about 100 KiB of the stack are used).
///
/// The epilogue is made of stages that take floats: `bias{b} | relu`, clip, functions (row, column, value) of
/// yours, called with row 0 and the output as the column; `raw`, the default, leaves the sums as they are. It
/// runs while the sums are in cache. y is an Eigen vector where it returns something else than floats, such
/// as the codes of requantize.
///
/// Computed in float, in the order that kernel/product/weight_only.hpp defines: the same bits on every
/// instruction set and with any number of threads, and the same as a row of linear. The result is within (n /
/// 128 + 14) 2^-24 times the sum of |w x| over the n inputs of the exact product of the decoded weights and x
/// (n / 64 + 10 for 8-bit codes), as long as nothing leaves the range of normal floats; with a zero-point z,
/// of that of |scale| (|q| + |z|) |x|. NaN and infinities in x propagate as in float arithmetic, also where
/// the weight is 0; which NaN comes out is not defined. Doubles are rounded to float first, results are
/// rounded to the scalar of y last.
///
/// Throws std::invalid_argument, before anything is written, when shapes do not fit or x and y overlap; for
/// what a stage refuses; for codes in column-major order (see row_major); for groups that do not lie along
/// rows (PerChannel along another axis than 0, Blockwise along another than 1, flat blocks that do not divide
/// the row); for more than one block per row whose length is not a multiple of 8 codes of 4 bits or 4 codes
/// of 8 bits; and for an odd number of inputs in 4 bits. O(outputs * inputs).
template <QuantizedWeights W, TensorLike X, class Y, class Epilogue = RawStage>
void matvec_into(const W& weights, const X& x, Y&& y, const Epilogue& epilogue = {}) {
  const detail::WeightMatrix w(weights);
  decltype(auto) source = detail::source_of(x);
  auto from = source.view;
  const Shape inputs{w.inputs()};
  detail::reshape_line(from, inputs);
  detail::check_activations(from, inputs, weights.shape());
  const auto target = detail::product_target<detail::product_value<Epilogue, float>>(from, y, {w.outputs()});
  EpilogueWorkspace workspace;
  ProductContext context = detail::weight_only_context(1, w.outputs(), w.inputs(), workspace);
  const auto bound = detail::bind_stage<float>(epilogue, context);
  detail::in_parts(detail::parts_of(weights.size()), w.outputs(), 8, [&](int, Index first, Index last) {
    detail::weighted_sums(w, from.data, from.strides[0], bound, target, first, last);
  });
  context.failure.rethrow();
}

/// Computes epilogue(W x) as an Eigen vector of what the epilogue returns; see matvec_into.
template <QuantizedWeights W, TensorLike X, class Epilogue = RawStage>
auto matvec(const W& weights, const X& x, const Epilogue& epilogue = {}) {
  Eigen::Matrix<detail::product_value<Epilogue, float>, Eigen::Dynamic, 1> y(
      weights.shape().rank() == 2 ? weights.shape()[0] : 0);
  matvec_into(weights, x, y, epilogue);
  return y;
}

/// Computes y = epilogue(x W^T) for a batch of activations: x is [batch, inputs], W is [outputs, inputs] and
/// y is [batch, outputs]; x and y in any storage order. Stages are called with the row and the column of y.
/// Each row of y has the bits that matvec gives for that row of x. Weights are decoded once per 32 rows of
/// the batch. Allocates nothing once `workspace` has seen a batch of this size. Rounding, NaN and errors are
/// those of matvec_into.
template <QuantizedWeights W, TensorLike X, class Y, class Epilogue>
void linear_into(const X& x, const W& weights, Y&& y, const Epilogue& epilogue,
                 WeightOnlyWorkspace& workspace) {
  const detail::WeightMatrix w(weights);
  decltype(auto) source = detail::source_of(x);
  const auto& from = source.view;
  const Index batch = from.shape.rank() == 2 ? from.shape[0] : 0;
  detail::check_activations(from, {batch, w.inputs()}, weights.shape());
  const auto target =
      detail::product_target<detail::product_value<Epilogue, float>>(from, y, {batch, w.outputs()});
  ProductContext context = detail::weight_only_context(batch, w.outputs(), w.inputs(), workspace.epilogue);
  const auto bound = detail::bind_stage<float>(epilogue, context);
  using Matrix = decltype(w);
  constexpr Index chunk = Matrix::chunk;
  // A chunk more than needed: rows at a distance of a power of two would map to the same cache sets.
  const Index stride = ((w.inputs() + chunk - 1) / chunk + 1) * chunk;
  workspace.activations.resize(static_cast<std::size_t>(batch * stride));
  float* const activations = workspace.activations.data();
  for (Index b = 0; b < batch; ++b)
    kernel::interleave_activations<static_cast<std::size_t>(Matrix::fields)>(
        from.data + b * from.strides[0], from.strides[1], static_cast<std::size_t>(w.inputs()),
        activations + b * stride);
  detail::in_parts(detail::parts_of(weights.size() * batch), w.outputs(), 8,
                   [&](int, Index first, Index last) {
                     detail::weighted_products(w, activations, stride, batch, bound, target, first, last);
                   });
  context.failure.rethrow();
}
/// Computes y = x W^T without an epilogue.
template <QuantizedWeights W, TensorLike X, class Y>
void linear_into(const X& x, const W& weights, Y&& y, WeightOnlyWorkspace& workspace) {
  linear_into(x, weights, std::forward<Y>(y), raw, workspace);
}
/// Computes y = epilogue(x W^T) with a workspace of its own.
template <QuantizedWeights W, TensorLike X, class Y, class Epilogue = RawStage>
void linear_into(const X& x, const W& weights, Y&& y, const Epilogue& epilogue = {}) {
  WeightOnlyWorkspace workspace;
  linear_into(x, weights, std::forward<Y>(y), epilogue, workspace);
}

/// Computes epilogue(x W^T) for float activations as a column-major Eigen matrix [batch, outputs] of what the
/// epilogue returns: x is [batch, inputs], W is [outputs, inputs], the weights are quantized. See
/// linear_into.
template <QuantizedWeights W, TensorLike X, class Epilogue = RawStage>
auto linear(const X& x, const W& weights, const Epilogue& epilogue = {}) {
  decltype(auto) source = detail::source_of(x);
  const Shape& shape = source.view.shape;
  Eigen::Matrix<detail::product_value<Epilogue, float>, Eigen::Dynamic, Eigen::Dynamic> y(
      shape.rank() == 2 ? shape[0] : 0, weights.shape().rank() == 2 ? weights.shape()[0] : 0);
  WeightOnlyWorkspace workspace;
  linear_into(source.view, weights, y, epilogue, workspace);
  return y;
}

}  // namespace lowbit::inline LOWBIT_ABI
