// The names of codecs, groups and code types in files, and the options that are stored.
#pragma once
#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/cast.hpp>
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/scaled_float.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/group/blockwise.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/group/per_tensor.hpp>
#include <lowbit/io/fields.hpp>
#include <lowbit/number/float8.hpp>
#include <lowbit/number/packed.hpp>

#include <array>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

namespace lowbit::inline LOWBIT_ABI {
class Tiles;
class Indexed;
}  // namespace lowbit::inline LOWBIT_ABI

namespace lowbit::inline LOWBIT_ABI::io {

/// Says what a file holds of a codec, group or stage of an epilogue. To save your own type, specialize it:
///
///     template <>
///     struct lowbit::io::Description<MyCodec> {
///       static constexpr std::string_view name = "my.codec";
///       template <class V, class C>
///       static void fields(V& v, C& codec) {
///         v.option("shift", codec.shift);
///       }
///     };
///
/// `name` is the `type` in the file. `fields` passes each option to v.option and each array of numbers to
/// v.array. It serves both directions: to write, v is a FieldWriter and codec is const; to read, v is a
/// FieldReader that assigns to the options. Reading starts from `start()`, a static member that returns a
/// value of the type, or from a default-constructed one where there is no such member.
template <class T>
struct Description;

/// A type that has a Description, so that files can hold it.
template <class T>
concept Described = requires {
  Description<T>::name;
};

/// The name of a code type in files. Specialize it for your own with
/// `static constexpr std::string_view value`.
template <class Code>
struct CodeName;

/// @cond internal
#define LOWBIT_CODE_NAME(code, text)                \
  template <>                                       \
  struct CodeName<code> {                           \
    static constexpr std::string_view value = text; \
  }
LOWBIT_CODE_NAME(std::int8_t, "int8");
LOWBIT_CODE_NAME(std::uint8_t, "uint8");
LOWBIT_CODE_NAME(std::int16_t, "int16");
LOWBIT_CODE_NAME(std::uint16_t, "uint16");
LOWBIT_CODE_NAME(int4, "int4");
LOWBIT_CODE_NAME(uint4, "uint4");
LOWBIT_CODE_NAME(int2, "int2");
LOWBIT_CODE_NAME(uint2, "uint2");
LOWBIT_CODE_NAME(float16, "float16");
LOWBIT_CODE_NAME(bf16, "bfloat16");
LOWBIT_CODE_NAME(float8_e4m3fn, "float8_e4m3fn");
LOWBIT_CODE_NAME(float8_e5m2, "float8_e5m2");
LOWBIT_CODE_NAME(float8_e4m3fnuz, "float8_e4m3fnuz");
LOWBIT_CODE_NAME(float8_e5m2fnuz, "float8_e5m2fnuz");
LOWBIT_CODE_NAME(float6_e2m3fn, "float6_e2m3fn");
LOWBIT_CODE_NAME(float6_e3m2fn, "float6_e3m2fn");
LOWBIT_CODE_NAME(float4_e2m1fn, "float4_e2m1fn");
#undef LOWBIT_CODE_NAME

#define LOWBIT_ENUM_NAMES(type, ...)                                              \
  template <>                                                                     \
  struct EnumNames<type> {                                                        \
    static constexpr auto names = std::to_array<std::string_view>({__VA_ARGS__}); \
  }
LOWBIT_ENUM_NAMES(SymmetricCodes, "restricted", "full");
LOWBIT_ENUM_NAMES(RangePolicy, "exact", "include_zero", "onnx_dynamic");
LOWBIT_ENUM_NAMES(ScalingMethod, "divide", "reciprocal");
LOWBIT_ENUM_NAMES(ScaleRule, "free", "power_of_two");
LOWBIT_ENUM_NAMES(Overflow, "saturate", "ieee");
LOWBIT_ENUM_NAMES(Ties, "lower", "even");
LOWBIT_ENUM_NAMES(BlockOrder, "logical", "storage");
LOWBIT_ENUM_NAMES(NibbleOrder, "low_first", "high_first");
LOWBIT_ENUM_NAMES(Order, "row_major", "column_major");
#undef LOWBIT_ENUM_NAMES
/// @endcond

/// @cond internal
template <class Code>
struct Description<SymmetricInteger<Code>> {
  static constexpr std::string_view name = "symmetric";
  template <class V, class C>
  static void fields(V& v, C& codec) {
    v.constant("code", CodeName<Code>::value);
    v.constant_since(2, "zero_point", SymmetricInteger<Code>::zero_point);
    v.option("codes", codec.codes);
    v.option("scaling", codec.scaling);
    v.option("scale_rule", codec.scale_rule);
  }
};

template <class Code>
struct Description<AffineInteger<Code>> {
  static constexpr std::string_view name = "affine";
  template <class V, class C>
  static void fields(V& v, C& codec) {
    v.constant("code", CodeName<Code>::value);
    v.option("range", codec.range);
    v.option("scaling", codec.scaling);
    v.option("scale_rule", codec.scale_rule);
  }
};

template <class Float>
struct Description<ScaledFloat<Float>> {
  static constexpr std::string_view name = "scaled_float";
  template <class V, class C>
  static void fields(V& v, C& codec) {
    v.constant("code", CodeName<Float>::value);
    v.option("scaling", codec.scaling);
  }
};

template <class Float>
struct Description<Cast<Float>> {
  static constexpr std::string_view name = "cast";
  template <class V, class C>
  static void fields(V& v, C& codec) {
    v.constant("code", CodeName<Float>::value);
    v.option("overflow", codec.overflow);
  }
};
/// @endcond

/// Returns the values of a table by code, up to the last code that has a level. Later codes decode to 0.
template <CodeType Code>
std::vector<float> table_values(const Lookup<Code>& lookup) {
  std::size_t count = 0;
  for (std::size_t k = 0; k < lookup.size; ++k) count = std::max<std::size_t>(count, lookup.codes[k] + 1u);
  for (std::size_t c = count; c < lookup.capacity; ++c)
    if (lookup.values[c] != 0.0f) count = c + 1;
  return {lookup.values.begin(), lookup.values.begin() + static_cast<std::ptrdiff_t>(count)};
}

/// @cond internal
/// A table is stored as a tensor "NAME.levels", by code: a file can be read without knowing the table's name,
/// and is refused for a type whose table differs in one bit.
template <class T>
struct Description<Codebook<T>> {
  static constexpr std::string_view name = "codebook";
  template <class V, class C>
  static void fields(V& v, C& codec) {
    v.constant("code", CodeName<typename C::Code>::value);
    v.option("ties", codec.ties);
    v.constant("levels", table_values(codec.lookup()));
  }
};

/// Reads any codebook of this code type.
template <class Code>
struct Description<Codebook<RuntimeTable<Code>>> {
  static constexpr std::string_view name = "codebook";
  template <class V, class C>
  static void fields(V& v, C& codec) {
    std::vector<float> levels = table_values(codec.lookup());
    const auto lower = RuntimeTable<Code>::from_values(levels, Ties::lower).lookup().thresholds;
    Ties ties = codec.lookup().thresholds == lower ? Ties::lower : Ties::even;
    v.constant("code", CodeName<Code>::value);
    v.option("ties", ties);
    v.array("levels", levels);
    if constexpr (!std::is_const_v<C>) codec.table = RuntimeTable<Code>::from_values(levels, ties);
  }
};

template <>
struct Description<PerTensor> {
  static constexpr std::string_view name = "per_tensor";
  template <class V, class G>
  static void fields(V&, G&) {}
};

template <>
struct Description<PerChannel> {
  static constexpr std::string_view name = "per_channel";
  template <class V, class G>
  static void fields(V& v, G& group) {
    v.option("axis", group.axis);
  }
};

template <>
struct Description<Blockwise> {
  static constexpr std::string_view name = "blockwise";
  template <class V, class G>
  static void fields(V& v, G& group) {
    v.option("block_size", group.block_size);
    v.option("axis", group.axis);
    v.option("order", group.order);
    bool nested = false;  // since version 3 a field of the tensor: `scales`
    v.option_until(2, "nested", nested);
  }
};

/// Extents that cover a whole axis are null.
template <>
struct Description<Tiles> {
  static constexpr std::string_view name = "tiles";
  template <class V, class G>
  static void fields(V& v, G& group) {
    std::vector<std::optional<Index>> stored;
    for (const Index e : group.extents())
      stored.push_back(e == G::whole ? std::nullopt : std::optional<Index>(e));
    v.option("extents", stored);
    if constexpr (!std::is_const_v<G>) {
      std::vector<Index> extents;
      for (const auto& e : stored) extents.push_back(e.value_or(G::whole));
      group = G(std::span<const Index>(extents));
    }
  }
};

/// The list is stored as a tensor "NAME.indices".
template <>
struct Description<Indexed> {
  static constexpr std::string_view name = "indexed";
  template <class V, class G>
  static void fields(V& v, G& group) {
    Index axis = group.axis();
    std::vector<Index> indices(group.indices().begin(), group.indices().end());
    v.option("axis", axis);
    v.array("indices", indices);
    if constexpr (!std::is_const_v<G>) group = G(indices, axis);
  }
};
/// @endcond

}  // namespace lowbit::inline LOWBIT_ABI::io
