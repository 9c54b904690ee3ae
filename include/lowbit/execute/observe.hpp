// Observes a tensor with one observer per group.
#pragma once
#include <lowbit/core/buffer.hpp>
#include <lowbit/execute/counting.hpp>
#include <lowbit/execute/pieces.hpp>
#include <lowbit/execute/range.hpp>
#include <lowbit/group/layout.hpp>
#include <lowbit/observe/min_max.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Counts values that are non-finite or doubles outside the range of float, and keeps the first one in
/// traversal order.
struct NonFiniteCount {
  Index count = 0;
  Index beyond_float = 0;  ///< those of them that are finite doubles
  Index first = 0;
  double value = 0.0;

  /// Counts the values of a piece and returns the range of the finite ones.
  template <class T>
  RangeOf<T> add(const T* x, const Run& piece) noexcept {
    RangeOf<T> rest;
    for (Index i = 0; i < piece.count; ++i) {
      const auto v = real(x + i);
      if (has_range(v)) {
        rest = rest.merged({v, v});
        continue;
      }
      beyond_float += is_finite(v) ? 1 : 0;
      if (count++ != 0) continue;
      first = piece.offset + i;
      value = v;
    }
    return rest;
  }
};

/// Workspace of Observation<MinMax>, two numbers per group, which a caller keeps from one call to the next.
using RangeMemory = std::array<Buffer<float>, 2>;

/// Observation by any observer, which receives its elements as floats, piece by piece, without non-finite
/// values. Kernels count for a CountingObserver and find ranges for a RangeObserver.
template <class Obs>
class Observation {
 public:
  /// The largest number of elements to pass to `add`.
  static constexpr Index longest_piece =
      CountingObserver<Obs> ? counted_piece : (std::numeric_limits<Index>::max)();

  Observation(const Obs& prototype, Index groups) : observers_(static_cast<std::size_t>(groups), prototype) {}
  Observation(const Obs& prototype, Index groups, RangeMemory&) : Observation(prototype, groups) {}
  void give_back(RangeMemory&) noexcept {}

  Index size() const noexcept { return static_cast<Index>(observers_.size()); }
  /// The range of group g; the observer is given the codec where it takes one.
  template <class C>
  Range range(Index g, const C& codec) const {
    const Obs& observer = observers_[static_cast<std::size_t>(g)];
    if constexpr (requires {
                    { observer.range(codec) } -> std::convertible_to<Range>;
                  }) {
      return observer.range(codec);
    } else {
      return observer.range();
    }
  }
  /// with_range(g, f) returns f(range(g, codec)). Computes all ranges first, once: some take milliseconds.
  template <class C>
  auto ranges_for(const C& codec) const {
    std::vector<Range> found;
    for (Index g = 0; g < size(); ++g) found.push_back(range(g, codec));
    return
        [found = std::move(found)](Index g, const auto& f) { return f(found[static_cast<std::size_t>(g)]); };
  }
  const Obs& operator[](Index g) const noexcept { return observers_[static_cast<std::size_t>(g)]; }
  void merge(const Observation& other) {
    for (std::size_t g = 0; g < observers_.size(); ++g) observers_[g].merge(other.observers_[g]);
  }

  /// Adds all elements of one group, by several threads, if they are finite; returns whether they are.
  template <class T>
  requires CountingObserver<Obs>
  bool add_if_finite(const T* x, Index n, int parts) {
    return count_in_parts(bins_of(observers_[0]), x, n, parts);
  }

  /// Adds all elements of interleaved groups, element i belonging to group i % size(), if they are finite;
  /// returns whether they are.
  template <class T>
  requires(CountingObserver<Obs> || RangeObserver<Obs>) bool add_rows_if_finite(const T* x, Index rows) {
    const std::size_t n = observers_.size();
    Buffer<decltype(RangeOf<T>{}.min)> low(n, RangeOf<T>{}.min), high(n, RangeOf<T>{}.max);
    const std::int32_t largest =
        backend::Cpu::min_max_rows(x, static_cast<std::size_t>(rows), n, n, low.data(), high.data());
    if (largest >= 0x7f800000) return false;
    for (std::size_t g = 0; g < n; ++g) {
      const Range range = to_float(without_negative_zero(RangeOf<T>{low[g], high[g]}));
      if constexpr (RangeObserver<Obs>) {
        observers_[g].observe(range);
      } else {
        bins_of(observers_[g]).include(range);
      }
    }
    if constexpr (!RangeObserver<Obs>) count_interleaved(observers_, x, rows);
    return true;
  }

  /// Adds one short row to each of `rows` groups from `first` on, if all of these elements are finite;
  /// returns whether they are.
  template <class T>
  requires CountsFloats<Obs>
  bool add_short_rows_if_finite(const T* x, Index first, Index rows, Index length) {
    return count_short_rows(std::span<Obs>(observers_.data() + first, static_cast<std::size_t>(rows)), x,
                            length);
  }

  /// Adds a run, of which `range` is the range of the finite elements; `finite`: all elements are finite.
  template <bool Shared, class T>
  void add(const T* x, const Run& run, const RangeOf<T>& real_range, bool finite) {
    const Range range = to_float(real_range);
    if (Shared || run.group_step == 0) {
      Obs& one = observer(run.group);
      if constexpr (RangeObserver<Obs>) {
        return one.observe(Range{range.min + 0.0f, range.max + 0.0f});
      } else if constexpr (CountingObserver<Obs>) {
        if (finite) return count(bins_of(one), x, run.count, range);
      }
    }
    for_each_piece(run, tile, [&](const Run& piece) {
      const T* elements = x + (piece.offset - run.offset);
      std::array<float, std::size_t{tile}> values;
      std::size_t n = 0;
      for (Index i = 0; i < piece.count; ++i) {
        const float v = simd::scalar::load(elements + i).v;
        if (!is_finite(v)) continue;
        if (piece.group_step == 0) {
          values[n++] = v;
        } else {
          observer(piece.group + i * piece.group_step).observe(std::span<const float>(&v, 1));
        }
      }
      if (n > 0) observer(piece.group).observe(std::span<const float>(values.data(), n));
    });
  }

 private:
  Obs& observer(Index g) noexcept { return observers_[static_cast<std::size_t>(g)]; }
  std::vector<Obs> observers_;
};

/// Observation of minimum and maximum: two arrays, which kernels update in place; of double once a double was
/// seen.
template <>
class Observation<MinMax> {
 public:
  static constexpr Index longest_piece = (std::numeric_limits<Index>::max)();

  Observation(const MinMax& prototype, Index groups)
      : low_(static_cast<std::size_t>(groups), prototype.range().min),
        high_(static_cast<std::size_t>(groups), prototype.range().max) {}

  /// Takes `memory` as workspace; give_back returns it.
  Observation(const MinMax& prototype, Index groups, RangeMemory& memory)
      : low_(std::move(memory[0])), high_(std::move(memory[1])) {
    low_.resize(static_cast<std::size_t>(groups));
    high_.resize(static_cast<std::size_t>(groups));
    std::fill_n(low_.data(), low_.size(), prototype.range().min);
    std::fill_n(high_.data(), high_.size(), prototype.range().max);
  }
  void give_back(RangeMemory& memory) noexcept {
    memory[0] = std::move(low_);
    memory[1] = std::move(high_);
  }

  Index size() const noexcept { return static_cast<Index>(low_.size()); }
  /// The range of group g, rounded to float where doubles were seen.
  template <class C>
  Range range(Index g, const C&) const noexcept {
    return to_float(without_negative_zero(seen(static_cast<std::size_t>(g))));
  }
  /// with_range(g, f) returns f(range of g), a range of doubles where some were seen and the codec takes
  /// them.
  template <class C>
  auto ranges_for(const C& codec) const {
    return [this, &codec](Index g, const auto& f) {
      if constexpr (DoubleCodec<C>)
        if (has_doubles()) return f(without_negative_zero(seen(static_cast<std::size_t>(g))));
      return f(range(g, codec));
    };
  }
  void merge(const Observation& other) {
    if (other.has_doubles()) keep_doubles();
    for (std::size_t g = 0; g < low_.size(); ++g) include(g, other.seen(g));
  }

  /// As above, in panels whose ranges stay on the stack until they are known to be finite. When one is not,
  /// earlier panels have been included already; adding their elements again changes nothing.
  template <class T>
  bool add_rows_if_finite(const T* x, Index rows) {
    constexpr std::size_t widest = 4096;
    std::array<decltype(RangeOf<T>{}.min), widest> low, high;
    if constexpr (std::is_same_v<T, double>) keep_doubles();
    const std::size_t channels = low_.size();
    for (std::size_t first = 0; first < channels; first += widest) {
      const std::size_t n = (std::min)(widest, channels - first);
      std::fill_n(low.begin(), n, RangeOf<T>{}.min);
      std::fill_n(high.begin(), n, RangeOf<T>{}.max);
      if (backend::Cpu::min_max_rows(x + first, static_cast<std::size_t>(rows), channels, n, low.data(),
                                     high.data()) >= 0x7f800000)
        return false;
      for (std::size_t k = 0; k < n; ++k) include(first + k, RangeOf<T>{low[k], high[k]});
    }
    return true;
  }

  /// As above.
  template <bool Shared, class T>
  void add(const T* x, const Run& run, const RangeOf<T>& range, bool finite) {
    if constexpr (std::is_same_v<T, double>) keep_doubles();
    const auto g = static_cast<std::size_t>(run.group), step = static_cast<std::size_t>(run.group_step);
    if (Shared || step == 0) return include(g, range);
    if constexpr (!Shared) {
      const auto n = static_cast<std::size_t>(run.count);
      if constexpr (!std::is_same_v<T, double>)
        if (finite && step == 1 && !has_doubles())
          return static_cast<void>(backend::Cpu::min_max_rows(x, 1, n, n, low_.data() + g, high_.data() + g));
      for (std::size_t i = 0; i < n; ++i)
        if (const auto v = real(x + i); has_range(v)) include(g + i * step, RangeOf<T>{v, v});
    }
  }

 private:
  bool has_doubles() const noexcept { return double_low_.size() == low_.size() && !low_.empty(); }
  void keep_doubles() {
    if (has_doubles()) return;
    double_low_.resize(low_.size());
    double_high_.resize(low_.size());
    std::copy_n(low_.data(), low_.size(), double_low_.data());
    std::copy_n(high_.data(), low_.size(), double_high_.data());
  }
  DoubleRange seen(std::size_t g) const noexcept {
    if (has_doubles()) return {double_low_[g], double_high_[g]};
    return {low_[g], high_[g]};
  }
  void include(std::size_t g, const Range& r) noexcept {
    if (has_doubles()) return include(g, DoubleRange{r.min, r.max});
    const Range merged = Range{low_[g], high_[g]}.merged(r);
    low_[g] = merged.min;
    high_[g] = merged.max;
  }
  /// Without doubles, r is a range of floats.
  void include(std::size_t g, const DoubleRange& r) noexcept {
    if (!has_doubles()) return include(g, to_float(r));
    const DoubleRange merged = DoubleRange{double_low_[g], double_high_[g]}.merged(r);
    double_low_[g] = merged.min;
    double_high_[g] = merged.max;
  }

  Buffer<float> low_, high_;
  Buffer<double> double_low_, double_high_;  // replace low_ and high_ once a double was seen
};

/// Observes a whole tensor.
template <class Obs, class T, Group G>
LOWBIT_COLD NonFiniteCount observe(Observation<Obs>& seen, const View<const T>& x, const Layout& layout,
                                   const G& group) {
  NonFiniteCount bad;
  const Shape& shape = layout.shape;
  const Index n = shape.size();
  Reader<T> reader(x, shape.order());
  const Index limit = (std::min)(reader.limit(), Observation<Obs>::longest_piece);
  const auto add = [&](const Run& run) {
    for_each_piece(run, limit, [&](const Run& piece) {
      const T* elements = reader.read(piece.offset, piece.count);
      const auto r = min_max(elements, piece.count);
      const RangeOf<T> range = r.finite() ? r.range() : bad.add(elements, piece);
      seen.template add<SharedRuns<G>>(elements, piece, range, r.finite());
    });
  };
  switch (reader.dense() ? layout.arrangement : Arrangement::general) {
    case Arrangement::empty:
      return bad;
    case Arrangement::one_group:
      if constexpr (CountingObserver<Obs>)
        if (const int parts = parts_of(n); parts > 1 && seen.add_if_finite(x.data, n, parts)) return bad;
      break;
    case Arrangement::interleaved:
      if constexpr (!SharedRuns<G> && requires { seen.add_rows_if_finite(x.data, n); })
        if (seen.add_rows_if_finite(x.data, n / layout.groups)) return bad;
      break;
    case Arrangement::contiguous:
      if constexpr (!SharedRuns<G> && CountsFloats<Obs> && !std::is_same_v<T, double>) {
        const Index length = layout.length;
        if (length > short_row) break;
        const Index whole = n / length, rest = n % length;
        for (Index g = 0; g < whole; g += short_rows) {
          const Index rows = (std::min)(short_rows, whole - g);
          if (!seen.add_short_rows_if_finite(x.data + g * length, g, rows, length))
            for (Index k = g; k < g + rows; ++k) add(Run{k * length, length, k, 0});
        }
        if (rest > 0) add(Run{whole * length, rest, whole, 0});
        return bad;
      }
      break;
    case Arrangement::general:
      break;
  }
  group.for_each_run(shape, add);
  return bad;
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
