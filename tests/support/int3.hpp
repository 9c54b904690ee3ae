// Codes of 3 bits in a byte of their own, as the published examples of training use them.
#pragma once
#include <lowbit/number/code_traits.hpp>

namespace lowbit_test {
struct int3 {};
}  // namespace lowbit_test

template <>
struct lowbit::CodeTraits<lowbit_test::int3> : lowbit::IntegerCode<std::int8_t, 8, -4, 3> {};
