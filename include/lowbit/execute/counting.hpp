// Counts elements for histogram observers with kernels, by several threads where memory is dense.
#pragma once
#include <lowbit/core/shape.hpp>
#include <lowbit/execute/range.hpp>
#include <lowbit/execute/transpose_tiles.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Counts of adjacent bins of equal width, as in Histogram.
template <class T>
concept Bins = std::constructible_from<T, int> && requires(T& t, const T& other, const Range& range) {
  t.include(range);
  t.merge(other);
  { other.bins() } -> std::same_as<int>;
  { other.inverse_width() } -> std::same_as<float>;
  { other.first() } -> std::same_as<std::int32_t>;
  { t.mutable_counts() } -> std::same_as<std::uint64_t*>;
  t.add_zeros(std::uint64_t{});
};

/// Counts of bins that do not depend on the values seen, as in FloatHistogram.
template <class T>
concept FloatBins = std::default_initializable<T> &&
    requires(T& t, const T& other, const Range& range, std::span<const std::uint16_t> bins) {
  t.include(range);
  t.add(bins);
  t.merge(other);
  t.reserve();
  other.prefetch();
};
template <class T>
concept AnyBins = Bins<T> || FloatBins<T>;

/// An observer that needs only counts: it is a histogram, or has a member `histogram`.
template <class Obs>
concept CountingObserver = AnyBins<Obs> || requires(Obs& observer) {
  requires AnyBins<decltype(observer.histogram)>;
};
template <CountingObserver Obs>
auto& bins_of(Obs& observer) noexcept {
  if constexpr (AnyBins<Obs>) {
    return observer;
  } else {
    return observer.histogram;
  }
}

/// An observer that needs only the counts of FloatBins.
template <class Obs>
concept CountsFloats =
    CountingObserver<Obs> && FloatBins<std::remove_reference_t<decltype(bins_of(std::declval<Obs&>()))>>;

/// An observer that needs only the range of each piece.
template <class Obs>
concept RangeObserver = requires(Obs& observer, const Range& range) {
  observer.observe(range);
};

/// Elements of a piece: its range is found, then it is counted while it is in the L1 cache.
inline constexpr Index counted_piece = 4096;

/// Counts n finite elements, whose range is `range`.
template <Bins B, class T>
void count(B& bins, const T* x, Index n, const Range& range) {
  bins.include({range.min + 0.0f, range.max + 0.0f});
  bins.add_zeros(backend::Cpu::histogram(x, static_cast<std::size_t>(n), bins.inverse_width(), bins.first(),
                                         bins.mutable_counts()));
}

/// Counts n finite elements, a piece at a time.
template <FloatBins B, class T>
void count_float_bins(B& bins, const T* x, Index n) {
  std::array<std::uint16_t, std::size_t{counted_piece}> found;
  for (Index at = 0; at < n; at += counted_piece) {
    const auto piece = static_cast<std::size_t>((std::min)(counted_piece, n - at));
    backend::Cpu::float_bins(x + at, piece, found.data());
    bins.add({found.data(), piece});
  }
}
template <FloatBins B, class T>
void count(B& bins, const T* x, Index n, const Range& range) {
  bins.include({range.min + 0.0f, range.max + 0.0f});
  count_float_bins(bins, x, n);
}

/// Counts by several threads, each with bins of its own, if all elements are finite; returns whether they
/// are.
template <AnyBins B, class T>
bool count_in_parts(B& bins, const T* x, Index n, int parts) {
  const auto r = min_max(x, n);
  if (!r.finite()) return false;
  const Range range = to_float(without_negative_zero(r.range()));
  std::vector<B> counted;
  for (int part = 0; part < parts; ++part) {
    if constexpr (FloatBins<B>) {
      counted.emplace_back().reserve();
    } else {
      counted.emplace_back(bins.bins()).include(range);
    }
  }
  in_parts(parts, n, 64, [&](int part, Index first, Index last) {
    B& own = counted[static_cast<std::size_t>(part)];
    if constexpr (FloatBins<B>) {
      count_float_bins(own, x + first, last - first);
    } else {
      count(own, x + first, last - first, range);
    }
  });
  bins.include(range);
  for (const B& part : counted) bins.merge(part);
  return true;
}

/// Counts element g of every row in the bins of observer g, which cover it. Handles 16 observers at a time,
/// so that their counts stay in the L2 cache and rows are read by whole cache lines.
template <CountingObserver Obs, class T>
requires Bins<std::remove_reference_t<decltype(bins_of(std::declval<Obs&>()))>>
void count_interleaved(std::vector<Obs>& observers, const T* x, Index rows) noexcept {
  constexpr std::size_t together = 16;
  const std::size_t n = observers.size();
  for (std::size_t g = 0; g < n; g += together) {
    const std::size_t count = (std::min)(together, n - g);
    std::array<std::uint64_t*, together> counts{};
    std::array<std::uint64_t, together> zeros{};
    std::array<float, together> inverse{};
    std::array<std::int32_t, together> first{};
    for (std::size_t k = 0; k < count; ++k) {
      auto& bins = bins_of(observers[g + k]);
      counts[k] = bins.mutable_counts();
      inverse[k] = bins.inverse_width();
      first[k] = bins.first();
    }
    const T* row = x + g;
    for (Index i = 0; i < rows; ++i, row += n)
      for (std::size_t k = 0; k < count; ++k) {
        const float v = simd::scalar::load(row + k).v;
        ++counts[k][floor_of_multiple(v, inverse[k]) - first[k]];
        zeros[k] += v == 0.0f ? 1 : 0;
      }
    for (std::size_t k = 0; k < count; ++k) bins_of(observers[g + k]).add_zeros(zeros[k]);
  }
}

/// The same for FloatBins. Transposes tiles, so that the elements of each observer are contiguous.
template <CountingObserver Obs, class T>
void count_interleaved(std::vector<Obs>& observers, const T* x, Index rows) {
  constexpr Index wide = 64, elements = 16384;
  const auto n = static_cast<Index>(observers.size());
  std::array<float, std::size_t{elements}> transposed;
  std::array<std::uint16_t, std::size_t{elements}> bins;
  for (Index g = 0; g < n; g += wide) {
    const Index observed = (std::min)(wide, n - g), limit = elements / observed;
    for (Index row = 0; row < rows; row += limit) {
      const Index count = (std::min)(limit, rows - row);
      rows_from_columns(x + row * n + g, n, observed, count, transposed.data());
      backend::Cpu::float_bins(transposed.data(), static_cast<std::size_t>(observed * count), bins.data());
      for (Index k = 0; k < observed; ++k)
        bins_of(observers[static_cast<std::size_t>(g + k)])
            .add({bins.data() + k * count, static_cast<std::size_t>(count)});
    }
  }
}

/// Rows so short that one call for each would cost more than its elements are counted together, up to
/// short_rows.
inline constexpr Index short_row = 64, short_rows = 256;

/// Counts adjacent rows of `length` <= short_row elements, one row for each observer, of which there are at
/// most short_rows, if all elements are finite; returns whether they are.
template <CountingObserver Obs, class T>
bool count_short_rows(std::span<Obs> observers, const T* x, Index length) {
  constexpr std::size_t elements = std::size_t{short_row} * short_rows;
  const std::size_t n = observers.size();
  std::array<float, elements> transposed;
  std::array<std::uint16_t, elements> bins;
  std::array<float, std::size_t{short_rows}> low, high;
  std::fill_n(low.begin(), n, Range{}.min);
  std::fill_n(high.begin(), n, Range{}.max);
  rows_from_columns(x, length, length, static_cast<Index>(n), transposed.data());
  const auto count = static_cast<std::size_t>(length);
  if (backend::Cpu::min_max_rows(transposed.data(), count, n, n, low.data(), high.data()) >= 0x7f800000)
    return false;
  backend::Cpu::float_bins(x, n * count, bins.data());
  for (std::size_t g = 0; g < n; ++g) {
    constexpr std::size_t ahead = 4;
    if (g + ahead < n) bins_of(observers[g + ahead]).prefetch();
    auto& own = bins_of(observers[g]);
    own.include({low[g] + 0.0f, high[g] + 0.0f});
    own.add({bins.data() + g * count, count});
  }
  return true;
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
