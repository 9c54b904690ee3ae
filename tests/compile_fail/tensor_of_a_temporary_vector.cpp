// EXPECT: a TensorRef refers to its values, and these are a temporary: give them a name first
#include <lowbit/io/tensor_ref.hpp>

#include <vector>

std::vector<float> make();

lowbit::Index size() {
#if COMPILE_FAIL
  const auto tensor = lowbit::io::tensor_ref<float>(make(), lowbit::Shape{3});
#else
  const std::vector<float> values = make();
  const auto tensor = lowbit::io::tensor_ref<float>(values, lowbit::Shape{3});
#endif
  return tensor.size();
}
