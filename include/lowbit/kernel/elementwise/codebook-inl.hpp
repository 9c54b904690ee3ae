// Codebooks: the search for the nearest level, and the values of 8-bit codes. Compiled once per instruction
// set.
namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET {

namespace V = ::lowbit::simd::LOWBIT_TARGET;

// Four searches for the ranks of values that are not NaN. `within_reach` maps a value to one of the same rank
// for which the search is exact.

/// Binary search among thresholds in registers.
template <class Tree>
class TreeSearch {
 public:
  LOWBIT_INLINE explicit TreeSearch(const Tree& tree) noexcept : tree_{tree} {}
  template <CodeType Code>
  LOWBIT_INLINE explicit TreeSearch(const Search<Code>& search) noexcept : tree_{search.tree} {}

  template <std::size_t N>
  LOWBIT_INLINE void ranks(const V::f32* v, V::i32* r) const noexcept {
    const float* t = tree_.thresholds.data();
    if constexpr (Tree::bits > 4) t = read_here(t);
    LOWBIT_UNROLL(8)
    for (std::size_t k = 0; k < N; ++k) r[k] = V::append_less(V::set_int(0), V::set(t[0]), v[k]);
    level<1, N>(t, v, r);
  }
  /// The search uses signs of differences, and infinity - infinity is NaN.
  LOWBIT_INLINE V::f32 within_reach(V::f32 v) const noexcept {
    return V::minimum(v, V::set((std::numeric_limits<float>::max)()));
  }

 private:
  /// Advances all N searches by one level before the next level: a single search is one long dependency
  /// chain.
  template <int Level, std::size_t N>
  static LOWBIT_INLINE void level(const float* t, const V::f32* v, V::i32* r) noexcept {
    if constexpr (Level < Tree::bits) {
      LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < N; ++k) {
        const V::f32 threshold = V::template look<std::size_t{1} << Level>(t + Tree::start(Level), r[k]);
        r[k] = V::append_less(r[k], threshold, v[k]);
      }
      level<Level + 1, N>(t, v, r);
    }
  }

  const Tree& tree_;
};

/// Evaluates the straight lines of a table that has them, in three quarters of the time of the tree. Falls
/// back to the tree for vectors with a value too near a threshold: for 128 values, once in 70 times.
template <class Tables>
class LineSearch {
 public:
  LOWBIT_INLINE explicit LineSearch(const Tables& search) noexcept
      : tree_{search.tree}, lines_{search.lines}, segments_{search.segments} {}

  template <std::size_t N>
  LOWBIT_INLINE void ranks(const V::f32* v, V::i32* r) const noexcept {
    if (!lines_.exist || !ranks_by_lines<N>(v, r)) tree_.template ranks<N>(v, r);
  }
  LOWBIT_INLINE V::f32 within_reach(V::f32 v) const noexcept {
    return V::maximum(V::minimum(v, V::set(lines_.limit)), V::set(-lines_.limit));
  }

 private:
  template <std::size_t N>
  LOWBIT_INLINE bool ranks_by_lines(const V::f32* v, V::i32* r) const noexcept {
    const float* const slope = read_here(lines_.slope.data());
    const float* const offset = read_here(lines_.offset.data());
    segments_.template ranks<N>(v, r);
    V::f32 nearest = V::set(1.0f);
    LOWBIT_UNROLL(8)
    for (std::size_t k = 0; k < N; ++k) {
      const V::f32 height = V::fma(v[k], V::template look<StraightLines::max_count>(slope, r[k]),
                                   V::template look<StraightLines::max_count>(offset, r[k]));
      nearest = V::nearer(nearest, height);
      r[k] = V::floor_to_int(height);
    }
    return V::lanes_within(V::bits_of(nearest), 0, std::bit_cast<std::int32_t>(StraightLines::margin)) == 0;
  }

  TreeSearch<decltype(Tables::tree)> tree_;
  const StraightLines& lines_;
  TreeSearch<SearchTree<5>> segments_;
};

/// Computes a cell by a multiply-add, then looks up its rank and its threshold: half the time of the tree.
template <class Tables>
class EvenSearch {
 public:
  LOWBIT_INLINE explicit EvenSearch(const Tables& search) noexcept : cells_{search.even_cells} {}

  template <std::size_t N>
  LOWBIT_INLINE void ranks(const V::f32* v, V::i32* r) const noexcept {
    LOWBIT_UNROLL(8)
    for (std::size_t k = 0; k < N; ++k) {
      const V::i32 cell = V::bits_of(V::fma(v[k], V::set(cells_.scale), V::set(cells_.bias)));
      const V::i32 rank = V::bits_of(V::template look<EvenCells::count>(cells_.ranks.data(), cell));
      r[k] = V::add_less(rank, V::template look<EvenCells::count>(cells_.thresholds.data(), cell), v[k]);
    }
  }
  LOWBIT_INLINE V::f32 within_reach(V::f32 v) const noexcept {
    return V::maximum(V::minimum(v, V::set(cells_.limit)), V::set(-cells_.limit));
  }

 private:
  const EvenCells& cells_;
};

/// Finds the rank by one load, or by a few where thresholds are dense: see Cells.
template <class Tables>
class CellSearch {
 public:
  LOWBIT_INLINE explicit CellSearch(const Tables& search) noexcept
      : entries_{search.cells.entries.data() + search.cells.middle},
        positions_{search.cells.positions.data()},
        shift_{search.cells.shift},
        steps_{search.cells.steps},
        low_{V::set_int(search.cells.low)},
        min_position_{V::set_int(search.cells.min_position)},
        max_position_{V::set_int(search.cells.max_position)} {}

  template <std::size_t N>
  LOWBIT_INLINE void ranks(const V::f32* v, V::i32* r) const noexcept {
    if (steps_ == 0) {
      LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < N; ++k) {
        const V::i32 at = position(v[k]);
        r[k] = V::template shift_right<24>(V::sub(V::fetch(entries_, V::shift_down(at, shift_)), at));
      }
    } else {
      V::i32 at[N];
      LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < N; ++k) {
        at[k] = position(v[k]);
        r[k] = V::fetch(entries_, V::shift_down(at[k], shift_));
      }
      for (std::int32_t step = 1 << (steps_ - 1); step != 0; step /= 2) {
        LOWBIT_UNROLL(8)
        for (std::size_t k = 0; k < N; ++k) {
          const V::i32 threshold = V::fetch(positions_ + (step - 1), r[k]);
          r[k] = V::add(r[k], V::and_bits(V::greater(threshold, at[k]), V::set_int(step)));
        }
      }
    }
  }

  LOWBIT_INLINE V::f32 within_reach(V::f32 v) const noexcept { return v; }

 private:
  LOWBIT_INLINE V::i32 position(V::f32 v) const noexcept {
    const V::i32 zero = V::set_int(0), m = V::maximum(V::sub(V::magnitude_bits(v), low_), zero);
    return V::maximum(V::minimum(V::xor_bits(m, V::greater(V::bits_of(v), zero)), max_position_),
                      min_position_);
  }

  const std::uint32_t* entries_;
  const std::uint32_t* positions_;
  std::int32_t shift_, steps_;
  V::i32 low_, min_position_, max_position_;
};

template <class C>
requires(C::family == Family::codebook) class Encoder<C> {
  static constexpr std::size_t levels = std::size_t{1} << CodeTraits<typename C::Code>::bits;
  using Tables = Search<typename C::Code>;
  static constexpr bool even = has_even_cells<C> && V::register_entries >= EvenCells::count;
  static constexpr bool in_registers = V::register_entries >= levels / 2;
  using InRegisters =
      std::conditional_t<levels == 256, LineSearch<Tables>, TreeSearch<decltype(Tables::tree)>>;
  using Searcher = std::conditional_t<even, EvenSearch<Tables>,
                                      std::conditional_t<in_registers, InRegisters, CellSearch<Tables>>>;

 public:
  static constexpr std::size_t unit = V::register_entries >= 128 ? 8 : 4;
  LOWBIT_INLINE explicit Encoder(const C& codec) noexcept
      : search_{codec.search()}, tables_{codec.search()}, identity_{codec.lookup().identity} {}

  template <std::size_t N, class F>
  LOWBIT_INLINE void codes(const V::f32* x, const F& f, std::size_t i, V::i32* c) const noexcept {
    V::f32 v[N];
    LOWBIT_UNROLL(8)
    for (std::size_t k = 0; k < N; ++k) {
      v[k] = V::mul(x[k], f.inverse(i + k * V::f32::lanes));
      if constexpr (!F::bounded) v[k] = search_.within_reach(V::nan_to_zero(v[k]));
    }
    search_.template ranks<N>(v, c);
    if constexpr (!has_sorted_codes<C>)
      if (!identity_) codes_of_ranks<N>(c);
  }

 private:
  template <std::size_t N>
  LOWBIT_INLINE void codes_of_ranks(V::i32* c) const noexcept {
    constexpr std::size_t L = V::f32::lanes;
    if constexpr (levels <= 16) {
      LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < N; ++k) c[k] = V::bits_of(V::template look<16>(tables_.codes.data(), c[k]));
    } else {
      alignas(64) std::int32_t each[N * L];
      LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < N; ++k) V::store_int(each + k * L, c[k]);
      look_up_each(tables_, each, N * L);
      LOWBIT_UNROLL(8)
      for (std::size_t k = 0; k < N; ++k) c[k] = V::load_int(each + k * L);
    }
  }

  Searcher search_;
  const Tables& tables_;
  bool identity_;
};

/// Decodes 8-bit codes of a codebook. Codes of 4 and 2 bits use the Decoder of other codecs.
template <class C>
requires(C::family == Family::codebook && CodeTraits<typename C::Code>::bits == 8) class Decoder<C> {
 public:
  template <class>
  static constexpr std::size_t unit = 4;
  LOWBIT_INLINE explicit Decoder(const C& codec) noexcept
      : values_{codec.lookup().values.data()}, planes_{codec.search().planes[0].data()} {}
  LOWBIT_INLINE void start(const Parameters& p) noexcept { scale_ = V::set(p.scale); }
  /// Values of N vectors of codes, with scale 1.
  template <std::size_t N>
  LOWBIT_INLINE void levels(const std::uint8_t* q, V::f32 (&v)[N]) const noexcept {
    V::template look_codes<N>(read_here(values_), read_here(planes_), q, v);
  }
  template <std::size_t N, class Out>
  LOWBIT_INLINE void some(const CodeSource<typename C::Code>& q, std::size_t i,
                          const ValueSink<Out>& y) const noexcept {
    V::f32 v[N];
    levels(q.codes + i, v);
    LOWBIT_UNROLL(4)
    for (std::size_t k = 0; k < N; ++k) v[k] = V::mul(v[k], scale_);
    put_values<N>(y, i, v);
  }

 private:
  const float* values_;
  const std::uint8_t* planes_;
  V::f32 scale_;
};

}  // namespace lowbit::inline LOWBIT_ABI::kernel::LOWBIT_TARGET
