// The last stage of an epilogue: back to codes of 8 bits.
#pragma once
#include <lowbit/matmul/epilogue/fixed_point.hpp>
#include <lowbit/matmul/epilogue/stage.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// How sums become codes. The factor is (scale of the row * scale of the column) / scale of the result.
enum class Requantization : unsigned char {
  floating,        ///< round(float(sum) * (row scale * (column scale / scale))), half-even
  single_rounded,  ///< the factor as an integer and a shift (quantize_multiplier), a tie up
  double_rounded   ///< the same rounded twice, as gemmlowp does: at 2^31, a tie up, then a tie away from 0
};

/// Codes of int8 or uint8: clamp(rounded + zero_point). Takes the int32 sums, or (`floating` only) the values
/// that rescale makes of them, multiplied by the float 1 / scale; NaN becomes the zero-point. The ways in
/// integers need one scale for all rows, and factors below 1. Throws std::invalid_argument otherwise, for a
/// scale that is not positive and finite, and for a zero-point that is no code. The integer ways are those of
/// Jacob et al. 2018, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
/// Inference".
template <class CodeT, Requantization Method = Requantization::floating>
requires(std::same_as<CodeT, std::int8_t> || std::same_as<CodeT, std::uint8_t>) struct requantize {
  static constexpr bool is_stage = true;
  float scale = 1.0f;
  std::int32_t zero_point = 0;

  template <class In>
  auto bind(ProductContext& context) const {
    detail::require(scale > 0.0f && is_finite(scale), "the scale of a result is ", scale,
                    ", it must be positive and finite");
    detail::require(zero_point >= Traits::min && zero_point <= Traits::max, "the zero-point of a result is ",
                    zero_point, ", which is no code from ", Traits::min, " to ", Traits::max);
    if constexpr (Method == Requantization::floating) {
      return floating<In>(context);
    } else {
      static_assert(std::same_as<In, std::int32_t>,
                    "requantize in integers takes the int32 sums, not rescaled");
      return fixed_point(context);
    }
  }

 private:
  using Traits = CodeTraits<CodeT>;

  template <class In>
  kernel::FloatRequantize<CodeT> floating(ProductContext& context) const {
    static_assert(std::same_as<In, std::int32_t> || std::same_as<In, float>,
                  "requantize takes the int32 sums, or what rescale makes of them");
    Buffer<float>& factors = context.workspace.factors();
    if constexpr (std::same_as<In, float>) {
      factors.resize(1);
      factors[0] = 1.0f / scale;
      return {{&detail::unit_scale, 0}, {factors.data(), 0}, zero_point, Traits::min, Traits::max};
    } else {
      factors.resize(static_cast<std::size_t>(context.column_scale_count()));
      for (std::size_t j = 0; j < factors.size(); ++j) factors[j] = context.column_scales[j] / scale;
      return {context.row_scales,
              {factors.data(), context.column_scales.step},
              zero_point,
              Traits::min,
              Traits::max};
    }
  }

  kernel::FixedRequantize<CodeT, Method == Requantization::double_rounded> fixed_point(
      ProductContext& context) const {
    detail::require(context.row_scales.step == 0,
                    "requantization in integers takes one scale for all rows, there are ", context.rows);
    const auto n = static_cast<std::size_t>(context.column_scale_count());
    Buffer<std::int32_t>& multipliers = context.workspace.multipliers();
    multipliers.resize(2 * n);
    for (std::size_t j = 0; j < n; ++j) {
      const FixedPointMultiplier m =
          quantize_multiplier(double{context.row_scales[0]} * context.column_scales[j] / scale);
      multipliers[j] = m.multiplier;
      multipliers[n + j] = m.right_shift;
    }
    const std::size_t step = context.column_scales.step;
    return {{multipliers.data(), step}, {multipliers.data() + n, step}, zero_point, Traits::min, Traits::max};
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
