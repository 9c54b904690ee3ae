// The histogram of a tensor.
#pragma once
#include <lowbit/algorithm/observation.hpp>
#include <lowbit/algorithm/options.hpp>
#include <lowbit/kernel/histogram.hpp>
#include <lowbit/observe/histogram.hpp>
#include <lowbit/tensor/eigen.hpp>
#include <lowbit/tensor/eigen_tensor.hpp>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
/// Elements whose range is found before they are counted, while they are in the first cache.
inline constexpr Index histogram_piece = 4096;

/// A run of finite elements, at the speed of the kernels.
template <class T>
void count(Histogram& histogram, const T* x, Index n, const Range& range) {
  histogram.include(range);
  const auto size = static_cast<std::size_t>(n);
  backend::Cpu::histogram(x, size, histogram.inverse_width(), histogram.first(), histogram.mutable_counts());
}
}  // namespace detail

/// Counts of the elements of x, rounded to float, in the bins that Histogram describes; values that are not
/// finite are left out. The same histogram whatever the storage order. O(size).
template <class X>
Histogram histogram(const X& x, int bins = Histogram::default_bins) {
  decltype(auto) source = detail::source_of(x);
  const auto& view = source.view;
  Histogram counted(bins);
  detail::Reader<element_t<X>> reader(view, view.shape.order());
  detail::for_each_piece(
      {0, view.shape.size(), 0, 0}, std::min(reader.limit(), detail::histogram_piece), [&](const Run& piece) {
        const auto* elements = reader.read(piece.offset, piece.count);
        const kernel::RangeBits r = backend::Cpu::min_max(elements, static_cast<std::size_t>(piece.count));
        if (r.finite()) return detail::count(counted, elements, piece.count, {r.min + 0.0f, r.max + 0.0f});
        for (Index i = 0; i < piece.count; ++i) {
          const float v = simd::scalar::load(elements + i).v;
          if (is_finite(v)) counted.observe(std::span<const float>(&v, 1));
        }
      });
  return counted;
}

}  // namespace lowbit::inline LOWBIT_ABI
