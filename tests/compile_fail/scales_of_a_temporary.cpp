// EXPECT: scales\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/absmax.hpp>

float first(const Eigen::MatrixXf& w) {
  const lowbit::AbsmaxQuantizer<std::int8_t> quantizer;
#if COMPILE_FAIL
  const std::span<const float> scales = quantizer.quantize(w).scales();
#else
  const auto q = quantizer.quantize(w);
  const std::span<const float> scales = q.scales();
#endif
  return scales[0];
}
