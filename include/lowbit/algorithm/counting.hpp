// Observers that count in bins: the kernels do it for them, by several threads where memory is dense.
#pragma once
#include <lowbit/algorithm/range.hpp>
#include <lowbit/core/shape.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Counts of neighbouring bins of one width, as Histogram.
template <class T>
concept Bins = std::constructible_from<T, int> && requires(T& t, const T& other, const Range& range) {
  t.include(range);
  t.merge(other);
  { other.bins() } -> std::same_as<int>;
  { other.inverse_width() } -> std::same_as<float>;
  { other.first() } -> std::same_as<std::int32_t>;
  { t.mutable_counts() } -> std::same_as<std::uint64_t*>;
};

/// An observer that needs the counts only: it is a histogram, or has a member `histogram`.
template <class Obs>
concept CountingObserver = Bins<Obs> || requires(Obs& observer) {
  requires Bins<decltype(observer.histogram)>;
};
template <CountingObserver Obs>
auto& bins_of(Obs& observer) noexcept {
  if constexpr (Bins<Obs>) {
    return observer;
  } else {
    return observer.histogram;
  }
}

/// An observer that needs the range of a piece only.
template <class Obs>
concept RangeObserver = requires(Obs& observer, const Range& range) {
  observer.observe(range);
};

/// Elements whose range is found before they are counted, while they are in the first cache.
inline constexpr Index counted_piece = 4096;

/// A run of finite elements in `range`, at the speed of the kernels.
template <Bins B, class T>
void count(B& bins, const T* x, Index n, const Range& range) {
  bins.include({range.min + 0.0f, range.max + 0.0f});
  backend::Cpu::histogram(x, static_cast<std::size_t>(n), bins.inverse_width(), bins.first(),
                          bins.mutable_counts());
}

/// The same by several threads, each with bins of its own. False where one thread is enough, or elements are
/// not finite: then nothing was counted.
template <Bins B, class T>
bool count_in_parts(B& bins, const T* x, Index n) {
  const int parts = parts_of(n);
  if (parts == 1) return false;
  const kernel::RangeBits r = min_max(x, n);
  if (!r.finite()) return false;
  std::vector<B> counted(static_cast<std::size_t>(parts), B(bins.bins()));
  for (B& part : counted) part.include({r.min + 0.0f, r.max + 0.0f});
  in_parts(parts, n, 64, [&](int part, Index first, Index last) {
    B& own = counted[static_cast<std::size_t>(part)];
    backend::Cpu::histogram(x + first, static_cast<std::size_t>(last - first), own.inverse_width(),
                            own.first(), own.mutable_counts());
  });
  for (const B& part : counted) bins.merge(part);
  return true;
}

/// Lines of which element g goes to the bins of observer g, which have room for it; 16 of them at a time, so
/// that their counts stay in the second cache and a line is read by whole cache lines.
template <CountingObserver Obs, class T>
void count_lines(std::vector<Obs>& observers, const T* x, Index lines) noexcept {
  constexpr std::size_t together = 16;
  const std::size_t n = observers.size();
  for (std::size_t g = 0; g < n; g += together) {
    const std::size_t count = (std::min)(together, n - g);
    std::array<std::uint64_t*, together> counts{};
    std::array<float, together> inverse{};
    std::array<std::int32_t, together> first{};
    for (std::size_t k = 0; k < count; ++k) {
      auto& bins = bins_of(observers[g + k]);
      counts[k] = bins.mutable_counts();
      inverse[k] = bins.inverse_width();
      first[k] = bins.first();
    }
    const T* line = x + g;
    for (Index i = 0; i < lines; ++i, line += n)
      for (std::size_t k = 0; k < count; ++k)
        ++counts[k][floor_to_int(simd::scalar::load(line + k).v * inverse[k]) - first[k]];
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
