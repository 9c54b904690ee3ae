// The range of memory, by several threads where it is dense.
#pragma once
#include <lowbit/backend/cpu.hpp>
#include <lowbit/core/threads.hpp>

#include <array>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Minimum, maximum and whether all are finite: the same whatever the number of threads.
template <class T>
kernel::RangeBits min_max(const T* x, Index n) {
  constexpr int most = 64;
  const int parts = (std::min)(parts_of(n), most);
  if (parts == 1) return backend::Cpu::min_max(x, static_cast<std::size_t>(n));
  std::array<kernel::RangeBits, most> found;
  in_parts(parts, n, 64, [&](int part, Index first, Index last) {
    found[static_cast<std::size_t>(part)] =
        backend::Cpu::min_max(x + first, static_cast<std::size_t>(last - first));
  });
  kernel::RangeBits all;
  for (int part = 0; part < parts; ++part) all = all.merged(found[static_cast<std::size_t>(part)]);
  return all;
}

/// The range of the finite ones of n elements at distance `stride`.
template <class T>
Range finite_range(const T* x, Index n, Index stride) noexcept {
  Range range;
  for (Index i = 0; i < n; ++i) {
    const float v = simd::scalar::load(x + i * stride).v;
    if (is_finite(v)) range = range.merged({v + 0.0f, v + 0.0f});
  }
  return range;
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
