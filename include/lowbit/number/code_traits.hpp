// Code types: their values, bits and ranges, and how the codes of a tensor are packed.
#pragma once
#include <lowbit/number/float16.hpp>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Tags of codes that share bytes; they have no values. A single code is an std::int8_t or std::uint8_t.
struct int4 {
  int4() = delete;
};
struct uint4 {
  uint4() = delete;
};
struct int2 {
  int2() = delete;
};
struct uint2 {
  uint2() = delete;
};

/// Traits of a code type; specialize it to add a type, most easily by deriving from IntegerCode. `value_type`
/// holds one code, [min, max] is its range, and `bits` is its size in memory: see CodePacking.
template <class Code>
struct CodeTraits;

template <class Value, int Bits, int Min, int Max>
struct IntegerCode {
  using value_type = Value;
  static constexpr int bits = Bits;
  static constexpr std::int32_t min = Min;
  static constexpr std::int32_t max = Max;
};

template <>
struct CodeTraits<std::int8_t> : IntegerCode<std::int8_t, 8, -128, 127> {};
template <>
struct CodeTraits<std::uint8_t> : IntegerCode<std::uint8_t, 8, 0, 255> {};
template <>
struct CodeTraits<std::int16_t> : IntegerCode<std::int16_t, 16, -32768, 32767> {};
template <>
struct CodeTraits<std::uint16_t> : IntegerCode<std::uint16_t, 16, 0, 65535> {};
template <>
struct CodeTraits<int4> : IntegerCode<std::int8_t, 4, -8, 7> {};
template <>
struct CodeTraits<uint4> : IntegerCode<std::uint8_t, 4, 0, 15> {};
template <>
struct CodeTraits<int2> : IntegerCode<std::int8_t, 2, -2, 1> {};
template <>
struct CodeTraits<uint2> : IntegerCode<std::uint8_t, 2, 0, 3> {};

/// A small float is its own code: it has no integer range.
template <int E, int M, Special special>
struct CodeTraits<SmallFloat<E, M, special>> {
  using value_type = SmallFloat<E, M, special>;
  static constexpr int bits = value_type::bit_count;
};

/// A type with CodeTraits.
template <class Code>
concept CodeType = requires {
  typename CodeTraits<Code>::value_type;
  CodeTraits<Code>::bits;
};
/// A code type whose codes are integers of at most 16 bits.
template <class Code>
concept IntegerCodeType = CodeType<Code> && std::is_integral_v<typename CodeTraits<Code>::value_type> &&
                              sizeof(typename CodeTraits<Code>::value_type) <= 2 &&
                          requires {
  CodeTraits<Code>::min;
  CodeTraits<Code>::max;
};

/// The packing of codes in memory, without gaps: `codes_per_word` codes fill `bytes_per_word` bytes exactly.
/// 4 bits: 2 in 1 byte; 6 bits: 4 in 3; 3 bits: 8 in 3; 16 bits: 1 in 2.
template <CodeType Code>
struct CodePacking {
  using value_type = typename CodeTraits<Code>::value_type;
  static constexpr int bits = CodeTraits<Code>::bits;
  static_assert(bits >= 1 && bits <= 16, "a code has 1 to 16 bits");
  static_assert(bits <= static_cast<int>(8 * sizeof(value_type)), "value_type is too small for the codes");
  static constexpr std::size_t codes_per_word = static_cast<std::size_t>(8 / std::gcd(bits, 8));
  static constexpr std::size_t bytes_per_word = static_cast<std::size_t>(bits / std::gcd(bits, 8));
  /// Whether some byte holds bits of several codes. Otherwise a code is stored as its value_type.
  static constexpr bool shares_bytes = codes_per_word > 1;
  static_assert(shares_bytes || bytes_per_word == sizeof(value_type),
                "codes of whole bytes are stored as they are: value_type has as many bytes");
};

}  // namespace lowbit::inline LOWBIT_ABI
