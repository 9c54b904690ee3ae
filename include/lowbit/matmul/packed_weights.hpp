// The right side of a product, arranged once for the processor it is multiplied on.
#pragma once
#include <lowbit/core/buffer.hpp>
#include <lowbit/core/moved.hpp>
#include <lowbit/kernel/dispatch/product.hpp>
#include <lowbit/matmul/depth.hpp>
#include <lowbit/matmul/unpacked.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Weights [depth, columns], packed once for the processor they are multiplied on: codes in the order in
/// which tiles read them, column sums folded with the zero-points, scales. A value; it keeps nothing of what
/// it was made from, and takes as many bytes as the codes (columns rounded up to a multiple of 16 or 64) and
/// 12 a column. Moved from, it is 0 x 0.
template <ProductCode T>
class PackedWeights {
 public:
  using Code = T;  ///< the code type

  /// Weights 0 x 0.
  PackedWeights() = default;
  /// Packs a Quantized [depth, columns] with one scale for all or for each column, or raw codes. Codes of
  /// less than 8 bits take a byte each here. Throws
  /// std::invalid_argument for other groups. O(size).
  template <class W>
  requires(!std::same_as<std::remove_cvref_t<W>, PackedWeights>) explicit PackedWeights(const W& w) {
    detail::with_operand(w, detail::Side::right, [&](const auto& operand) { assign(operand); });
  }
  /// Packs weights [columns, depth], one row per output, as frameworks usually keep them; scales are for all
  /// or for each row.
  template <class W>
  static PackedWeights transposed(const W& w) {
    PackedWeights packed;
    detail::with_operand(w, detail::Side::weights,
                         [&](const auto& operand) { packed.assign(operand.transposed()); });
    return packed;
  }

  /// Replaces the weights by others [depth, columns]. Memory is used again where it is large enough.
  void assign(const CodeMatrix<T>& w) {
    const auto packing = backend::CpuProduct::packing<T>();
    const auto depth = static_cast<std::size_t>(w.rows), n = static_cast<std::size_t>(w.columns);
    const std::size_t columns = kernel::round_up(n, packing.panel);
    codes_.resize(columns * kernel::round_up(depth, packing.step));
    zero_points_.resize(columns);
    corrections_.resize(columns);
    scales_ = w.scales;
    centered_ = detail::centered(w);
    depth_ = w.rows;
    columns_ = w.columns;
    backend::CpuProduct::pack(static_cast<const kernel::CodeView<T>&>(w).transposed(), codes_.data(),
                              corrections_.data());
    const auto zero = detail::per_unit(w.zero_points, detail::constant_int<0>);
    for (std::size_t j = 0; j < columns; ++j) {
      zero_points_[j] = (j < n ? zero[j] : 0) + kernel::column_shift<T>;
      corrections_[j] = static_cast<std::int32_t>(static_cast<std::uint32_t>(depth) *
                                                      static_cast<std::uint32_t>(zero_points_[j]) -
                                                  static_cast<std::uint32_t>(corrections_[j]));
    }
  }

  Index depth() const noexcept { return depth_; }      ///< inputs
  Index columns() const noexcept { return columns_; }  ///< outputs
  /// The scales: none for raw codes, one, or one a column.
  std::span<const float> scales() const& noexcept { return scales_.span(); }
  LOWBIT_NOT_OF_TEMPORARIES(scales)
  /// Returns the codes that were packed: row-major [columns, depth], a row for each column of the weights.
  /// O(size).
  Buffer<T> codes() const {
    Buffer<T> codes(static_cast<std::size_t>(columns_ * depth_));
    backend::CpuProduct::unpack(codes_.data(), static_cast<std::size_t>(columns_),
                                static_cast<std::size_t>(depth_), codes.data());
    return codes;
  }
  /// Returns the zero-points: one per column, 0 where the weights had none.
  Buffer<std::int32_t> zero_points() const {
    Buffer<std::int32_t> values(zero_points_.span().first(static_cast<std::size_t>(columns_)));
    for (std::int32_t& z : values.span()) z -= kernel::column_shift<T>;
    return values;
  }
  /// The bounds of codes less zero-points.
  Interval centered() const noexcept { return centered_; }
  /// The memory in use.
  std::size_t bytes() const noexcept {
    return codes_.size() * sizeof(kernel::packed_t<T>) + zero_points_.size() * 8 + scales_.size() * 4;
  }
  /// @cond internal
  kernel::PackedColumns<kernel::packed_t<T>> view() const& noexcept {
    return {codes_.data(), static_cast<std::size_t>(columns_), static_cast<std::size_t>(depth_),
            zero_points_.data(), corrections_.data()};
  }
  /// @endcond
  LOWBIT_NOT_OF_TEMPORARIES(view)

 private:
  Buffer<kernel::packed_t<T>> codes_;
  Buffer<std::int32_t> zero_points_, corrections_;
  Buffer<float> scales_;
  Interval centered_;
  detail::Emptied<Index> depth_, columns_;
};

/// Packs codes as the type that they are multiplied as.
template <class W>
PackedWeights(const W& w) -> PackedWeights<detail::product_code_t<W>>;

}  // namespace lowbit::inline LOWBIT_ABI
