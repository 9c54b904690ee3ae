// Code types: their values, bits and ranges, and how the codes of a tensor are packed.
#pragma once
#include <lowbit/number/float16.hpp>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Names the signed 4-bit code, from -8 to 7. It is never a value: codes that share a byte travel as (u)int8
/// and are packed in memory.
struct int4 {
  int4() = delete;  ///< there are no values
};
/// Names the unsigned 4-bit code, from 0 to 15; see int4.
struct uint4 {
  uint4() = delete;  ///< there are no values
};
/// Names the signed 2-bit code, from -2 to 1; see int4.
struct int2 {
  int2() = delete;  ///< there are no values
};
/// Names the unsigned 2-bit code, from 0 to 3; see int4.
struct uint2 {
  uint2() = delete;  ///< there are no values
};

/// States the facts about a code type. Specialize it to add one, most easily by deriving from IntegerCode.
/// `value_type` carries one code, [min, max] is its range, and memory holds `bits` bits of it: see
/// CodePacking.
template <class Code>
struct CodeTraits;

/// The traits of integer codes of `Bits` bits from Min to Max, which are carried in a Value.
template <class Value, int Bits, int Min, int Max>
struct IntegerCode {
  using value_type = Value;                 ///< what carries one code
  static constexpr int bits = Bits;         ///< in memory
  static constexpr std::int32_t min = Min;  ///< the smallest code
  static constexpr std::int32_t max = Max;  ///< the largest code
};

/// @cond internal
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
/// @endcond

/// A small float is its own code: it has no integer range.
template <int E, int M, Special special>
struct CodeTraits<SmallFloat<E, M, special>> {
  using value_type = SmallFloat<E, M, special>;       ///< what carries one code
  static constexpr int bits = value_type::bit_count;  ///< in memory
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

/// Says how the codes of a tensor follow each other in memory: without gaps, so that `codes_per_word` of them
/// fill `bytes_per_word` bytes exactly. 4 bits: 2 in 1 byte; 6 bits: 4 in 3; 3 bits: 8 in 3; 16 bits: 1 in 2.
template <CodeType Code>
struct CodePacking {
  using value_type = typename CodeTraits<Code>::value_type;  ///< what carries one code
  static constexpr int bits = CodeTraits<Code>::bits;        ///< of one code
  static_assert(bits >= 1 && bits <= 16, "a code has 1 to 16 bits");
  static_assert(bits <= static_cast<int>(8 * sizeof(value_type)), "value_type is too small for the codes");
  /// The fewest codes that fill whole bytes.
  static constexpr std::size_t codes_per_word = static_cast<std::size_t>(8 / std::gcd(bits, 8));
  /// The bytes that `codes_per_word` codes fill.
  static constexpr std::size_t bytes_per_word = static_cast<std::size_t>(bits / std::gcd(bits, 8));
  /// Whether some byte holds bits of several codes. Otherwise a code is stored as its value_type.
  static constexpr bool shares_bytes = codes_per_word > 1;
  static_assert(shares_bytes || bytes_per_word == sizeof(value_type),
                "codes of whole bytes are stored as they are: value_type has as many bytes");
};

}  // namespace lowbit::inline LOWBIT_ABI
