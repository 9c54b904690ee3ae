// The stage `requantize`, the last one of an epilogue: back to codes of 8 bits.
#pragma once
#include <lowbit/matmul/epilogue/fixed_point.hpp>
#include <lowbit/matmul/epilogue/rescale.hpp>
#include <lowbit/number/code_traits.hpp>
#include <lowbit/number/round.hpp>

#include <concepts>

namespace lowbit::inline LOWBIT_ABI {

/// Says how sums become codes. The factor is (scale of the row * scale of the column) / scale of the result.
enum class Requantization : unsigned char {
  floating,        ///< round(float(sum) * (row scale * (column scale / scale))), half to even
  single_rounded,  ///< the factor as an integer and a shift (quantize_multiplier), ties upward
  double_rounded   ///< the same rounded twice, as gemmlowp does: at 2^31, ties upward, then ties away from 0
};

namespace detail {

/// value * factor, rounded to float.
struct ScaleFloat {
  float factor;
  LOWBIT_INLINE float operator()(std::size_t, std::size_t, float value) const { return value * factor; }
  LOWBIT_VECTOR_FORM(f32, return V::mul(value, V::set(factor));)
};

/// clamp(round(value) + zero_point) as a Code, half to even. NaN becomes the zero-point.
template <class Code>
struct RoundToCode {
  std::int32_t zero_point;
  float low = static_cast<float>(CodeTraits<Code>::min - zero_point),
        high = static_cast<float>(CodeTraits<Code>::max - zero_point);
  LOWBIT_INLINE Code operator()(std::size_t, std::size_t, float value) const {
    const float v = value == value ? value : 0.0f;
    const float below = v < high ? v : high;
    return static_cast<Code>(round_even(below > low ? below : low) + zero_point);
  }
  LOWBIT_VECTOR_FORM(f32, const V::f32 v = V::minimum(V::nan_to_zero(value), V::set(high));
                     return V::add(V::round_to_int(V::maximum(v, V::set(low))), V::set_int(zero_point));)
};

/// clamp(sum * multiplier / 2^(31 + shift) + zero_point) as a Code, with multiplier in [2^30, 2^31) or 0.
/// Rounded once, ties upward, or as gemmlowp does: at 2^31, ties upward, then at 2^shift, ties away from
/// zero.
template <class Code, bool Twice>
struct FixedPointToCode {
  kernel::PerUnit<std::int32_t> multipliers, shifts;
  std::int32_t zero_point;
  static constexpr std::int32_t min = CodeTraits<Code>::min, max = CodeTraits<Code>::max;
  LOWBIT_INLINE Code operator()(std::size_t, std::size_t column, std::int32_t sum) const {
    const std::int64_t product = std::int64_t{sum} * multipliers[column];
    const std::int32_t shift = shifts[column], first = Twice ? 31 : 31 + shift;
    std::int64_t q = (product + (std::int64_t{1} << (first - 1))) >> first;
    if constexpr (Twice) {
      const std::int64_t mask = (std::int64_t{1} << shift) - 1;
      q = (q >> shift) + ((q & mask) > (mask >> 1) + (q < 0 ? 1 : 0) ? 1 : 0);
    }
    q += zero_point;
    return static_cast<Code>(q < min ? min : q > max ? max : q);
  }
  LOWBIT_VECTOR_FORM(
      i32, const V::i32 shift = lanes(shifts, column), full = V::set_int(31);
      V::i32 q = V::scale_by(value, lanes(multipliers, column), Twice ? full : V::add(full, shift));
      if constexpr (Twice) {
        const V::i32 mask = V::low_bits(shift), negative = V::greater(V::set_int(0), q);
        const V::i32 threshold = V::sub(V::shift_down(mask, 1), negative);
        q = V::sub(V::shift_down(q, shift), V::greater(V::and_bits(q, mask), threshold));
      } const V::i32 low = V::set_int(min - zero_point),
      high = V::set_int(max - zero_point);
      return V::add(V::maximum(V::minimum(q, high), low), V::set_int(zero_point));)
};

}  // namespace detail

/// Returns codes of int8 or uint8: clamp(rounded + zero_point). Takes the int32 sums, or (`floating` only)
/// floats, such as rescale makes of them, multiplied by the float 1 / scale; NaN becomes the zero-point. The
/// integer methods need one scale for all rows, and factors below 1. The product throws std::invalid_argument
/// otherwise, for a scale that is not positive and finite, and for a zero-point that is not a code. The
/// integer methods are those of Jacob et al. 2018, "Quantization and Training of Neural Networks for
/// Efficient Integer-Arithmetic-Only Inference".
template <class CodeT, Requantization Method = Requantization::floating>
requires(std::same_as<CodeT, std::int8_t> || std::same_as<CodeT, std::uint8_t>) struct requantize {
  /// @cond internal
  static constexpr bool is_stage = true;
  /// @endcond
  float scale = 1.0f;           ///< of the result
  std::int32_t zero_point = 0;  ///< of the result

  /// Throws std::invalid_argument for a scale and a zero-point that no result has.
  void check(Index) const {
    detail::require(scale > 0.0f && is_finite(scale), "the scale of a result is ", scale,
                    ", it must be positive and finite");
    detail::require(zero_point >= Traits::min && zero_point <= Traits::max, "the zero-point of a result is ",
                    zero_point, ", it must be a code from ", Traits::min, " to ", Traits::max);
  }
  /// @cond internal
  template <class In>
  auto bind(ProductContext& context) const {
    static_assert(std::same_as<In, std::int32_t> || std::same_as<In, float>,
                  "requantize takes the int32 sums, or floats such as those of rescale");
    check(context.columns);
    if constexpr (Method != Requantization::floating) {
      static_assert(std::same_as<In, std::int32_t>,
                    "requantize in integers takes the int32 sums: it cannot follow rescale");
      return fixed_point(context);
    } else if constexpr (std::same_as<In, float>) {
      return Pipeline<detail::ScaleFloat, detail::RoundToCode<CodeT>>{{1.0f / scale}, {zero_point}};
    } else {
      return Pipeline<RescaleStage, detail::RoundToCode<CodeT>>{rescaled(context), {zero_point}};
    }
  }
  /// @endcond

 private:
  using Traits = CodeTraits<CodeT>;

  /// With column scales in units of `scale`.
  RescaleStage rescaled(ProductContext& context) const {
    Buffer<float>& factors = context.workspace.factors;
    factors.resize(static_cast<std::size_t>(context.column_scale_count()));
    for (std::size_t j = 0; j < factors.size(); ++j) factors[j] = context.column_scales[j] / scale;
    return {context.row_scales, {factors.data(), context.column_scales.step}};
  }

  detail::FixedPointToCode<CodeT, Method == Requantization::double_rounded> fixed_point(
      ProductContext& context) const {
    detail::require(context.row_scales.step == 0,
                    "requantization in integers takes one scale for all rows, not ", context.rows);
    const auto n = static_cast<std::size_t>(context.column_scale_count());
    Buffer<std::int32_t>& multipliers = context.workspace.multipliers;
    multipliers.resize(2 * n);
    for (std::size_t j = 0; j < n; ++j) {
      const FixedPointMultiplier m =
          quantize_multiplier(double{context.row_scales[0]} * context.column_scales[j] / scale);
      multipliers[j] = m.multiplier;
      multipliers[n + j] = m.right_shift;
    }
    const std::size_t step = context.column_scales.step;
    return {{multipliers.data(), step}, {multipliers.data() + n, step}, zero_point};
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
