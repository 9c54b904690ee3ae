// The forms of a table of levels in which vector kernels search.
#pragma once
#include <lowbit/codec/cells.hpp>
#include <lowbit/codec/even_cells.hpp>
#include <lowbit/codec/lookup.hpp>
#include <lowbit/codec/straight_lines.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lowbit::inline LOWBIT_ABI {

/// @cond internal

/// The thresholds of a binary search, level by level: level l has 2^l of them, repeated to fill 16 entries,
/// so that a lookup in a register may ignore the higher bits of its index.
template <int Bits>
struct SearchTree {
  static constexpr int bits = Bits;
  /// Where level l starts.
  static constexpr std::size_t start(int level) noexcept {
    return level <= 4 ? 16 * static_cast<std::size_t>(level) : 48 + (std::size_t{1} << level);
  }
  alignas(64) std::array<float, start(Bits)> thresholds{};
};

template <int Bits>
SearchTree<Bits> make_tree(std::span<const float> thresholds) noexcept {
  SearchTree<Bits> tree;
  for (int level = 0; level < Bits; ++level) {
    const std::size_t count = std::size_t{1} << level, first = (std::size_t{1} << Bits) >> (level + 1);
    for (std::size_t k = 0; k < (std::max)(count, std::size_t{16}); ++k)
      tree.thresholds[SearchTree<Bits>::start(level) + k] =
          thresholds[(k % count * 2 + 1) * first - 1] + 0.0f;  // no -0: 0 - -0 would be positive, -0 - 0 not
  }
  return tree;
}

/// What is derived from a Lookup once, before the first kernel runs.
template <CodeType Code>
struct Search {
  static constexpr int bits = CodeTraits<Code>::bits;
  static constexpr std::size_t capacity = Lookup<Code>::capacity;

  static constexpr std::size_t cell_count = bits > 4 ? 4096 : 512;

  SearchTree<bits> tree;
  EvenCells even_cells;    ///< where the thresholds fit
  StraightLines lines;     ///< for 8-bit codes, where the thresholds fit
  SearchTree<5> segments;  ///< the tree of lines.ends
  Cells<cell_count, capacity> cells;
  /// Byte k of value c is planes[k][c].
  alignas(64) std::array<std::array<std::uint8_t, capacity>, 4> planes{};
  /// Codes by rank: integers in the bits of floats, at least sixteen of them.
  alignas(64) std::array<float, (std::max)(capacity, std::size_t{16})> codes{};
};

/// Derives a Search from a table, in about 25 us for 8-bit codes. Not constexpr: at compile time each would
/// take 0.4 s.
template <CodeType Code>
Search<Code> make_search(const Lookup<Code>& table) noexcept {
  using Result = Search<Code>;
  Result s;
  s.tree = make_tree<Result::bits>(std::span(table.thresholds).first(Result::capacity - 1));
  const auto thresholds = std::span(table.thresholds).first(table.size - 1);
  s.cells = make_cells<Result::cell_count, Result::capacity>(thresholds);
  if (fit_even_cells(thresholds, table.magnitude))
    s.even_cells = make_even_cells(thresholds, table.magnitude);
  if (Result::bits == 8) {
    s.lines = make_straight_lines(thresholds, table.magnitude);
    s.segments = make_tree<5>(s.lines.ends);
  }
  for (std::size_t c = 0; c < Result::capacity; ++c)
    for (std::size_t k = 0; k < 4; ++k)
      s.planes[k][c] = static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(table.values[c]) >> (8 * k));
  for (std::size_t k = 0; k < s.codes.size(); ++k)
    s.codes[k] = std::bit_cast<float>(std::uint32_t{table.codes[k % Result::capacity]});
  return s;
}

/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI
