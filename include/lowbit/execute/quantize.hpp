// Finds ranges and encodes while elements are in a cache, for groups whose range is minimum and maximum.
#pragma once
#include <lowbit/execute/encode_columns.hpp>
#include <lowbit/execute/encode_contiguous.hpp>
#include <lowbit/execute/encode_interleaved.hpp>

#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::detail {

/// How ranges and codes of a tensor are computed.
enum class Strategy : unsigned char {
  two_passes,      ///< finds all ranges, then encodes
  one_group,       ///< the same for one group in dense memory, whose range is a local variable
  contiguous,      ///< finds ranges and encodes at once: contiguous groups in dense memory
  interleaved,     ///< at once: interleaved groups in dense memory
  columns,         ///< at once: row-major blocks of a column-major matrix whose rows are whole blocks
  rows_of_columns  ///< the same where blocks continue from one row to the next
};

/// Chooses for groups of neighbouring elements; a single group is one block.
inline Strategy strategy_of_blocks(const Layout& layout, Placement placement) noexcept {
  if (placement == Placement::dense) return Strategy::contiguous;
  if (placement == Placement::strided) return Strategy::two_passes;
  const Index columns = layout.shape[1], length = layout.length;
  if (columns % length != 0)
    return whole_rows_of(length, columns) > 0 ? Strategy::rows_of_columns : Strategy::two_passes;
  return length >= min_transposed_block && tile_rows_of(length) > 0 ? Strategy::columns
                                                                    : Strategy::two_passes;
}

/// `layout` is that of the codes. Groups with shared runs, such as PerTensor, always take two passes.
template <Group G, class T>
Strategy strategy_of(const View<const T>& x, const Layout& layout) noexcept {
  const Placement placement = x.placement(layout.shape.order());
  switch (layout.arrangement) {
    case Arrangement::one_group:
      if (placement == Placement::dense) return Strategy::one_group;
      return SharedRuns<G> ? Strategy::two_passes : strategy_of_blocks(layout, placement);
    case Arrangement::contiguous:
      return SharedRuns<G> ? Strategy::two_passes : strategy_of_blocks(layout, placement);
    case Arrangement::interleaved:
      return SharedRuns<G> || placement != Placement::dense ? Strategy::two_passes : Strategy::interleaved;
    case Arrangement::empty:
    case Arrangement::general:
      break;
  }
  return Strategy::two_passes;
}

/// Computes parameters and codes in one pass, by a strategy that allows it. Non-finite elements saturate.
/// Returns the bits of the largest magnitude.
template <Codec C, class T>
std::int32_t quantize_at_once(const C& codec, const View<const T>& x, const Layout& layout, Strategy strategy,
                              const QuantizedSink<C>& out) {
  const Shape& shape = layout.shape;
  const Index n = shape.size(), length = layout.length;
  switch (strategy) {
    case Strategy::contiguous:
      return quantize_contiguous(codec, x.data, n, length, out);
    case Strategy::interleaved:
      return quantize_interleaved(codec, x.data, n / layout.groups, layout.groups, out);
    case Strategy::columns:
      return quantize_transposed(codec, x.data, shape[0], shape[1], x.strides[1], length, out);
    case Strategy::rows_of_columns:
      return quantize_transposed_rows(codec, x.data, shape[0], shape[1], x.strides[1], length,
                                      whole_rows_of(length, shape[1]), out);
    case Strategy::two_passes:
    case Strategy::one_group:
      break;
  }
  return 0;
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
