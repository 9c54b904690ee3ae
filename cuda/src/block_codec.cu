#include "tables.hpp"

#include <lowbit/codec/levels.hpp>
#include <lowbit/core/contract.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>

namespace lowbit::cuda {

namespace {
using detail::CodecTables;

std::int32_t bits_of(float v) noexcept { return std::bit_cast<std::int32_t>(v); }

std::uint32_t rank_of(std::span<const float> thresholds, float v) noexcept {
  return static_cast<std::uint32_t>(std::lower_bound(thresholds.begin(), thresholds.end(), v) -
                                    thresholds.begin());
}

/// Fills the cells, or leaves none where one would hold two thresholds or there would be too many: see
/// CodebookParameters.
template <int Bits>
void make_cells(std::span<const float> thresholds, float magnitude, CodebookParameters<Bits>& p) {
  using P = CodebookParameters<Bits>;
  constexpr int shift = P::cell_shift, rank_shift = P::rank_shift;
  constexpr std::int32_t width = 1 << shift;
  float smallest = std::numeric_limits<float>::max();
  for (float t : thresholds) smallest = std::min(smallest, t < 0 ? -t : t);
  // All values up to `low` in magnitude have the same rank, whatever their sign. A threshold at 0 would break
  // that.
  if (!(smallest >= std::numeric_limits<float>::min()) || !(magnitude < 0x1p126f)) return;
  p.low = std::bit_cast<float>(bits_of(smallest) - 1);
  // Values of a block exceed the largest level by a few roundings.
  const std::int32_t first = bits_of(p.low) >> shift, last = (bits_of(magnitude) + 8) >> shift;
  const std::int32_t cells = last - first + 1;
  if (last < first || cells > P::capacity) return;
  for (int sign = 0; sign < 2; ++sign)
    for (std::int32_t k = 0; k < cells; ++k) {
      // Offset o in a cell increases with the value: for negative values, it starts at the largest magnitude.
      const auto rank = [&](std::int32_t o) {
        const float m = std::bit_cast<float>((first + k) * width + (sign == 0 ? o : width - 1 - o));
        return rank_of(thresholds, sign == 0 ? m : -m);
      };
      const std::uint32_t below = rank(0), above = rank(width - 1);
      if (above != below && above != below + 1) return;
      std::int32_t split = above == below ? width : 0, end = width;  // the first offset of rank `above`
      while (split < end) {
        const std::int32_t middle = (split + end) / 2;
        if (rank(middle) == below) {
          split = middle + 1;
        } else {
          end = middle;
        }
      }
      p.cells[sign][k] = ((below - static_cast<std::uint32_t>(first + k)) << rank_shift) +
                         (static_cast<std::uint32_t>(width - split) << (rank_shift - shift));
    }
  p.first_cell = static_cast<std::uint32_t>(first);
  p.cell_count = static_cast<std::uint32_t>(cells);
}

AbsmaxParameters scale_rule(float count, float min_scale, bool power_of_two, float max_scale) noexcept {
  const bool exact = count >= 0x1p-20f && count <= 0x1p20f;  // see BlockScale
  return {count, min_scale, exact ? 1.0f / count : 0.0f, power_of_two, max_scale};
}

template <int Bits>
void fill(const detail::TableDescription& t, CodebookParameters<Bits>& p, Levels<Bits>& levels) {
  p.rule = scale_rule(t.magnitude, 0.0f, false, largest_scale(t.magnitude));
  std::fill(std::begin(p.thresholds), std::end(p.thresholds), std::numeric_limits<float>::infinity());
  std::copy_n(t.thresholds, t.size - 1, p.thresholds);
  std::copy_n(t.values, Levels<Bits>::count, levels.level);
  bool ranks = true;
  for (std::size_t k = 0; k < t.size; ++k) {
    p.codes[k] = t.codes[k];
    ranks = ranks && p.codes[k] == k;
  }
  make_cells(std::span(t.thresholds, t.size - 1), t.magnitude, p);
  p.identity = ranks;
}
}  // namespace

BlockCodec::BlockCodec(const detail::TableDescription& table) {
  const auto made = std::make_shared<CodecTables>();
  made->bits = table.bits;
  if (table.bits == 8) {
    fill(table, made->codebook8, made->levels8);
  } else {
    fill(table, made->codebook4, made->levels4);
  }
  tables_ = made;
}

BlockCodec::BlockCodec(const detail::GridDescription& grid) {
  const auto made = std::make_shared<CodecTables>();
  made->bits = grid.bits;
  made->is_grid = true;
  made->grid = {scale_rule(grid.count, grid.min_scale, grid.power_of_two, grid.max_scale), grid.min, grid.max,
                grid.reciprocal};
  for (int c = 0; c < 256; ++c) made->levels8.level[c] = static_cast<float>(static_cast<std::int8_t>(c));
  for (int c = 0; c < 16; ++c) made->levels4.level[c] = static_cast<float>(c < 8 ? c : c - 16);
  tables_ = made;
}

int BlockCodec::bits() const noexcept { return tables_->bits; }

namespace {
template <class C>
const BlockCodec& made_once() {
  static const BlockCodec codec{C{}};
  return codec;
}
}  // namespace

const BlockCodec& dynamic_map() { return made_once<Codebook<DynamicMap>>(); }
const BlockCodec& unsigned_dynamic_map() { return made_once<Codebook<UnsignedDynamicMap>>(); }
const BlockCodec& int8_absmax() { return made_once<SymmetricInteger<std::int8_t>>(); }
const BlockCodec& normal_float4() { return made_once<Codebook<NormalFloat4>>(); }
const BlockCodec& float4() { return made_once<Codebook<Float4>>(); }
const BlockCodec& int4_absmax() { return made_once<SymmetricInteger<int4>>(); }

}  // namespace lowbit::cuda
