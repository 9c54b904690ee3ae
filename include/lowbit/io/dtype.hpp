// The element types that files store, with their safetensors names.
#pragma once
#include <lowbit/core/abi.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI::io {

/// The element types that files store, named after those of safetensors.
enum class Dtype : unsigned char {
  boolean,
  f4,
  f6_e2m3,
  f6_e3m2,
  u8,
  i8,
  f8_e5m2,
  f8_e4m3,
  f8_e8m0,
  f8_e5m2fnuz,
  f8_e4m3fnuz,
  i16,
  u16,
  f16,
  bf16,
  i32,
  u32,
  f32,
  c64,
  f64,
  i64,
  u64,
  foreign  ///< bytes of a tensor whose type the library does not know: see `ForeignType`
};

/// What is known about a Dtype.
struct DtypeFacts {
  Dtype dtype;            ///< which one
  std::string_view name;  ///< in safetensors files
  std::size_t bits;       ///< per element; elements of less than a byte lie without gaps
};

/// The facts about all types that have a name, in the order of the enumerators.
inline constexpr std::array<DtypeFacts, 22> dtype_table{{{Dtype::boolean, "BOOL", 8},
                                                         {Dtype::f4, "F4", 4},
                                                         {Dtype::f6_e2m3, "F6_E2M3", 6},
                                                         {Dtype::f6_e3m2, "F6_E3M2", 6},
                                                         {Dtype::u8, "U8", 8},
                                                         {Dtype::i8, "I8", 8},
                                                         {Dtype::f8_e5m2, "F8_E5M2", 8},
                                                         {Dtype::f8_e4m3, "F8_E4M3", 8},
                                                         {Dtype::f8_e8m0, "F8_E8M0", 8},
                                                         {Dtype::f8_e5m2fnuz, "F8_E5M2FNUZ", 8},
                                                         {Dtype::f8_e4m3fnuz, "F8_E4M3FNUZ", 8},
                                                         {Dtype::i16, "I16", 16},
                                                         {Dtype::u16, "U16", 16},
                                                         {Dtype::f16, "F16", 16},
                                                         {Dtype::bf16, "BF16", 16},
                                                         {Dtype::i32, "I32", 32},
                                                         {Dtype::u32, "U32", 32},
                                                         {Dtype::f32, "F32", 32},
                                                         {Dtype::c64, "C64", 64},
                                                         {Dtype::f64, "F64", 64},
                                                         {Dtype::i64, "I64", 64},
                                                         {Dtype::u64, "U64", 64}}};

/// The name in safetensors files; "foreign" for Dtype::foreign.
constexpr std::string_view dtype_name(Dtype dtype) noexcept {
  return dtype == Dtype::foreign ? "foreign" : dtype_table[static_cast<std::size_t>(dtype)].name;
}

/// The bits of one element; those of Dtype::foreign are bytes.
constexpr std::size_t bits_per_element(Dtype dtype) noexcept {
  return dtype == Dtype::foreign ? 8 : dtype_table[static_cast<std::size_t>(dtype)].bits;
}

/// The bytes of one element; 0 for elements that share bytes.
constexpr std::size_t bytes_per_element(Dtype dtype) noexcept { return bits_per_element(dtype) / 8; }

/// Whether the elements are integers or booleans. All others are numbers with a fraction, decoded by this
/// library or not.
constexpr bool is_integer(Dtype dtype) noexcept {
  const char first = dtype_name(dtype).front();
  return dtype == Dtype::boolean || first == 'U' || first == 'I';
}

/// Finds the type of a name, as dtype_name gives it; nothing for any other text.
constexpr std::optional<Dtype> parse_dtype(std::string_view text) noexcept {
  for (const DtypeFacts& facts : dtype_table)
    if (facts.name == text) return facts.dtype;
  return std::nullopt;
}

/// Says which Dtype stores a C++ type bit by bit. Specialize it with a `value` for other types.
template <class T>
struct DtypeOf;
/// @cond internal
template <>
struct DtypeOf<float> : std::integral_constant<Dtype, Dtype::f32> {};
template <>
struct DtypeOf<double> : std::integral_constant<Dtype, Dtype::f64> {};
template <>
struct DtypeOf<bool> : std::integral_constant<Dtype, Dtype::boolean> {};
template <std::integral T>
struct DtypeOf<T> {
  static constexpr bool is_signed = std::is_signed_v<T>;
  static constexpr Dtype value = sizeof(T) == 1   ? (is_signed ? Dtype::i8 : Dtype::u8)
                                 : sizeof(T) == 2 ? (is_signed ? Dtype::i16 : Dtype::u16)
                                 : sizeof(T) == 4 ? (is_signed ? Dtype::i32 : Dtype::u32)
                                                  : (is_signed ? Dtype::i64 : Dtype::u64);
  static_assert(sizeof(T) == bytes_per_element(value));
};
/// @endcond

/// A type whose values can be stored and viewed in a file.
template <class T>
concept Storable = std::is_trivially_copyable_v<T> && requires {
  DtypeOf<T>::value;
} && sizeof(T) == bytes_per_element(DtypeOf<T>::value);

}  // namespace lowbit::inline LOWBIT_ABI::io
