// A quantized tensor: codes, the parameters of their groups, and the shape they came from.
#pragma once
#include <lowbit/core/moved.hpp>
#include <lowbit/execute/decode.hpp>
#include <lowbit/tensor/eigen.hpp>
#include <lowbit/tensor/eigen_tensor.hpp>

#include <array>
#include <span>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
/// Memory that is kept for the next call: not part of the value, and not copied.
template <class T>
struct NotCopied {
  T value;
  NotCopied() = default;
  NotCopied(const NotCopied&) {}
  NotCopied(NotCopied&&) noexcept = default;
  NotCopied& operator=(const NotCopied&) { return *this; }
  NotCopied& operator=(NotCopied&&) noexcept = default;
  ~NotCopied() = default;
};
}  // namespace detail

/// A quantized tensor, as a Quantizer returns it: a shape, and the numbers as codes with the parameters of
/// their groups. A value: copying copies the codes. Codes lie densely in shape().order(); codes of less than
/// 8 bits share bytes across rows, and unused bits of the last byte hold codes of 0.0. Moved from, it is an
/// empty tensor of shape [0]. An accessor of a temporary returns a copy, or does not compile where that would
/// refer to memory of the temporary.
template <Codec C, Group G, ScaleFormat S = FloatScales>
class Quantized {
 public:
  using Code = typename C::Code;    ///< the code type
  using Value = code_value_t<C>;    ///< the type of one code's value
  using Storage = storage_t<Code>;  ///< what codes are stored in
  using Scales = S;                 ///< the scale format
  using Parts = Encoded<C, G, S>;   ///< all but the shape

  /// An empty tensor of shape [0].
  Quantized() = default;
  /// Makes a tensor from parts, as a file stores them; codes lie in the order that the group asks for, else
  /// in shape.order(). Throws std::invalid_argument when a part has the wrong size, a scale is not finite, or
  /// a zero-point exceeds +-(2^29 + 2^16).
  Quantized(const Shape& shape, Parts parts)
      : shape_{shape.in_order(traversal(parts.group, shape.order()))},
        groups_{parts.group.count(shape)},
        parts_{std::move(parts)} {
    check();
  }

  /// The extents, and the order in which codes lie.
  const Shape& shape() const& noexcept { return shape_; }
  Shape shape() const&& noexcept { return shape_; }      ///< of a temporary: a copy
  Index size() const noexcept { return shape_.size(); }  ///< number of elements
  /// How values became codes.
  const C& codec() const& noexcept { return parts_.codec; }
  C codec() const&& { return parts_.codec; }  ///< of a temporary: a copy
  /// Which elements share parameters.
  const G& group() const& noexcept { return parts_.group; }
  G group() const&& { return parts_.group; }              ///< of a temporary: a copy
  Index group_count() const noexcept { return groups_; }  ///< number of groups
  /// Where the first code of a byte is.
  NibbleOrder nibble_order() const noexcept { return parts_.nibble_order; }
  /// Codec, group, codes, scales and zero-points.
  const Parts& parts() const& noexcept { return parts_; }
  Parts parts() const&& { return parts_; }  ///< of a temporary: a copy
  /// Moves out what the tensor owns, which is empty afterwards.
  Parts parts() && {
    Quantized moved(std::move(*this));
    return std::move(moved.parts_);
  }

  /// The stored codes, in shape().order(); bytes where several codes share one.
  std::span<const Storage> codes() const& noexcept { return parts_.codes.span(); }
  LOWBIT_NOT_OF_TEMPORARIES(codes)
  /// The scales, one per group; empty for casts. For formats that keep floats; `scale(g)` works for all.
  std::span<const float> scales() const& noexcept requires FloatArray<typename S::Array> {
    return parts_.scales.span();
  }
  LOWBIT_NOT_OF_TEMPORARIES(scales)
  /// The zero-points, one per group; empty for codecs without a zero-point.
  std::span<const std::int32_t> zero_points() const& noexcept { return parts_.zero_points.span(); }
  LOWBIT_NOT_OF_TEMPORARIES(zero_points)

  float scale(Index g) const noexcept { return parameters(g).scale; }             ///< of group g; 1 for casts
  Parameters parameters(Index g) const noexcept { return parts_.parameters(g); }  ///< of group g

  /// The code at linear offset i of shape().order().
  Value code(Index i) const noexcept { return parts_.source()[static_cast<std::size_t>(i)]; }
  /// Copies integer codes into a matrix (rank 0 to 2; rank 1 is a column), whatever their packing and storage
  /// order. Throws std::invalid_argument for a higher rank. O(size).
  Eigen::Matrix<Value, Eigen::Dynamic, Eigen::Dynamic> code_matrix()
      const requires std::is_integral_v<Value> {
    detail::require(shape_.rank() <= 2, "codes of shape ", shape_, " are not a matrix");
    const Index rows = shape_.rank() > 0 ? shape_[0] : 1, columns = shape_.rank() > 1 ? shape_[1] : 1;
    Eigen::Matrix<Value, Eigen::Dynamic, Eigen::Dynamic> m(rows, columns);
    const bool by_rows = shape_.row_major();
    for (Index i = 0; i < size(); ++i)
      m(by_rows ? i / columns : i % rows, by_rows ? i % columns : i / rows) = code(i);
    return m;
  }

  /// The bytes of codes and parameters. Tables known at compile time are not counted.
  std::size_t bytes() const noexcept { return parts_.bytes(); }
  /// 8 * bytes() / size(); 0 for an empty tensor.
  double bits_per_value() const noexcept {
    return size() == 0 ? 0.0 : 8.0 * static_cast<double>(bytes()) / static_cast<double>(size());
  }

  /// Decodes to a Result: an Eigen matrix, array, vector or tensor that owns its elements (float, double,
  /// half or bfloat16; a tensor of rank 1 becomes a column, or a row where Result is one). Throws
  /// std::invalid_argument when the shape does not fit in Result. O(size).
  template <class Result = Eigen::MatrixXf>
  Result dequantize() const {
    constexpr bool made = requires { TensorAdaptor<Result>::make(std::declval<const Shape&>()); };
    static_assert(
        made,
        "dequantize returns Eigen matrices, arrays, vectors and tensors that own their elements, of "
        "float, double, Eigen::half or Eigen::bfloat16; dequantize_into writes into other memory");
    if constexpr (made) {
      Result y = TensorAdaptor<Result>::make(shape_);
      dequantize_into(y);
      return y;
    }
  }
  /// Decodes into y: anything that quantize takes and that can be written, of the same shape, where [n] fits
  /// [n, 1] and [1, n], too (nothing is resized or allocated). Values are computed in float, where they are
  /// finite if the quantizer was given finite ones, and rounded to y's scalar: above the largest float16
  /// that is infinity. Throws std::invalid_argument when the shapes differ. O(size).
  template <class Y>
  void dequantize_into(Y&& y) const {
    simd::active();  // throws when LOWBIT_ISA names no level
    decoder().into(detail::sink_for(y, shape_), layout());
  }

  /// Calls f(piece, values) for every piece of the tensor in ascending offset of shape().order(): piece is a
  /// Run of at most `limit` elements, and at most 1024, and `values` are piece.count decoded floats in memory
  /// that lasts as long as the call. Throws std::invalid_argument for a limit below 1.
  template <class F>
  void for_each_decoded(Index limit, F&& f) const {
    detail::require(limit >= 1, "the limit of a piece is ", limit, " elements, it must be at least 1");
    simd::active();  // throws when LOWBIT_ISA names no level
    std::array<float, std::size_t{detail::tile}> values;
    parts_.group.for_each_run(shape_, [&](const Run& run) {
      detail::for_each_piece(run, (std::min)(limit, detail::tile), [&](const Run& piece) {
        decoder().run(piece, values.data());
        f(piece, std::span<const float>(values.data(), static_cast<std::size_t>(piece.count)));
      });
    });
  }

 private:
  detail::Decoder<C, G> decoder() const noexcept { return detail::Decoder<C, G>(parts_); }
  detail::Layout layout() const { return detail::code_layout_of<C>(parts_.group, shape_); }

  void check() const {
    const std::size_t values = static_cast<std::size_t>(size()), groups = static_cast<std::size_t>(groups_);
    const std::size_t stored = storage_size<Code>(values);
    detail::require(parts_.codes.size() == stored, "a tensor of shape ", shape_, " takes ", stored,
                    " stored codes, these are ", parts_.codes.size());
    detail::require(parts_.scales.size() == (C::scaled ? groups : 0), "a tensor of shape ", shape_, " with ",
                    groups, " groups takes ", C::scaled ? groups : 0, " scales, these are ",
                    parts_.scales.size());
    detail::require(parts_.zero_points.size() == (C::has_zero_point ? groups : 0), "a tensor of shape ",
                    shape_, " with ", groups, " groups takes ", C::has_zero_point ? groups : 0,
                    " zero-points, these are ", parts_.zero_points.size());
    const auto check_scale = [&](std::size_t g, float scale) {
      detail::require(is_finite(scale), "scale ", g, " is ", scale, ", it must be finite");
    };
    if constexpr (C::scaled)
      ScalesView(parts_.scales)
          .for_each_tile(0, groups, [&](std::size_t first, std::size_t n, const float* s) {
            for (std::size_t i = 0; i < n; ++i) check_scale(first + i, s[i]);
          });
    for (std::size_t g = 0; g < parts_.zero_points.size(); ++g)
      detail::require(parts_.zero_points[g] >= -zero_point_limit && parts_.zero_points[g] <= zero_point_limit,
                      "zero-point ", g, " is ", parts_.zero_points[g], ", it must lie within +-",
                      zero_point_limit);
  }

  detail::Emptied<Shape, Index{0}> shape_;
  detail::Emptied<Index> groups_;
  Parts parts_;
  /// Memory for codes that may still be rejected, and for ranges and scales before they are stored; see
  /// Quantizer::quantize_into.
  struct Workspace {
    Parts parts;
    std::array<Buffer<float>, 2> ranges;
    Buffer<float> scales;
  };
  detail::NotCopied<Workspace> workspace_;

  /// @cond internal
  template <Codec, Group, class, ScaleFormat>
  friend class Quantizer;
  /// @endcond
};

}  // namespace lowbit::inline LOWBIT_ABI
