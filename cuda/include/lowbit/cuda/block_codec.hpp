// BlockCodec: a codec for kernels, with search and decode tables that are built on the host once.
#pragma once
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/core/temporary.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace lowbit::cuda {

namespace detail {
/// A type-erased Lookup.
struct TableDescription {
  int bits;
  std::size_t size;           ///< distinct levels
  const float* thresholds;    ///< size - 1
  const std::uint8_t* codes;  ///< code of each rank, size of them
  const float* values;        ///< level of each code, 2^bits of them
  float magnitude;            ///< Levels::largest
};
/// A symmetric grid.
struct GridDescription {
  int bits;
  std::int32_t min, max;
  float count, min_scale, max_scale;  ///< Levels
  bool power_of_two;                  ///< ScaleRule
  bool reciprocal;                    ///< Scaling
};
struct CodecTables;

template <class T>
TableDescription describe_table(const Codebook<T>& codec) noexcept {
  const auto& t = codec.lookup();
  return {CodeTraits<typename Codebook<T>::Code>::bits,
          t.size,
          t.thresholds.data(),
          t.codes.data(),
          t.values.data(),
          t.magnitude};
}
template <class C>
GridDescription describe_grid(const C& codec) noexcept {
  const auto grid = codec.grid();
  const auto levels = codec.levels();
  return {CodeTraits<typename C::Code>::bits,
          grid.min,
          grid.max,
          levels.largest,
          levels.min_scale,
          levels.max_scale,
          levels.rule == ScaleRule::power_of_two,
          grid.scaling == ScalingMethod::reciprocal};
}
}  // namespace detail

/// A codec as kernels take it: any codebook of 8-bit or 4-bit codes (the dynamic maps, NF4, FP4, a table of
/// the user's) or int8 or int4 absmax. Copies share one immutable set of tables. Making one takes about 0.1
/// ms: keep it, or use one of those that are made once.
class BlockCodec {
 public:
  /// Makes the tables of a codec.
  /// @{
  template <class T>
  BlockCodec(const Codebook<T>& codec) : BlockCodec(detail::describe_table(codec)) {
    static_assert(CodeTraits<typename Codebook<T>::Code>::bits == 8 ||
                      CodeTraits<typename Codebook<T>::Code>::bits == 4,
                  "CUDA kernels support codebooks of 5 to 256 levels");
  }
  BlockCodec(const SymmetricInteger<std::int8_t>& codec) : BlockCodec(detail::describe_grid(codec)) {}
  BlockCodec(const SymmetricInteger<int4>& codec) : BlockCodec(detail::describe_grid(codec)) {}
  /// @}
  /// Shares the tables. There is no move: it would leave a codec without tables.
  /// @{
  BlockCodec(const BlockCodec&) = default;
  BlockCodec& operator=(const BlockCodec&) = default;
  /// @}
  ~BlockCodec() = default;

  int bits() const noexcept;  ///< of one code
  /// The bytes that `count` codes take.
  std::int64_t code_bytes(std::int64_t count) const noexcept {
    return bits() == 8 ? count : count / 2 + count % 2;
  }
  /// @cond internal
  const detail::CodecTables& tables() const& noexcept { return *tables_; }
  LOWBIT_NOT_OF_TEMPORARIES(tables)
  /// @endcond

 private:
  explicit BlockCodec(const detail::TableDescription& table);
  explicit BlockCodec(const detail::GridDescription& grid);

  std::shared_ptr<const detail::CodecTables> tables_;
};

/// Codebook<DynamicMap>, signed, 8 bits; made once.
const BlockCodec& dynamic_map();
/// Codebook<UnsignedDynamicMap>; made once.
const BlockCodec& unsigned_dynamic_map();
/// SymmetricInteger<std::int8_t>; made once.
const BlockCodec& int8_absmax();
/// Codebook<NormalFloat4>; made once.
const BlockCodec& normal_float4();
/// Codebook<Float4>; made once.
const BlockCodec& float4();
/// SymmetricInteger<int4>; made once.
const BlockCodec& int4_absmax();

}  // namespace lowbit::cuda
