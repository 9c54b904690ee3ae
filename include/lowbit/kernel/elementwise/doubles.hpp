// Encodes doubles with the kernels of float, by way of floats that have the same codes.
#pragma once
#include <lowbit/kernel/elementwise/blocks.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::kernel {

/// Elements that are converted at a time.
inline constexpr std::size_t double_tile = 1024;

/// Computes floats u whose codes with scale 1 are the codes of the doubles x. On a grid and for small floats,
/// u is the quotient rounded to odd, which rounds to the same code as the double. For a table, u is the
/// smallest float not below the product, which is above the same thresholds.
template <DoubleCodec C>
void to_unit_scale(const C& codec, const double* x, std::size_t n, const Encoding& e, float* u) noexcept {
  if constexpr (C::family == Family::cast) {
    for (std::size_t i = 0; i < n; ++i) u[i] = round_to_odd(x[i]);
  } else if constexpr (C::family == Family::codebook) {
    for (std::size_t i = 0; i < n; ++i) u[i] = float_at_least(scaled(x[i], e));
  } else if (divides(codec)) {
    const double scale = e.factor;
    for (std::size_t i = 0; i < n; ++i) u[i] = round_to_odd(nan_to_zero(x[i] / scale));
  } else {
    for (std::size_t i = 0; i < n; ++i) u[i] = round_to_odd(scaled(x[i], e));
  }
}

/// Encodes n doubles by encode(floats, count, parameters, sink).
template <Codec C, class Encode>
void encode_doubles(const C& codec, const double* x, std::size_t n, const Parameters& p,
                    const Sink<typename C::Code>& sink, const Encode& encode) noexcept {
  std::array<float, double_tile> u;
  Parameters unit = p;
  if constexpr (DoubleCodec<C>) {
    unit.scale = 1.0f;
    if (!is_regular(codec, unit)) return encode_scalar(codec, x, n, p, 0, sink);  // zero-point out of reach
  }
  for (std::size_t at = 0; at < n; at += double_tile) {
    const std::size_t count = (std::min)(double_tile, n - at);
    if constexpr (DoubleCodec<C>) {
      to_unit_scale(codec, x + at, count, codec.prepare(p), u.data());
    } else {
      for (std::size_t i = 0; i < count; ++i) u[i] = to_float(x[at + i]);
    }
    encode(u.data(), count, unit, sink.from(at));
  }
}

/// Encodes rows of doubles, with parameters for each column, by encode(floats, count, parameters, sink). All
/// scales are regular.
template <Codec C, class Encode>
void encode_double_rows(const C& codec, const double* x, std::size_t rows, std::size_t stride, std::size_t n,
                        const ParameterArrays& p, const Sink<typename C::Code>& sink,
                        const Encode& encode) noexcept {
  std::array<float, double_tile> u, ones;
  ones.fill(1.0f);
  const bool divide = divides(codec);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t at = 0; at < n; at += double_tile) {
      const std::size_t count = (std::min)(double_tile, n - at);
      const double* const from = x + row * stride + at;
      ParameterArrays arrays{p.scale + at, p.inverse + at, p.zero_point + at};
      if constexpr (DoubleCodec<C>) {
        for (std::size_t i = 0; i < count; ++i)
          to_unit_scale(codec, from + i, 1, {divide ? arrays.scale[i] : arrays.inverse[i], 0, 1.0f}, &u[i]);
        arrays.scale = arrays.inverse = ones.data();
      } else {
        for (std::size_t i = 0; i < count; ++i) u[i] = to_float(from[i]);
      }
      encode(u.data(), count, arrays, sink.from(row * stride + at));
    }
}

/// Minimum, maximum and the largest magnitude as float bits; infinity where it overflows float.
inline BasicRangeBits<double> min_max_of_doubles(const double* x, std::size_t n) noexcept {
  constexpr std::size_t N = 4;  // independent chains of comparisons
  BasicRangeBits<double> r[N];
  std::uint64_t magnitude[N] = {};
  const auto add = [&](std::size_t k, double v) LOWBIT_LAMBDA_INLINE {
    r[k].min = v < r[k].min ? v : r[k].min;
    r[k].max = v > r[k].max ? v : r[k].max;
    magnitude[k] = (std::max)(magnitude[k], std::bit_cast<std::uint64_t>(v) << 1);  // NaN is above infinity
  };
  std::size_t i = 0;
  for (; i + N <= n; i += N) {
    LOWBIT_UNROLL(4)
    for (std::size_t k = 0; k < N; ++k) add(k, x[i + k]);
  }
  for (; i < n; ++i) add(0, x[i]);
  for (std::size_t k = 1; k < N; ++k) {
    r[0] = r[0].merged(r[k]);
    magnitude[0] = (std::max)(magnitude[0], magnitude[k]);
  }
  r[0].magnitude = BasicRangeBits<double>::magnitude_of(std::bit_cast<double>(magnitude[0] >> 1));
  return r[0];
}

/// min_max_rows for doubles.
inline std::int32_t min_max_of_double_rows(const double* x, std::size_t rows, std::size_t stride,
                                           std::size_t n, double* low, double* high) noexcept {
  std::uint64_t magnitude = 0;
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t i = 0; i < n; ++i) {
      const double v = x[row * stride + i];
      low[i] = v < low[i] ? v : low[i];
      high[i] = v > high[i] ? v : high[i];
      magnitude = (std::max)(magnitude, std::bit_cast<std::uint64_t>(v) << 1);
    }
  return BasicRangeBits<double>::magnitude_of(std::bit_cast<double>(magnitude >> 1));
}

/// Chooses the parameters of a block from the range of the elements that round to finite floats. Updates
/// `largest`, the bits of the largest magnitude.
template <Codec C>
Parameters choose_for_doubles(const C& codec, const double* x, std::size_t n,
                              std::int32_t& largest) noexcept {
  const auto r = min_max_of_doubles(x, n);
  DoubleRange range = r.range();
  if (!r.finite()) {
    range = {};
    for (std::size_t i = 0; i < n; ++i)
      if (is_in_float(x[i])) range = range.merged({x[i], x[i]});
  }
  largest = (std::max)(largest, r.magnitude);
  return lowbit::choose(codec, without_negative_zero(range));
}

/// quantize_blocks for doubles. Blocks that fit in one tile are encoded together, as a row with a zero-point
/// for each element.
template <Codec C, class Encode, class EncodeRow>
std::int32_t quantize_double_blocks(const C& codec, const double* x, std::size_t n, std::size_t block,
                                    const Sink<typename C::Code>& sink, const ParameterSink<C>& parameters,
                                    const Encode& encode, const EncodeRow& encode_row) noexcept {
  std::int32_t largest = 0;
  std::array<float, double_tile> u, ones;
  std::array<std::int32_t, C::has_zero_point ? double_tile : 1> zero_points;
  ones.fill(1.0f);
  std::size_t begin = 0, at = 0;  // elements begin .. at - 1 are in u
  const auto encode_tile = [&] {
    if constexpr (DoubleCodec<C>)
      if (at > begin)
        encode_row(u.data(), at - begin, ParameterArrays{ones.data(), ones.data(), zero_points.data()},
                   sink.from(begin));
  };
  for (std::size_t b = 0; at < n; ++b) {
    const std::size_t count = (std::min)(block, n - at);
    const Parameters p = choose_for_doubles(codec, x + at, count, largest);
    parameters.put(b, p);
    if constexpr (DoubleCodec<C>) {
      if (count <= double_tile && is_regular(codec, Parameters{1.0f, p.zero_point})) {
        if (at + count - begin > double_tile) {
          encode_tile();
          begin = at;
        }
        to_unit_scale(codec, x + at, count, codec.prepare(p), u.data() + (at - begin));
        if constexpr (C::has_zero_point) std::fill_n(zero_points.data() + (at - begin), count, p.zero_point);
        at += count;
        continue;
      }
    }
    encode_tile();
    encode_doubles(codec, x + at, count, p, sink.from(at), encode);
    begin = at += count;
  }
  encode_tile();
  return largest;
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel
