// Common code of the peers in C++: compares each result with ours before timing.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <type_traits>

#include "../support/rows.hpp"

namespace bench {

/// "equal", or the number of elements that differ in a bit, and why.
template <class T>
std::string compare(const T* ours, const T* theirs, std::size_t count, const char* why) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::size_t different = 0;
  for (std::size_t i = 0; i < count; ++i) different += std::memcmp(ours + i, theirs + i, sizeof(T)) != 0;
  if (different == 0) return "equal";
  return std::to_string(different) + " of " + std::to_string(count) + " differ: " + why;
}

/// Times `call` after its result, left in `theirs`, was compared with ours. The label carries the verdict.
template <class T, class F>
void measure_peer(benchmark::State& state, const Work& work, const T* ours, const T* theirs, const char* why,
                  F&& call) {
  call();
  state.SetLabel(compare(ours, theirs, work.values, why));
  measure(state, work, call);
}

}  // namespace bench
