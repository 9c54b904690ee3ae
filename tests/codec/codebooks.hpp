// All tables of the library, and the search for the nearest level by its definition.
#pragma once
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/linear.hpp>
#include <lowbit/codec/tables/non_linear3.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>

#include "codec/support.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace lowbit_test {

using lowbit::Ties;

/// Distinct levels in ascending order.
inline std::vector<float> sorted_levels(std::span<const float> values) {
  std::vector<float> levels(values.begin(), values.end());
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  return levels;
}

/// The midpoint as float arithmetic gives it: (a + b) / 2.
inline float float_midpoint(float a, float b) { return opaque(opaque(a + b) / 2.0f); }

/// Position of the level for v: one more for each midpoint below v, or equal to it when the tie goes up.
inline std::size_t nearest_position(const std::vector<float>& levels, float v, Ties ties) {
  std::size_t position = 0;
  for (std::size_t k = 0; k + 1 < levels.size(); ++k) {
    const float middle = float_midpoint(levels[k], levels[k + 1]);
    const bool tie_goes_up = ties == Ties::even && (k + 1) % 2 == 0;
    position += v > middle || (v == middle && tie_goes_up) ? 1 : 0;
  }
  return position;
}

/// The smallest distance of v to any level, in double; levels ascend.
inline double nearest_distance(const std::vector<float>& levels, double v) {
  const auto next = std::lower_bound(levels.begin(), levels.end(), v);
  double best = HUGE_VAL;
  if (next != levels.end()) best = *next - v;
  if (next != levels.begin()) best = std::fmin(best, v - *std::prev(next));
  return best;
}

template <class T, class F>
void with_table(const std::string& name, Ties ties, F f) {
  const lowbit::Codebook<T> codec{.ties = ties};
  if constexpr (lowbit::SortedTable<T>) {
    f(name, codec, sorted_levels(T::levels));
  } else {
    f(name, codec, sorted_levels(T::values));
  }
}

template <int Bits, class F>
void with_dynamic_maps(Ties ties, F f) {
  [&]<int... E>(std::integer_sequence<int, E...>) {
    const auto name = [](const char* sign, int e) {
      return sign + std::string(" dynamic map, bits ") + std::to_string(Bits) + ", exponent " +
             std::to_string(e);
    };
    (with_table<lowbit::BasicDynamicMap<true, E + 1, Bits>>(name("signed", E + 1), ties, f), ...);
    (with_table<lowbit::BasicDynamicMap<false, E + 1, Bits>>(name("unsigned", E + 1), ties, f), ...);
  }
  (std::make_integer_sequence<int, Bits - 1>{});
}

/// Calls f(name, codec, sorted levels) for every table, also for tables made at run time.
template <class F>
void for_each_codebook(Ties ties, F f) {
  [&]<int... B>(std::integer_sequence<int, B...>) {
    (with_table<lowbit::Linear<B + 1>>("linear " + std::to_string(B + 1), ties, f), ...);
  }
  (std::make_integer_sequence<int, 8>{});
  with_table<lowbit::NonLinear3>("non-linear 3", ties, f);
  with_table<lowbit::NormalFloat4>("NF4", ties, f);
  with_table<lowbit::Float4>("FP4", ties, f);
  with_dynamic_maps<2>(ties, f);
  with_dynamic_maps<3>(ties, f);
  with_dynamic_maps<4>(ties, f);
  with_dynamic_maps<5>(ties, f);
  with_dynamic_maps<6>(ties, f);
  with_dynamic_maps<7>(ties, f);
  with_dynamic_maps<8>(ties, f);
  const std::vector<float> odd{-3.0f, -2.5f, -1e-3f, 0.0f, 0.1f, 0.7f, 5.0f};
  f("run-time, 4 bits",
    lowbit::Codebook<lowbit::RuntimeTable<lowbit::uint4>>{lowbit::RuntimeTable<lowbit::uint4>(odd, ties)},
    odd);
  f("run-time, 8 bits",
    lowbit::Codebook<lowbit::RuntimeTable<std::uint8_t>>{lowbit::RuntimeTable<std::uint8_t>(odd, ties)}, odd);
}

}  // namespace lowbit_test
