// How far one tensor of real numbers is from another one.
#pragma once
#include <lowbit/quantize/error.hpp>
#include <lowbit/tensor/source.hpp>

#include <algorithm>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Compares `other` with the original as `error` does with what codes decode to: tensors that were decoded
/// elsewhere, or computed from quantized ones. Non-finite values are counted in both, and those that differ
/// in kind as other_kind. Nothing counts as clipped, and bits_per_value is that of other's element type.
/// Throws std::invalid_argument when the shapes differ. O(size).
template <class X, class Y>
ErrorReport difference(const X& original, const Y& other) {
  decltype(auto) a = detail::source_of(original);
  decltype(auto) b = detail::source_of(other);
  detail::require(a.view.shape == b.view.shape, "a tensor of shape ", a.view.shape,
                  " cannot be compared with one of shape ", b.view.shape);
  detail::Reader<element_t<X>> x(a.view, a.view.shape.order());
  detail::Reader<element_t<Y>> y(b.view, a.view.shape.order());
  constexpr bool wide_x = std::is_same_v<element_t<X>, double>, wide_y = std::is_same_v<element_t<Y>, double>;
  detail::ErrorSums sums;
  const Index limit = (std::min)(x.limit(), y.limit());
  detail::for_each_piece({0, a.view.shape.size(), 0, 0}, limit, [&](const Run& piece) {
    const auto* p = x.read(piece.offset, piece.count);
    const auto* q = y.read(piece.offset, piece.count);
    for (Index i = 0; i < piece.count; ++i)
      sums.add<wide_x, wide_y>(detail::as_double(p + i), detail::as_double(q + i));
  });
  ErrorReport report = sums.report();
  report.bits_per_value = 8.0 * sizeof(element_t<Y>);
  return report;
}

}  // namespace lowbit::inline LOWBIT_ABI
