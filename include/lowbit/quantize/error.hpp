// How far a quantized tensor is from the original.
#pragma once
#include <lowbit/quantize/error_sums.hpp>
#include <lowbit/quantize/quantized.hpp>

#include <cstddef>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

namespace detail {
template <class T>
double as_double(const T* p) noexcept {
  if constexpr (std::is_same_v<T, double>) {
    return *p;
  } else {
    return double{simd::scalar::load(p).v};
  }
}

/// Whether v lies more than half a cell outside the codes. A double that float cannot hold does so in a group
/// of scale 0, too, whose only code stands for 0.
template <Codec C, class Real>
bool is_clipped(const C& codec, Real v, const Parameters& p) noexcept {
  if constexpr (C::scaled && std::is_same_v<Real, double>)
    if (p.scale == 0.0f && !is_finite(static_cast<float>(v))) return true;
  return codec.clips(v, p);
}

/// Adds the errors of q; returns how many values are clipped.
template <class X, Codec C, Group G, ScaleFormat S>
Index add_errors(ErrorSums& sums, const X& original, const Quantized<C, G, S>& q) {
  decltype(auto) source = source_of(original);
  require(source.view.shape == q.shape(), "a tensor of shape ", source.view.shape,
          " cannot be compared with codes of shape ", q.shape());
  using T = element_t<X>;
  Reader<T> reader(source.view, q.shape().order());
  Index clipped = 0;
  q.for_each_decoded(reader.limit(), [&](const Run& piece, std::span<const float> decoded) {
    const T* x = reader.read(piece.offset, piece.count);
    for (Index i = 0; i < piece.count; ++i) {
      sums.add<std::is_same_v<T, double>, false>(as_double(x + i),
                                                 double{decoded[static_cast<std::size_t>(i)]});
      const auto v = kernel::value_for<C>(x + i);
      if (is_finite(v) && is_clipped(q.codec(), v, q.parameters(piece.group + i * piece.group_step)))
        ++clipped;
    }
  });
  return clipped;
}
}  // namespace detail

/// Compares the original with what `q` decodes to, group by group, without a full decoded copy. Throws
/// std::invalid_argument when the shapes differ. O(size).
template <class X, Codec C, Group G, ScaleFormat S>
ErrorReport error(const X& original, const Quantized<C, G, S>& q) {
  detail::ErrorSums sums;
  const Index clipped = detail::add_errors(sums, original, q);
  ErrorReport report = sums.report();
  report.clipped = clipped;
  report.bits_per_value = q.bits_per_value();
  return report;
}

}  // namespace lowbit::inline LOWBIT_ABI
