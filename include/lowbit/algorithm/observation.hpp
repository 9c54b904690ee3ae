// One observer per group: what is known about a tensor's ranges.
#pragma once
#include <lowbit/backend/cpu.hpp>
#include <lowbit/core/buffer.hpp>
#include <lowbit/group/run.hpp>
#include <lowbit/observe/min_max.hpp>
#include <lowbit/tensor/pieces.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Any observer: elements are widened to float and handed over piece by piece; values that are not finite are
/// left out.
template <class Obs>
class Observation {
 public:
  Observation(const Obs& prototype, Index groups) : observers_(static_cast<std::size_t>(groups), prototype) {}

  Index size() const noexcept { return static_cast<Index>(observers_.size()); }
  Range range(Index g) const { return observers_[static_cast<std::size_t>(g)].range(); }
  void merge(const Observation& other) {
    for (std::size_t g = 0; g < observers_.size(); ++g) observers_[g].merge(other.observers_[g]);
  }

  /// At most `tile` elements.
  template <class T>
  void add(const T* x, const Run& piece, bool) {
    std::array<float, std::size_t{tile}> values;
    std::size_t n = 0;
    for (Index i = 0; i < piece.count; ++i) {
      const float v = simd::scalar::load(x + i).v;
      if (!is_finite(v)) continue;
      if (piece.group_step == 0) {
        values[n++] = v;
      } else {
        observers_[static_cast<std::size_t>(piece.group + i * piece.group_step)].observe(
            std::span<const float>(&v, 1));
      }
    }
    if (n > 0)
      observers_[static_cast<std::size_t>(piece.group)].observe(std::span<const float>(values.data(), n));
  }

 private:
  std::vector<Obs> observers_;
};

/// Minimum and maximum as two arrays, so that kernels update them in place.
template <>
class Observation<MinMax> {
 public:
  Observation(const MinMax& prototype, Index groups)
      : low_(static_cast<std::size_t>(groups), prototype.range().min),
        high_(static_cast<std::size_t>(groups), prototype.range().max) {}

  Index size() const noexcept { return static_cast<Index>(low_.size()); }
  /// -0 becomes +0: which zero a vector minimum keeps depends on the order of the lanes.
  Range range(Index g) const noexcept {
    return {low_[static_cast<std::size_t>(g)] + 0.0f, high_[static_cast<std::size_t>(g)] + 0.0f};
  }
  void merge(const Observation& other) noexcept {
    for (std::size_t g = 0; g < low_.size(); ++g) include(g, {other.low_[g], other.high_[g]});
  }

  template <class T>
  void add(const T* x, const Run& piece, bool finite) noexcept {
    const auto g = static_cast<std::size_t>(piece.group);
    const auto n = static_cast<std::size_t>(piece.count);
    if (finite && piece.group_step == 1) {
      backend::Cpu::min_max_each(x, n, low_.data() + g, high_.data() + g);
    } else {
      for (std::size_t i = 0; i < n; ++i) {
        const float v = simd::scalar::load(x + i).v;
        if (is_finite(v)) include(g + i * static_cast<std::size_t>(piece.group_step), {v, v});
      }
    }
  }
  void include(std::size_t g, const Range& r) noexcept {
    const Range merged = Range{low_[g], high_[g]}.merged(r);
    low_[g] = merged.min;
    high_[g] = merged.max;
  }

 private:
  Buffer<float> low_, high_;
};

/// Values that are not finite: how many, and where the first one is in the order of the walk.
struct NonFiniteCount {
  Index count = 0;
  Index first = 0;
  float value = 0.0f;

  template <class T>
  void add(const T* x, const Run& piece) noexcept {
    for (Index i = 0; i < piece.count; ++i) {
      const float v = simd::scalar::load(x + i).v;
      if (is_finite(v)) continue;
      if (count++ == 0) {
        first = piece.offset + i;
        value = v;
      }
    }
  }
};

/// Observes a whole tensor. `shape` gives the order of the walk.
template <class Obs, class T, Group G>
NonFiniteCount observe(Observation<Obs>& seen, const View<const T>& x, const Shape& shape, const G& group) {
  NonFiniteCount bad;
  Reader<T> reader(x, shape.order());
  constexpr bool arrays = std::is_same_v<Obs, MinMax>;
  group.for_each_run(shape, [&](const Run& run) {
    const bool whole = arrays && run.group_step == 0;
    for_each_piece(run, std::min(reader.limit(), whole ? run.count : tile), [&](const Run& piece) {
      const T* elements = reader.read(piece.offset, piece.count);
      const auto r = backend::Cpu::min_max(elements, static_cast<std::size_t>(piece.count));
      if (!r.finite()) bad.add(elements, piece);
      if constexpr (arrays) {
        if (r.finite() && whole) return seen.include(static_cast<std::size_t>(piece.group), {r.min, r.max});
      }
      seen.add(elements, piece, r.finite());
    });
  });
  return bad;
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
