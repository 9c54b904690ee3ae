// What a code type is: its bits, its range, how it is stored, and what products of it accumulate in.
#pragma once
#include <lowbit/number/float16.hpp>

#include <cstdint>
#include <limits>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Names of the codes that share a byte. They are never values: a 4-bit code travels as (u)int8 and is packed
/// in memory.
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

/// Facts about a code type; specialize it to add one. `value_type` carries one code, [min, max] is its range,
/// and `per_byte` codes share one byte of storage (1: each code is stored as a value_type).
template <class Code>
struct CodeTraits;

template <class Value, int Bits, int Min, int Max>
struct IntegerCode {
  using value_type = Value;
  static constexpr int bits = Bits;
  static constexpr std::int32_t min = Min;
  static constexpr std::int32_t max = Max;
  static constexpr int per_byte = Bits < 8 ? 8 / Bits : 1;
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

/// Casts store a small float; it has no integer range.
struct FloatCode {
  static constexpr int bits = 16;
  static constexpr int per_byte = 1;
};
template <>
struct CodeTraits<float16> : FloatCode {
  using value_type = float16;
};
template <>
struct CodeTraits<bfloat16> : FloatCode {
  using value_type = bfloat16;
};

/// A type with CodeTraits.
template <class Code>
concept CodeType = requires {
  typename CodeTraits<Code>::value_type;
  CodeTraits<Code>::bits;
  CodeTraits<Code>::per_byte;
};
/// A code type whose codes are integers of 8 or 16 bits.
template <class Code>
concept IntegerCodeType = CodeType<Code> && std::is_integral_v<typename CodeTraits<Code>::value_type> &&
                              sizeof(typename CodeTraits<Code>::value_type) <= 2 &&
                          requires {
  CodeTraits<Code>::min;
  CodeTraits<Code>::max;
};

/// The type that sums of products of Code are kept in: 127 * 127 does not fit in int8, nor does a long sum of
/// it in int16.
template <class Code>
struct AccumulatorTraits {
  using type = std::int32_t;
};
template <>
struct AccumulatorTraits<float16> {
  using type = float16;
};
template <>
struct AccumulatorTraits<bfloat16> {
  using type = float;
};
template <CodeType Code>
using accumulator_t = typename AccumulatorTraits<Code>::type;

/// How many products of an A code and a B code an int32 accumulator always holds: floor((2^31 - 1) / largest
/// |a * b|), or one more where the extreme product is negative only and exactly divides 2^31. For int8 x int8
/// it is 131,071.
template <IntegerCodeType A, IntegerCodeType B>
inline constexpr std::int64_t safe_accumulation_depth = [] {
  const std::int64_t a_min = CodeTraits<A>::min, a_max = CodeTraits<A>::max;
  const std::int64_t b_min = CodeTraits<B>::min, b_max = CodeTraits<B>::max;
  const std::int64_t products[] = {a_min * b_min, a_min * b_max, a_max * b_min, a_max * b_max};
  std::int64_t highest = 1, lowest = 0;
  for (std::int64_t p : products) {
    highest = p > highest ? p : highest;
    lowest = p < lowest ? p : lowest;
  }
  constexpr std::int64_t limit = (std::numeric_limits<std::int32_t>::max)();
  const std::int64_t up = limit / highest;
  const std::int64_t down = lowest == 0 ? up : (limit + 1) / -lowest;
  return up < down ? up : down;
}();

}  // namespace lowbit::inline LOWBIT_ABI
