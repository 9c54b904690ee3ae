// EXPECT: scales\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/linear.hpp>

using Layer = decltype(lowbit::QuantizedLinear(std::declval<Eigen::MatrixXf>()));
const Layer make();

float first() {
#if COMPILE_FAIL
  const auto scales = make().weights().scales();
#else
  const auto weights = make().weights();
  const auto scales = weights.scales();
#endif
  return scales[0];
}
