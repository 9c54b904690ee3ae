// EXPECT: a view refers to its elements, and these are a temporary: give them a name first
#include <lowbit/tensor/view.hpp>

#include <vector>

std::vector<float> make();

float first() {
#if COMPILE_FAIL
  const auto view = lowbit::view<const float>(make(), lowbit::Shape{3});
#else
  const std::vector<float> values = make();
  const auto view = lowbit::view<const float>(values, lowbit::Shape{3});
#endif
  return view.data[0];
}
