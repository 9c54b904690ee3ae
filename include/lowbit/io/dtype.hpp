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

enum class Dtype : unsigned char {
  boolean,
  u8,
  i8,
  f8_e5m2,
  f8_e4m3,
  i16,
  u16,
  f16,
  bf16,
  i32,
  u32,
  f32,
  f64,
  i64,
  u64
};

struct DtypeFacts {
  Dtype dtype;
  std::string_view name;  ///< in safetensors files
  std::size_t bytes;      ///< per element
};

/// All of them, in the order of the enumerators.
inline constexpr std::array<DtypeFacts, 15> dtype_table{{{Dtype::boolean, "BOOL", 1},
                                                         {Dtype::u8, "U8", 1},
                                                         {Dtype::i8, "I8", 1},
                                                         {Dtype::f8_e5m2, "F8_E5M2", 1},
                                                         {Dtype::f8_e4m3, "F8_E4M3", 1},
                                                         {Dtype::i16, "I16", 2},
                                                         {Dtype::u16, "U16", 2},
                                                         {Dtype::f16, "F16", 2},
                                                         {Dtype::bf16, "BF16", 2},
                                                         {Dtype::i32, "I32", 4},
                                                         {Dtype::u32, "U32", 4},
                                                         {Dtype::f32, "F32", 4},
                                                         {Dtype::f64, "F64", 8},
                                                         {Dtype::i64, "I64", 8},
                                                         {Dtype::u64, "U64", 8}}};

constexpr std::string_view dtype_name(Dtype dtype) noexcept {
  return dtype_table[static_cast<std::size_t>(dtype)].name;
}

constexpr std::size_t bytes_per_element(Dtype dtype) noexcept {
  return dtype_table[static_cast<std::size_t>(dtype)].bytes;
}

/// The inverse of `dtype_name`; nothing for any other text.
constexpr std::optional<Dtype> parse_dtype(std::string_view text) noexcept {
  for (const DtypeFacts& facts : dtype_table)
    if (facts.name == text) return facts.dtype;
  return std::nullopt;
}

/// Which Dtype stores a C++ type bit by bit. Specialize it with a `value` for other types, such as a half.
template <class T>
struct DtypeOf;
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

/// A type whose values can be stored and viewed in a file.
template <class T>
concept Storable = std::is_trivially_copyable_v<T> && requires {
  DtypeOf<T>::value;
} && sizeof(T) == bytes_per_element(DtypeOf<T>::value);

}  // namespace lowbit::inline LOWBIT_ABI::io
