// The concept of an observer: it gathers the range of one group, piece by piece.
#pragma once
#include <lowbit/core/range.hpp>

#include <concepts>
#include <span>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Gathers the range of one group, piece by piece. A monoid: the default-constructed observer is the
/// identity, `observe` adds finite values, `merge` adds what another observer has seen, `range` returns it.
/// Configuration (a percentile, a bin count) lives in its members, and the quantizer copies its prototype for
/// each group. Values arrive in any order and in pieces of any length.
///
/// An observer may have more members:
/// - `range(codec)`, which quantizers prefer, where the answer depends on the codec;
/// - a Histogram named `histogram` where its counts are all that it needs: kernels then fill it in place of
///   `observe`;
/// - `observe(const Range&)` where the range of a piece is all that it needs.
template <class T>
concept Observer = std::is_copy_constructible_v<T> && std::is_default_constructible_v<T> &&
    requires(T observer, const T& other, std::span<const float> values) {
  observer.observe(values);
  observer.merge(other);
  { other.range() } -> std::convertible_to<Range>;
};

}  // namespace lowbit::inline LOWBIT_ABI
