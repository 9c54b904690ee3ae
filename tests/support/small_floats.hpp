// Small floats of every kind of special codes, and their values by definition.
#pragma once
#include <lowbit/number/float16.hpp>
#include <lowbit/number/float8.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

namespace lowbit_test {

using lowbit::SmallFloat;
using lowbit::Special;
using SmallFloats =
    testing::Types<lowbit::float16, lowbit::bf16, lowbit::float8_e4m3fn, lowbit::float8_e5m2,
                   lowbit::float8_e4m3fnuz, lowbit::float8_e5m2fnuz, lowbit::float6_e2m3fn,
                   lowbit::float6_e3m2fn, lowbit::float4_e2m1fn, SmallFloat<4, 3, Special::ieee>,
                   SmallFloat<3, 4, Special::ieee>, SmallFloat<2, 1, Special::ieee>,
                   SmallFloat<8, 2, Special::ieee>, SmallFloat<7, 1, Special::none>,
                   SmallFloat<7, 8, Special::fnuz>, SmallFloat<2, 13, Special::nan_only>>;

template <class F>
constexpr unsigned code_count = 1u << F::bit_count;

/// From the fields of the code: infinity and NaN as such, all else exact.
template <class F>
double value_of(unsigned code) {
  constexpr int E = F::exponent_bits, M = F::mantissa_bits;
  const auto sign = static_cast<int>(code >> (E + M)),
             exponent = static_cast<int>(code >> M & ((1u << E) - 1u)),
             fraction = static_cast<int>(code & ((1u << M) - 1u));
  const bool ones = exponent == (1 << E) - 1;
  switch (F::specials) {
    case Special::ieee:
      if (ones) return fraction != 0 ? double{NAN} : sign != 0 ? -HUGE_VAL : HUGE_VAL;
      break;
    case Special::nan_only:
      if (ones && fraction == (1 << M) - 1) return double{NAN};
      break;
    case Special::fnuz:
      if (sign == 1 && exponent == 0 && fraction == 0) return double{NAN};
      break;
    case Special::none:
      break;
    case Special::fnu:
      return code == 255 ? double{NAN} : std::ldexp(1.0, static_cast<int>(code) - 127);
  }
  const int bias = (1 << (E - 1)) - (F::specials == Special::fnuz ? 0 : 1);
  const double magnitude = exponent == 0 ? std::ldexp(fraction, 1 - bias - M)
                                         : std::ldexp(fraction + (1 << M), exponent - bias - M);
  return sign != 0 ? -magnitude : magnitude;
}

template <class F>
F small_float(unsigned code) {
  return F{static_cast<typename F::Bits>(code)};
}

/// How many codes from 0 on are finite numbers that are not negative: they ascend.
template <class F>
unsigned finite_count() {
  unsigned n = 0;
  while (n < code_count<F> / 2 && std::isfinite(value_of<F>(n))) ++n;
  return n;
}

}  // namespace lowbit_test
