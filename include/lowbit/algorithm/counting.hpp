// Observers that count in bins: the kernels do it for them, by several threads where memory is dense.
#pragma once
#include <lowbit/algorithm/range.hpp>
#include <lowbit/core/shape.hpp>

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

}  // namespace lowbit::inline LOWBIT_ABI::detail
