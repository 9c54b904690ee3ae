// Ranges and codes while elements are in a cache, for groups whose range is minimum and maximum.
#pragma once
#include <lowbit/execute/encode_columns.hpp>
#include <lowbit/execute/encode_contiguous.hpp>
#include <lowbit/execute/encode_interleaved.hpp>

#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::detail {

/// How the ranges of a tensor are found and its codes made.
enum class Way : unsigned char {
  two_passes,      ///< all ranges, then all codes
  one_group,       ///< the same for one group in dense memory, whose range needs no memory
  contiguous,      ///< at once, in dense memory
  interleaved,     ///< at once, in dense memory
  columns,         ///< at once, for blocks of a column-major matrix whose rows are whole blocks
  rows_of_columns  ///< at once, for blocks that go on from one row to the next
};

/// Of groups that are neighbouring elements; the only group is one block.
inline Way way_of_blocks(const Layout& layout, Placement placement) noexcept {
  if (placement == Placement::dense) return Way::contiguous;
  if (placement == Placement::strided) return Way::two_passes;
  const Index columns = layout.shape[1], length = layout.length;
  if (columns % length != 0)
    return whole_rows_of(length, columns) > 0 ? Way::rows_of_columns : Way::two_passes;
  return length >= least_turned_block && turned_rows_of(length) > 0 ? Way::columns : Way::two_passes;
}

/// `layout` is that of codes. Groups with shared runs, as PerTensor, are never handled at once.
template <Group G, class T>
Way way_of(const View<const T>& x, const Layout& layout) noexcept {
  const Placement placement = x.placement(layout.shape.order());
  switch (layout.arrangement) {
    case Arrangement::one_group:
      if (placement == Placement::dense) return Way::one_group;
      return SharedRuns<G> ? Way::two_passes : way_of_blocks(layout, placement);
    case Arrangement::contiguous:
      return SharedRuns<G> ? Way::two_passes : way_of_blocks(layout, placement);
    case Arrangement::interleaved:
      return SharedRuns<G> || placement != Placement::dense ? Way::two_passes : Way::interleaved;
    case Arrangement::empty:
    case Arrangement::general:
      break;
  }
  return Way::two_passes;
}

/// Parameters and codes in one of the ways at once. Non-finite elements saturate; returns the bits of the
/// largest magnitude.
template <Codec C, class T>
std::int32_t quantize_at_once(const C& codec, const View<const T>& x, const Layout& layout, Way way,
                              const QuantizedSink<C>& out) {
  const Shape& shape = layout.shape;
  const Index n = shape.size(), length = layout.length;
  switch (way) {
    case Way::contiguous:
      return quantize_contiguous(codec, x.data, n, length, out);
    case Way::interleaved:
      return quantize_interleaved(codec, x.data, n / layout.groups, layout.groups, out);
    case Way::columns:
      return quantize_transposed(codec, x.data, shape[0], shape[1], x.strides[1], length, out);
    case Way::rows_of_columns:
      return quantize_transposed_rows(codec, x.data, shape[0], shape[1], x.strides[1], length,
                                      whole_rows_of(length, shape[1]), out);
    case Way::two_passes:
    case Way::one_group:
      break;
  }
  return 0;
}

}  // namespace lowbit::inline LOWBIT_ABI::detail
