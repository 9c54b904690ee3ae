// Codebook quantization: the nearest level of a table, scaled by the group's largest magnitude.
#pragma once
#include <lowbit/codec/codec.hpp>
#include <lowbit/codec/lookup.hpp>
#include <lowbit/codec/search.hpp>
#include <lowbit/core/contract.hpp>
#include <lowbit/core/shared.hpp>

#include <concepts>

namespace lowbit::inline LOWBIT_ABI {

/// A table known at compile time in ascending order: a struct with `static constexpr std::array<float, N>
/// levels`, finite and strictly ascending. The code of a level is its position.
template <class T>
concept SortedTable = requires {
  T::levels.size();
  T::levels[0];
};
/// A table known at compile time by code: a struct with `static constexpr std::array<float, N> values`,
/// finite, in any order. The code of a level is its position: the form of tables whose codes have a meaning
/// of their own, such as a sign bit.
template <class T>
concept CodedTable = requires {
  T::values.size();
  T::values[0];
};
/// A table known at compile time, of either form.
template <class T>
concept Table = SortedTable<T> || CodedTable<T>;

/// A table known at run time, such as the quant_map that a checkpoint carries. CodeT is uint8, uint4 or
/// uint2. Copies share one immutable table: they allocate nothing.
template <CodeType CodeT>
class RuntimeTable {
 public:
  using Code = CodeT;                                              ///< the code type
  static constexpr std::size_t capacity = Lookup<Code>::capacity;  ///< the maximum number of levels

  /// A table of two levels, -1 and 1.
  RuntimeTable() : RuntimeTable(two_levels()) {}
  /// Makes a table whose codes are positions in `levels`. Throws std::invalid_argument unless there are 2 to
  /// capacity levels, finite, of magnitude at least 2^-100, and strictly ascending.
  explicit RuntimeTable(std::span<const float> levels, Ties ties = Ties::lower)
      : RuntimeTable(Checked{}, levels, ties) {
    for (std::size_t k = 1; k < levels.size(); ++k)
      detail::require(levels[k - 1] < levels[k],
                      "levels of a codebook must be sorted in ascending order: level ", k - 1, " is ",
                      levels[k - 1], ", level ", k, " is ", levels[k]);
  }
  /// Makes a table whose codes are positions in `values`, which may come in any order and may repeat, but not
  /// all be the same. Throws as the constructor does.
  static RuntimeTable from_values(std::span<const float> values, Ties ties = Ties::lower) {
    return RuntimeTable(Checked{}, values, ties);
  }
  /// The levels, thresholds and codes.
  const Lookup<Code>& lookup() const& noexcept { return made_->lookup; }
  /// @cond internal
  const Search<Code>& search() const& noexcept { return made_->search; }
  Lookup<Code> lookup() const&& noexcept { return made_->lookup; }
  Search<Code> search() const&& noexcept { return made_->search; }
  /// @endcond

 private:
  struct Checked {};
  struct Made {
    explicit Made(const Lookup<Code>& table) : lookup{table}, search{make_search(table)} {}
    Lookup<Code> lookup;
    Search<Code> search;
  };
  RuntimeTable(Checked, std::span<const float> values, Ties ties)
      : made_(std::in_place, checked_lookup(values, ties)) {}

  static Lookup<Code> checked_lookup(std::span<const float> values, Ties ties) {
    detail::require(values.size() >= 2 && values.size() <= capacity, "a codebook of ", CodeTraits<Code>::bits,
                    "-bit codes has 2 to ", capacity, " levels, this table has ", values.size());
    for (std::size_t k = 0; k < values.size(); ++k)
      detail::require(is_finite(values[k]), "levels of a codebook must be finite: level ", k, " is ",
                      values[k]);
    const Lookup<Code> table = make_lookup<Code>(values, ties);
    detail::require(table.magnitude >= 0x1p-100f,
                    "a codebook needs a level other than 0, the largest magnitude is ", table.magnitude);
    detail::require(table.size >= 2, "a codebook needs two different levels, all ", values.size(),
                    " of this table are ", values[0]);
    return table;
  }
  static const RuntimeTable& two_levels() {
    static const RuntimeTable table(std::array<float, 2>{-1.0f, 1.0f});
    return table;
  }

  detail::Shared<Made> made_;
};

namespace detail {
template <Table T, Ties ties>
constexpr auto make_static_lookup() {
  if constexpr (SortedTable<T>) {
    static_assert(is_sorted_table(T::levels),
                  "levels of a codebook must be finite and sorted in strictly ascending order");
    return make_lookup<typename CodeForLevels<T::levels.size()>::type>(T::levels, ties);
  } else {
    static_assert(is_coded_table(T::values), "values of a codebook must be finite and not all the same");
    return make_lookup<typename CodeForLevels<T::values.size()>::type>(T::values, ties);
  }
}
template <Table T, Ties ties>
inline constexpr auto static_lookup = make_static_lookup<T, ties>();
template <Table T>
inline constexpr bool has_even_cells = [] {
  constexpr const auto& table = static_lookup<T, Ties::lower>;
  return fit_even_cells(std::span(table.thresholds).first(table.size - 1), table.magnitude);
}();
template <Table T, Ties ties>
const auto& static_search() noexcept {
  static const auto search = make_search(static_lookup<T, ties>);
  return search;
}

template <Table T>
constexpr std::size_t level_count() {
  if constexpr (SortedTable<T>) {
    return T::levels.size();
  } else {
    return T::values.size();
  }
}
}  // namespace detail

/// Codebook quantization: x = level[code] * scale, with scale = absmax / (largest |level|), so that tables
/// over [-1, 1] store absmax itself. The code is that of the level nearest to x * (1 / scale): the reciprocal
/// correctly rounded, the product rounded once. A value exactly between two levels goes to the lower one
/// unless `ties` says otherwise; NaN gets the code of 0.0, infinities that of an outermost level. 0.0 decodes
/// to exactly 0.0 with every table that has a level 0; a group of zeros has scale 0 and decodes to zeros with
/// any table.
template <class T>
struct Codebook {
  static_assert(Table<T>, "a codebook is a struct with `static constexpr std::array<float, N> levels`");
  /// @name What a Codec states
  /// @{
  using Code = typename CodeForLevels<detail::level_count<T>()>::type;  ///< see Codec
  using Value = std::uint8_t;
  static constexpr Family family = Family::codebook;
  static constexpr bool scaled = true;
  static constexpr bool has_zero_point = false;
  static constexpr bool takes_doubles = true;
  static constexpr Measure measure = Measure::absmax;
  static constexpr std::int32_t zero_point = 0;
  /// @}
  /// @cond internal
  static constexpr bool sorted = SortedTable<T>;           ///< codes are positions among the ascending levels
  static constexpr bool even = detail::has_even_cells<T>;  ///< see EvenCells
  /// @endcond

  Ties ties = Ties::lower;  ///< where a value exactly between two levels goes

  /// The levels, thresholds and codes.
  constexpr const Lookup<Code>& lookup() const noexcept {
    return ties == Ties::lower ? detail::static_lookup<T, Ties::lower> : detail::static_lookup<T, Ties::even>;
  }
  /// @cond internal
  const Search<Code>& search() const noexcept {
    return ties == Ties::lower ? detail::static_search<T, Ties::lower>()
                               : detail::static_search<T, Ties::even>();
  }
  /// @endcond
  /// See Codec.
  /// @{
  constexpr Levels levels() const noexcept { return {lookup().magnitude}; }
  constexpr Encoding prepare(const Parameters& p) const noexcept { return by_reciprocal(p); }
  constexpr Value encode(float x, const Encoding& e) const noexcept { return lookup().encode(x, e); }
  template <std::same_as<double> Double>
  constexpr Value encode(Double x, const Encoding& e) const noexcept {
    return lookup().encode(x, e);
  }
  constexpr float decode(Value q, const Parameters& p) const noexcept { return lookup().values[q] * p.scale; }
  constexpr bool clips(float x, const Parameters& p) const noexcept { return lookup().clips(x, p); }
  template <std::same_as<double> Double>
  constexpr bool clips(Double x, const Parameters& p) const noexcept {
    return lookup().clips(x, p);
  }
  /// @}
};

/// Codebook quantization over a table known at run time, which copies of the codec share.
template <class CodeT>
struct Codebook<RuntimeTable<CodeT>> {
  /// @name What a Codec states
  /// @{
  using Code = CodeT;  ///< see Codec
  using Value = std::uint8_t;
  static constexpr Family family = Family::codebook;
  static constexpr bool scaled = true;
  static constexpr bool has_zero_point = false;
  static constexpr bool takes_doubles = true;
  static constexpr Measure measure = Measure::absmax;
  static constexpr std::int32_t zero_point = 0;
  /// @}

  RuntimeTable<CodeT> table;  ///< the levels

  /// The levels, thresholds and codes.
  const Lookup<Code>& lookup() const& noexcept { return table.lookup(); }
  /// @cond internal
  const Search<Code>& search() const& noexcept { return table.search(); }
  Lookup<Code> lookup() const&& noexcept { return table.lookup(); }
  Search<Code> search() const&& noexcept { return table.search(); }
  /// @endcond
  /// See Codec.
  /// @{
  Levels levels() const noexcept { return {lookup().magnitude}; }
  Encoding prepare(const Parameters& p) const noexcept { return by_reciprocal(p); }
  Value encode(float x, const Encoding& e) const noexcept { return lookup().encode(x, e); }
  template <std::same_as<double> Double>
  Value encode(Double x, const Encoding& e) const noexcept {
    return lookup().encode(x, e);
  }
  float decode(Value q, const Parameters& p) const noexcept { return lookup().values[q] * p.scale; }
  bool clips(float x, const Parameters& p) const noexcept { return lookup().clips(x, p); }
  template <std::same_as<double> Double>
  bool clips(Double x, const Parameters& p) const noexcept {
    return lookup().clips(x, p);
  }
  /// @}
};

}  // namespace lowbit::inline LOWBIT_ABI
