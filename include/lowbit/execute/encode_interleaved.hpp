// Encodes interleaved groups (element i of a row belongs to group i), such as the rows of a column-major
// matrix.
#pragma once
#include <lowbit/core/threads.hpp>
#include <lowbit/execute/code_storage.hpp>
#include <lowbit/execute/quantized_sink.hpp>
#include <lowbit/execute/range.hpp>

#include <algorithm>
#include <array>

namespace lowbit::inline LOWBIT_ABI::detail {

/// The largest number of channels that are handled together; their parameters are on the stack.
inline constexpr Index widest_panel = 4096;

/// How many rows of `width` channels are encoded as one, with repeated parameters, so that kernels find whole
/// vectors: an element of 60 channels takes a fifth of the time.
constexpr Index rows_together(Index width) noexcept {
  constexpr Index vectors = 128, long_row = 512;  // at most 128 elements are encoded at a time
  return width >= vectors ? 1 : vectors % width == 0 ? vectors / width : long_row / width;
}

/// Encodes channels first .. first + width - 1 of every row with the parameters in `out`.
template <bool Bounded, Codec C, class T>
void encode_panel(const C& codec, const T* x, Index rows, Index channels, Index first, Index width,
                  const QuantizedSink<C>& out) noexcept {
  std::array<float, std::size_t{widest_panel}> scale, inverse;
  std::array<std::int32_t, std::size_t{widest_panel}> zero_point;
  const auto parameters = [&](Index k) {
    return Parameters{out.scales[first + k],
                      C::has_zero_point ? out.zero_points[first + k] : kernel::constant_zero_point<C>()};
  };
  bool regular = true;
  for (Index k = 0; k < width; ++k) {
    Parameters p = parameters(k);
    if (!kernel::is_regular(codec, p)) {
      regular = false;
      p = {1.0f, 0};
    }
    scale[static_cast<std::size_t>(k)] = p.scale;
    inverse[static_cast<std::size_t>(k)] = 1.0f / p.scale;
    zero_point[static_cast<std::size_t>(k)] = p.zero_point;
  }
  const auto encode = [&](Index from, Index count, Index stride, Index length) {
    const kernel::ParameterArrays arrays{scale.data(), inverse.data(), zero_point.data()};
    backend::Cpu::encode_rows<Bounded>(codec, x + from, static_cast<std::size_t>(count),
                                       static_cast<std::size_t>(stride), static_cast<std::size_t>(length),
                                       arrays, out.codes.from(static_cast<std::size_t>(from)));
  };
  const Index together = width < channels ? 1 : (std::min)(rows_together(width), rows);
  for (Index k = width; k < together * width; ++k) {
    const auto to = static_cast<std::size_t>(k), from = static_cast<std::size_t>(k - width);
    scale[to] = scale[from];
    inverse[to] = inverse[from];
    zero_point[to] = zero_point[from];
  }
  const Index whole = rows / together;
  encode(first, whole, together * channels, together * width);
  if (const Index rest = rows - whole * together; rest > 0)
    encode(first + whole * together * channels, 1, rest * channels, rest * width);
  for (Index k = 0; !regular && k < width; ++k) {
    if (kernel::is_regular(codec, parameters(k))) continue;
    for (Index row = 0; row < rows; ++row) {
      const Index at = row * channels + first + k;
      kernel::encode_scalar(codec, x + at, 1, parameters(k), static_cast<std::size_t>(at), out.codes);
    }
  }
}

/// Finds the ranges of channels first .. first + width - 1, chooses their parameters and encodes them.
/// Returns the bits of the largest magnitude.
template <Codec C, class T>
std::int32_t quantize_panel(const C& codec, const T* x, Index rows, Index channels, Index first, Index width,
                            const QuantizedSink<C>& out) noexcept {
  std::array<decltype(RangeOf<T>{}.min), std::size_t{widest_panel}> low, high;
  const auto n = static_cast<std::size_t>(width);
  std::fill_n(low.begin(), n, RangeOf<T>{}.min);
  std::fill_n(high.begin(), n, RangeOf<T>{}.max);
  const std::int32_t largest =
      backend::Cpu::min_max_rows(x + first, static_cast<std::size_t>(rows),
                                 static_cast<std::size_t>(channels), n, low.data(), high.data());
  const bool finite = largest < 0x7f800000;
  for (Index k = 0; k < width; ++k) {
    const auto u = static_cast<std::size_t>(k);
    RangeOf<T> range = without_negative_zero(RangeOf<T>{low[u], high[u]});
    if (!finite) range = finite_range(x + first + k, rows, channels);
    out.parameters(first + k).put(0, choose(codec, range));
  }
  if (finite) {
    encode_panel<true>(codec, x, rows, channels, first, width, out);
  } else {
    encode_panel<false>(codec, x, rows, channels, first, width, out);
  }
  return largest;
}

/// Quantizes `rows` rows of `channels` elements each, in panels a few pages wide. Narrower panels, which
/// would stay in a shared cache between the two passes, are slower: DRAM is fastest along rows.
template <Codec C, class T>
std::int32_t quantize_interleaved(const C& codec, const T* x, Index rows, Index channels,
                                  QuantizedSink<C> out) {
  out.codes.stream = may_stream_codes<typename C::Code>(out.codes.codes, rows * channels, channels);
  constexpr Index narrowest = 256;
  const int parts = parts_of(rows * channels);
  const Index share = (channels / parts + narrowest - 1) / narrowest * narrowest;
  const Index width = std::clamp(share, narrowest, widest_panel);
  const Index panels = (channels + width - 1) / width;
  Largest largest;
  in_parts(parts, panels, 1, [&](int, Index first, Index last) {
    for (Index p = first; p < last; ++p)
      largest.include(
          quantize_panel(codec, x, rows, channels, p * width, (std::min)(width, channels - p * width), out));
  });
  return largest.value();
}

/// Encodes all channels with the parameters in `out`.
template <Codec C, class T>
void encode_interleaved(const C& codec, const T* x, Index rows, Index channels, QuantizedSink<C> out) {
  out.codes.stream = may_stream_codes<typename C::Code>(out.codes.codes, rows * channels, channels);
  const Index panels = (channels + widest_panel - 1) / widest_panel;
  in_parts(parts_of(rows * channels), rows, 1, [&](int, Index first, Index last) {
    auto part = out;
    part.codes = out.codes.from(static_cast<std::size_t>(first * channels));
    for (Index p = 0; p < panels; ++p)
      encode_panel<false>(codec, x + first * channels, last - first, channels, p * widest_panel,
                          (std::min)(widest_panel, channels - p * widest_panel), part);
  });
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
