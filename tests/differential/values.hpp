// Elements to quantize: ordinary ones, and every kind that has a branch of its own somewhere.
#pragma once
#include <lowbit/number/float16.hpp>

#include <cmath>
#include <span>
#include <vector>

#include "differential/choices.hpp"

namespace lowbit_test {

struct Values {
  const char* kind;
  std::vector<float> of;
};

/// `group[i]` is the group of element i: some groups are made special as a whole.
Values values(Choices& choose, std::span<const lowbit::Index> group, lowbit::Index groups);

/// As elements of type T. Doubles get bits that a float has not.
template <class T>
std::vector<T> elements_of(std::span<const float> values) {
  std::vector<T> x;
  x.reserve(values.size());
  for (float v : values) x.push_back(lowbit::from_float<T>(v));
  return x;
}
template <>
inline std::vector<double> elements_of<double>(std::span<const float> values) {
  std::vector<double> x;
  x.reserve(values.size());
  std::uint64_t state = values.size();
  for (float v : values)
    x.push_back(std::fabs(v) < 0x1p120f && std::fabs(v) > 0x1p-120f && mixed(state) % 2 == 0
                    ? double{v} * (1.0 + static_cast<double>(mixed(state) >> 11) * 0x1p-77)
                    : double{v});
  return x;
}

}  // namespace lowbit_test
