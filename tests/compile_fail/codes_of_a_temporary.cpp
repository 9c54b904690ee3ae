// EXPECT: codes\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/absmax.hpp>

int sum(const Eigen::MatrixXf& w) {
  int total = 0;
  const lowbit::AbsmaxQuantizer<std::int8_t> quantizer;
#if COMPILE_FAIL
  for (const std::int8_t c : quantizer.quantize(w).codes()) total += c;
#else
  const auto q = quantizer.quantize(w);
  for (const std::int8_t c : q.codes()) total += c;
#endif
  return total;
}
