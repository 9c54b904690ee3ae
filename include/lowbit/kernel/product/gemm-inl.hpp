// Products of integer matrices. Compiled once per instruction set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

template <class Code>
using TileOf = std::conditional_t<sizeof(Code) == 1, V::ByteTile, V::WordTile>;
template <class Tile>
inline constexpr std::size_t panel_of = V::f32::lanes* Tile::vectors;

template <class Code>
Packing packing() noexcept {
  using Tile = TileOf<Code>;
  return {panel_of<Tile>, Tile::step, sizeof(typename Tile::Row)};
}

/// Packs columns, which are the rows of w, into panels padded with 0. sums[j] receives the sum of the packed
/// codes of column j, for whole panels. Packs a panel in short pieces, so that what is written stays in the
/// L1 cache.
template <class Code>
void pack(const CodeView<Code>& w, packed_t<Code>* y, std::int32_t* sums) noexcept {
  using Tile = TileOf<Code>;
  constexpr std::size_t panel = panel_of<Tile>, step = Tile::step, deep = 128;
  const auto columns = static_cast<std::size_t>(w.rows), depth = static_cast<std::size_t>(w.columns);
  const std::size_t padded = round_up(depth, step);
  for (std::size_t n0 = 0; n0 < columns; n0 += panel, y += panel * padded) {
    const std::size_t count = columns - n0 < panel ? columns - n0 : panel;
    std::uint32_t total[panel] = {};
    for (std::size_t k0 = 0; k0 < padded; k0 += deep) {
      const std::size_t width = depth - k0 < deep ? depth - k0 : deep;
      Code gathered[panel * deep] = {};
      gather(w, n0, k0, count, width, gathered, deep);
      for (std::size_t j = 0; j < count; ++j)
        total[j] += static_cast<std::uint32_t>(sum(gathered + j * deep, width)) +
                    static_cast<std::uint32_t>(width) * static_cast<std::uint32_t>(column_shift<Code>);
      packed_t<Code>* to = y + k0 * panel;
      for (std::size_t k = 0; k < width; k += step, to += step * panel) {
        LOWBIT_UNROLL(16)
        for (std::size_t j = 0; j < panel; ++j)
          for (std::size_t i = 0; i < step; ++i)
            to[Tile::place(j, i)] =
                static_cast<packed_t<Code>>(gathered[j * deep + k + i] + column_shift<Code>);
      }
    }
    for (std::size_t j = 0; j < panel; ++j) sums[n0 + j] = static_cast<std::int32_t>(total[j]);
  }
}

/// Unpacks the codes that `pack` packed: y[j * depth + k] is number k of column j.
template <class Code>
void unpack(const packed_t<Code>* w, std::size_t columns, std::size_t depth, Code* y) noexcept {
  using Tile = TileOf<Code>;
  constexpr std::size_t panel = panel_of<Tile>, step = Tile::step;
  for (std::size_t n0 = 0; n0 < columns; n0 += panel, w += panel * round_up(depth, step)) {
    const std::size_t count = columns - n0 < panel ? columns - n0 : panel;
    for (std::size_t j = 0; j < count; ++j, y += depth)
      for (std::size_t k = 0; k < depth; ++k)
        y[k] = static_cast<Code>(w[k / step * step * panel + Tile::place(j, k % step)] - column_shift<Code>);
  }
}

/// Prepares one row for the micro-kernel: shifted by row_shift, padded with zeros to whole steps.
template <class Code>
void prepare_row(const Code* a, std::size_t depth, std::size_t padded,
                 typename TileOf<Code>::Row* y) noexcept {
  using Tile = TileOf<Code>;
  std::size_t k = 0;
  for (; k + Tile::chunk <= depth; k += Tile::chunk) Tile::prepare(a + k, y + k);
  for (; k < padded; ++k) y[k] = static_cast<typename Tile::Row>(k < depth ? a[k] + row_shift<Code> : 0);
}

template <class Code>
void prepare_rows(const CodeView<Code>& a, std::size_t rows, std::size_t depth, std::size_t padded,
                  typename TileOf<Code>::Row* y) noexcept {
  if (a.column_stride == 1) {
    for (std::size_t i = 0; i < rows; ++i) prepare_row(a.at(i, 0), depth, padded, y + i * padded);
    return;
  }
  constexpr std::size_t deep = 64 / sizeof(Code) * 2, together = 64;
  Code gathered[together * deep];
  for (std::size_t r = 0; r < rows; r += together) {
    const std::size_t count = rows - r < together ? rows - r : together;
    for (std::size_t k = 0; k < padded; k += deep) {
      const std::size_t width = k < depth ? (depth - k < deep ? depth - k : deep) : 0;
      gather(a, r, k, count, width, gathered, deep);
      for (std::size_t i = 0; i < count; ++i)
        prepare_row(gathered + i * deep, width, padded - k < deep ? padded - k : deep,
                    y + (r + i) * padded + k);
    }
  }
}

template <class Tile>
std::int32_t sum_of_row(const typename Tile::Row* a, std::size_t depth) noexcept {
  V::i32 sums = V::set_int(0);
  std::size_t k = 0;
  for (; k + Tile::summed <= depth; k += Tile::summed) sums = Tile::add_row(sums, a + k);
  auto sum = static_cast<std::uint32_t>(V::reduce_add(sums));
  for (; k < depth; ++k) sum += static_cast<std::uint32_t>(std::int32_t{a[k]});
  return static_cast<std::int32_t>(sum);
}

/// Terms of the initial sums of a tile: sum (a - za)(w - zw) = sum a w - za sum w - zw sum a + depth za zw,
/// all modulo 2^32.
struct TileStart {
  const std::int32_t* row_zero_points;
  std::size_t row_step;
  const std::int32_t* row_sums;
  const std::int32_t* column_zero_points;
  const std::int32_t* corrections;
};

/// The micro-kernel: adds `steps` steps to Rows x panel sums, which begin from `start`, or from t, the sums
/// of the blocks before, where `start` is null.
template <class Tile, std::size_t Rows>
LOWBIT_NOINLINE void tile(const typename Tile::Row* a, std::size_t pitch, const typename Tile::Weight* w,
                          std::size_t steps, const TileStart* start, std::int32_t* t) noexcept {
  constexpr std::size_t L = V::f32::lanes, N = Tile::vectors, panel = panel_of<Tile>;
  constexpr std::size_t four = 4 / sizeof(typename Tile::Row);
  V::i32 sum[Rows][N];
  if (start != nullptr) {
    LOWBIT_UNROLL(8)
    for (std::size_t r = 0; r < Rows; ++r) {
      const V::i32 za = V::set_int(start->row_zero_points[r * start->row_step]),
                   total = V::set_int(start->row_sums[r]);
      LOWBIT_UNROLL(8)
      for (std::size_t j = 0; j < N; ++j)
        sum[r][j] = V::sub(V::mul(za, V::load_int(start->corrections + j * L)),
                           V::mul(total, V::load_int(start->column_zero_points + j * L)));
    }
  } else {
    LOWBIT_UNROLL(8)
    for (std::size_t r = 0; r < Rows; ++r) LOWBIT_UNROLL(8)
    for (std::size_t j = 0; j < N; ++j) sum[r][j] = V::load_int(t + r * panel + j * L);
  }
  // Each row is addressed as base + {0, 1, 2} * pitch.
  const typename Tile::Row* a3 = a + (Rows > 3 ? 3 * pitch : 0);
  for (; steps > 0; --steps, w += Tile::step * panel, a += four, a3 += four) {
    typename Tile::Column column[N];
    Tile::load(w, column);
    LOWBIT_UNROLL(8)
    for (std::size_t r = 0; r < Rows; ++r) {
      const auto x = Tile::broadcast(r < 3 ? a + r * pitch : a3 + (r - 3) * pitch);
      LOWBIT_UNROLL(8)
      for (std::size_t j = 0; j < N; ++j) sum[r][j] = Tile::add_products(sum[r][j], column[j], x);
    }
  }
  LOWBIT_UNROLL(8)
  for (std::size_t r = 0; r < Rows; ++r) LOWBIT_UNROLL(8)
  for (std::size_t j = 0; j < N; ++j) V::store_int(t + r * panel + j * L, sum[r][j]);
}
template <class Tile, std::size_t Rows = Tile::rows>
LOWBIT_INLINE void tile_of(std::size_t rows, const typename Tile::Row* a, std::size_t pitch,
                           const typename Tile::Weight* w, std::size_t steps, const TileStart* start,
                           std::int32_t* t) noexcept {
  if (rows == Rows) return tile<Tile, Rows>(a, pitch, w, steps, start, t);
  if constexpr (Rows > 1) tile_of<Tile, Rows - 1>(rows, a, pitch, w, steps, start, t);
}

/// Computes the part `range` of the product of rows and packed columns. The result holds epilogue(row,
/// column, sum). `workspace` has workspace_bytes().
template <class Code, class Weight, class Epilogue, class Out>
void multiply(const CodeView<Code>& a, const PerUnit<std::int32_t>& zero, const PackedColumns<Weight>& w,
              const ProductRange& range, const Epilogue& epilogue, const ProductSink<Out>& out,
              void* workspace) noexcept {
  using Tile = TileOf<Code>;
  using Row = typename Tile::Row;
  constexpr std::size_t panel = panel_of<Tile>, step = Tile::step, four = 4 / sizeof(Row);
  static_assert(step == four);
  constexpr std::size_t block = block_depth / step;
  const std::size_t steps = (w.depth + step - 1) / step, padded = steps * step;
  const bool in_place =
      std::is_same_v<Row, Code> && a.column_stride == 1 && a.row_stride >= 0 && w.depth == padded;
  alignas(64) std::int32_t part[block_rows * panel];
  std::int32_t sums[block_rows], zeros[block_rows];
  for (std::size_t m0 = range.first_row; m0 < range.last_row; m0 += block_rows) {
    const std::size_t rows = range.last_row - m0 < block_rows ? range.last_row - m0 : block_rows;
    CodeView<Code> block_of_a = a;
    block_of_a.data = a.at(m0, 0);
    const Row* rows_a = static_cast<const Row*>(workspace);
    std::size_t pitch = padded;
    if (in_place) {
      rows_a = reinterpret_cast<const Row*>(block_of_a.data);
      pitch = static_cast<std::size_t>(a.row_stride);
    } else {
      prepare_rows(block_of_a, rows, w.depth, padded, static_cast<Row*>(workspace));
    }
    for (std::size_t i = 0; i < rows; ++i) {
      sums[i] = sum_of_row<Tile>(rows_a + i * pitch, w.depth);
      zeros[i] = zero[m0 + i] + row_shift<Code>;
    }
    const std::size_t tiles = (rows + Tile::rows - 1) / Tile::rows;
    for (std::size_t p = range.first_panel; p < range.last_panel; ++p) {
      const std::size_t n0 = p * panel, columns = w.columns - n0 < panel ? w.columns - n0 : panel;
      for (std::size_t s = 0; s < steps || s == 0; s += block) {
        const std::size_t count = steps - s < block ? steps - s : block;
        for (std::size_t i = 0, r0 = 0; i < tiles; ++i) {
          const std::size_t height =
              rows / tiles + (i < rows % tiles);  // 32 = 6 6 5 5 5 5: no short tile at the end
          const TileStart start{zeros + r0, 1, sums + r0, w.zero_points + n0, w.corrections + n0};
          tile_of<Tile>(height, rows_a + r0 * pitch + s * step, pitch,
                        w.data + (n0 * steps + s * panel) * step, count, s == 0 ? &start : nullptr,
                        part + r0 * panel);
          if (s + count >= steps)
            for (std::size_t r = r0; r < r0 + height; ++r)
              finish(epilogue, m0 + r, n0, part + r * panel, columns, out);
          r0 += height;
        }
      }
    }
  }
}

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
