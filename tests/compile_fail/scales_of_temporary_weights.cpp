// EXPECT: scales\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/linear.hpp>

float first(const Eigen::MatrixXf& w) {
#if COMPILE_FAIL
  const auto scales = lowbit::QuantizedLinear(w).weights().scales();
#else
  const auto weights = lowbit::QuantizedLinear(w).weights();  // weights of a temporary are moved out of it
  const auto scales = weights.scales();
#endif
  return scales[0];
}
