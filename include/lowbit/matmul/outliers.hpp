// Products of activations with outliers: the few columns that hold them stay float, all others become int8.
#pragma once
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/matmul/linear/linear.hpp>
#include <lowbit/quantize/quantizer.hpp>

#include <vector>

namespace lowbit::inline LOWBIT_ABI {

/// Activations [m, K] in two parts, which add up to them: columns with outliers as floats, the rest as int8.
struct OutlierSplit {
  /// A row-major matrix of float.
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  std::vector<Index> columns;                                 ///< with any |x| >= threshold, ascending
  Matrix outliers;                                            ///< [m, columns.size()]
  Quantized<SymmetricInteger<std::int8_t>, PerChannel> rest;  ///< [m, K], zeros in those columns; scale of a
                                                              ///< row: absmax / 127 over the others
};

namespace detail {
inline float checked_threshold(float threshold) {
  require(threshold > 0.0f, "the threshold of outliers is ", threshold, ", it must be above 0");
  return threshold;
}
}  // namespace detail

/// Splits activations into columns with outliers and the rest. x is an Eigen matrix [m, K] of float. Throws
/// std::invalid_argument for non-finite values, and unless threshold > 0. O(m K). Source: Dettmers et al.,
/// "LLM.int8()", 2022.
template <class Derived>
OutlierSplit split_outliers(const Eigen::MatrixBase<Derived>& x, float threshold = 6.0f) {
  static_assert(std::same_as<typename Derived::Scalar, float>, "split_outliers takes matrices of float");
  detail::checked_threshold(threshold);
  OutlierSplit::Matrix rest = x;
  OutlierSplit split;
  std::vector<bool> outlier(static_cast<std::size_t>(rest.cols()), false);
  for (Index i = 0; i < rest.rows(); ++i)
    for (Index j = 0; j < rest.cols(); ++j)
      if (rest(i, j) >= threshold || rest(i, j) <= -threshold) outlier[static_cast<std::size_t>(j)] = true;
  for (std::size_t j = 0; j < outlier.size(); ++j)
    if (outlier[j]) split.columns.push_back(static_cast<Index>(j));
  const auto count = static_cast<Index>(split.columns.size());
  split.outliers.resize(rest.rows(), count);
  const Quantizer<SymmetricInteger<std::int8_t>, PerChannel> rows{{.axis = 0}};
  decltype(auto) source = detail::source_of(rest);
  const auto& view = source.view;
  static_cast<void>(detail::observe_tensor(MinMax{}, view, detail::layout_of(PerTensor{}, view.shape),
                                           PerTensor{}, Options{}));
  for (Index j = 0; j < count; ++j) {
    const Index column = split.columns[static_cast<std::size_t>(j)];
    split.outliers.col(j) = rest.col(column);
    rest.col(column).setZero();
  }
  split.rest = rows.quantize(rest);
  return split;
}

/// A linear layer y = x W^T for float activations [m, inputs] with outliers and int8 weights [outputs,
/// inputs]. The columns of x that hold outliers meet the decoded columns of W in float, the rest is an exact
/// product of integers, rescaled. Source: Dettmers et al., "LLM.int8()", 2022.
class OutlierLinear {
 public:
  using Weights = Quantized<SymmetricInteger<std::int8_t>, PerChannel>;  ///< int8, a scale per output
  /// A layer with weights [outputs, inputs] that have a scale for each output (axis 0). Throws
  /// std::invalid_argument for other groups.
  explicit OutlierLinear(Weights weights, float threshold = 6.0f)
      : weights_{std::move(weights)},
        packed_{PackedWeights<std::int8_t>::transposed(weights_)},
        threshold_{detail::checked_threshold(threshold)} {}

  const Weights& weights() const& noexcept { return weights_; }  ///< as they were given
  Weights weights() const&& { return weights_; }                 ///< of a temporary: a copy
  float threshold() const noexcept { return threshold_; }        ///< from which on a value is an outlier
  Index inputs() const noexcept { return packed_.depth(); }      ///< columns of the weights
  Index outputs() const noexcept { return packed_.columns(); }   ///< rows of the weights

  /// Computes x W^T, [m, outputs]. Throws as split_outliers and linear do. The columns kept in float cost O(m
  /// n) each.
  template <class Derived>
  OutlierSplit::Matrix operator()(const Eigen::MatrixBase<Derived>& x) const {
    const OutlierSplit split = split_outliers(x, threshold_);
    OutlierSplit::Matrix y = linear(split.rest, packed_, rescale);
    const auto w = detail::operand_of(weights_, detail::Side::weights);
    const Index shared = weights_.group_count() == 1 ? 0 : 1;
    OutlierSplit::Matrix rows(static_cast<Index>(split.columns.size()), outputs());
    for (Index i = 0; i < rows.rows(); ++i) {
      const std::int8_t* const codes = w.data + split.columns[static_cast<std::size_t>(i)] * w.column_stride;
      for (Index j = 0; j < rows.cols(); ++j)
        rows(i, j) = grid_decode(codes[j * w.row_stride], weights_.parameters(j * shared));
    }
    if (rows.rows() > 0) y.noalias() += split.outliers * rows;
    return y;
  }

 private:
  Weights weights_;
  PackedWeights<std::int8_t> packed_;
  float threshold_;
};

}  // namespace lowbit::inline LOWBIT_ABI
