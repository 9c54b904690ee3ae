// What may happen to an exact sum before it is stored: small functions of (row, column, value), one after the
// other. These are the bound forms, plain pointers and numbers; stages-inl.hpp has their vector forms.
#pragma once
#include <lowbit/number/round.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Whether a stage has a vector form for every instruction set; stages of users have not, and need not.
template <class Stage>
inline constexpr bool vectorized = requires {
  requires Stage::vectorized;
};

/// First one stage, then the other.
template <class First, class Second>
struct Then {
  First first;
  Second second;
  static constexpr bool vectorized = kernel::vectorized<First> && kernel::vectorized<Second>;
  template <class T>
  LOWBIT_INLINE auto operator()(std::size_t row, std::size_t column, T value) const {
    return second(row, column, first(row, column, value));
  }
};

/// The values themselves.
struct RawSum {
  static constexpr bool vectorized = true;
  template <class T>
  LOWBIT_INLINE T operator()(std::size_t, std::size_t, T value) const {
    return value;
  }
};

/// Numbers of rows or columns: one each (step 1) or one for all (step 0).
template <class T>
struct PerLine {
  const T* values = nullptr;
  std::size_t step = 0;
  LOWBIT_INLINE T operator[](std::size_t i) const { return values[i * step]; }
};

/// float(sum) * (row scale * column scale), the product of scales rounded first.
struct RescaleSum {
  static constexpr bool vectorized = true;
  PerLine<float> rows, columns;
  LOWBIT_INLINE float operator()(std::size_t row, std::size_t column, std::int32_t sum) const {
    float product = static_cast<float>(sum) * (rows[row] * columns[column]);
#if defined(__clang__) && defined(LOWBIT_FLOAT_REGISTER)  // in g++ the region of the kernel sees to it
    LOWBIT_ROUND_PRODUCT(product, LOWBIT_FLOAT_REGISTER);
#endif
    return product;
  }
};

/// value + bias of the column: float, or int32 modulo 2^32.
template <class T>
struct AddBias {
  static constexpr bool vectorized = true;
  const T* columns;
  LOWBIT_INLINE T operator()(std::size_t, std::size_t column, T value) const {
    if constexpr (std::is_same_v<T, float>) {
      return value + columns[column];
    } else {
      return static_cast<T>(static_cast<std::uint32_t>(value) + static_cast<std::uint32_t>(columns[column]));
    }
  }
};

struct AddRowBias {
  static constexpr bool vectorized = true;
  const float* rows;
  LOWBIT_INLINE float operator()(std::size_t row, std::size_t, float value) const {
    return value + rows[row];
  }
};

/// value, or 0 where it is not above 0 (NaN among them).
struct ReluStage {
  static constexpr bool vectorized = true;
  template <class T>
  LOWBIT_INLINE T operator()(std::size_t, std::size_t, T value) const {
    return value > T{0} ? value : T{0};
  }
};

/// The nearest value in [low, high]; NaN becomes high.
template <class T>
struct ClampStage {
  static constexpr bool vectorized = true;
  T low, high;
  LOWBIT_INLINE T operator()(std::size_t, std::size_t, T value) const {
    const T below = value < high ? value : high;
    return below > low ? below : low;
  }
};

/// clamp(round(float(sum) * (row factor * column factor)) + zero_point), half-even; float values are
/// multiplied by the factors as they are. NaN becomes the zero-point.
template <class Code>
struct FloatRequantize {
  static constexpr bool vectorized = true;
  PerLine<float> rows, columns;
  std::int32_t zero_point, min, max;
  template <class T>
  LOWBIT_INLINE Code operator()(std::size_t row, std::size_t column, T value) const {
    const float scaled = static_cast<float>(value) * (rows[row] * columns[column]);
    const float low = static_cast<float>(min - zero_point), high = static_cast<float>(max - zero_point);
    const float v = scaled == scaled ? scaled : 0.0f;
    const float below = v < high ? v : high;
    return static_cast<Code>(round_even(below > low ? below : low) + zero_point);
  }
};

/// The same in integers: sum * multiplier / 2^(31 + shift) with multiplier in [2^30, 2^31) or 0. Rounded
/// once, a tie up, or as gemmlowp does: to the nearest (tie up) at 2^31, then at 2^shift with a tie away from
/// zero.
template <class Code, bool Twice>
struct FixedRequantize {
  static constexpr bool vectorized = true;
  PerLine<std::int32_t> multipliers, shifts;
  std::int32_t zero_point, min, max;
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
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel
