// EXPECT: span\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/absmax.hpp>

float sum(const Eigen::MatrixXf& w) {
  float total = 0.0f;
  const lowbit::AbsmaxQuantizer<std::int8_t> quantizer;
#if COMPILE_FAIL
  for (const float s : quantizer.quantize(w).parts().scales.span()) total += s;
#else
  const auto parts = quantizer.quantize(w).parts();  // parts of a temporary are moved out of it
  for (const float s : parts.scales.span()) total += s;
#endif
  return total;
}
