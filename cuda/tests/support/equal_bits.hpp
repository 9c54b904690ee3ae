// Whether two arrays are the same, to the sign of zero and the payload of NaN.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace lowbit_test {

template <class T>
testing::AssertionResult equal_bits(const std::vector<T>& actual, const std::vector<T>& expected) {
  if (actual.size() != expected.size())
    return testing::AssertionFailure() << actual.size() << " elements instead of " << expected.size();
  std::size_t wrong = 0, first = actual.size();
  for (std::size_t i = 0; i < actual.size(); ++i)
    if (std::memcmp(&actual[i], &expected[i], sizeof(T)) != 0 && wrong++ == 0) first = i;
  if (wrong == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << wrong << " of " << expected.size() << " differ, the first at "
                                     << first << ": " << testing::PrintToString(actual[first])
                                     << " instead of " << testing::PrintToString(expected[first]);
}

}  // namespace lowbit_test
