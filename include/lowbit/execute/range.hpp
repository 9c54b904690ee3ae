// Finds ranges, by several threads where memory is dense.
#pragma once
#include <lowbit/core/threads.hpp>
#include <lowbit/kernel/dispatch/cpu.hpp>

#include <array>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Finds minimum, maximum and the largest magnitude of n elements; the result does not depend on the number
/// of threads.
template <class T>
auto min_max(const T* x, Index n) {
  using Bits = kernel::BasicRangeBits<decltype(RangeOf<T>{}.min)>;
  constexpr int max_parts = 64;
  const int parts = (std::min)(parts_of(n), max_parts);
  if (parts == 1) return backend::Cpu::min_max(x, static_cast<std::size_t>(n));
  std::array<Bits, max_parts> found;
  in_parts(parts, n, 64, [&](int part, Index first, Index last) {
    found[static_cast<std::size_t>(part)] =
        backend::Cpu::min_max(x + first, static_cast<std::size_t>(last - first));
  });
  Bits all;
  for (int part = 0; part < parts; ++part) all = all.merged(found[static_cast<std::size_t>(part)]);
  return all;
}

/// Reads an element in the type of its range. `has_range`: it is finite as a float, so it may be part of a
/// range.
template <class T>
auto real(const T* x) noexcept {
  if constexpr (std::is_same_v<T, double>) {
    return *x;
  } else {
    return simd::scalar::load(x).v;
  }
}
inline bool has_range(float v) noexcept { return is_finite(v); }
inline bool has_range(double v) noexcept { return is_in_float(v); }

/// The range of the finite ones among n elements, `stride` apart.
template <class T>
RangeOf<T> finite_range(const T* x, Index n, Index stride) noexcept {
  RangeOf<T> range;
  for (Index i = 0; i < n; ++i)
    if (const auto v = real(x + i * stride); has_range(v)) range = range.merged({v, v});
  return without_negative_zero(range);
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
