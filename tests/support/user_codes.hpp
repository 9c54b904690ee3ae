// Code types that the library does not have: a user adds one by a specialization of CodeTraits.
#pragma once
#include <lowbit/number/code_traits.hpp>

#include <cstdint>

namespace lowbit_test {
struct Uint1 {};
struct Int3 {};
struct Uint3 {};
struct Uint5 {};
struct Int6 {};
struct Uint6 {};
struct Int12 {};
}  // namespace lowbit_test

template <>
struct lowbit::CodeTraits<lowbit_test::Uint1> : lowbit::IntegerCode<std::uint8_t, 1, 0, 1> {};
template <>
struct lowbit::CodeTraits<lowbit_test::Int3> : lowbit::IntegerCode<std::int8_t, 3, -4, 3> {};
template <>
struct lowbit::CodeTraits<lowbit_test::Uint3> : lowbit::IntegerCode<std::uint8_t, 3, 0, 7> {};
template <>
struct lowbit::CodeTraits<lowbit_test::Uint5> : lowbit::IntegerCode<std::uint8_t, 5, 0, 31> {};
template <>
struct lowbit::CodeTraits<lowbit_test::Int6> : lowbit::IntegerCode<std::int8_t, 6, -32, 31> {};
template <>
struct lowbit::CodeTraits<lowbit_test::Uint6> : lowbit::IntegerCode<std::uint8_t, 6, 0, 63> {};
template <>
struct lowbit::CodeTraits<lowbit_test::Int12> : lowbit::IntegerCode<std::int16_t, 12, -2048, 2047> {};
