// EXPECT: a StoredTensor refers to its values, and these are a temporary: give them a name first
#include <lowbit/io/stored_tensor.hpp>

#include <vector>

std::vector<float> make();

lowbit::Index size() {
#if COMPILE_FAIL
  const auto tensor = lowbit::io::stored_tensor<float>(make(), lowbit::Shape{3});
#else
  const std::vector<float> values = make();
  const auto tensor = lowbit::io::stored_tensor<float>(values, lowbit::Shape{3});
#endif
  return tensor.size();
}
