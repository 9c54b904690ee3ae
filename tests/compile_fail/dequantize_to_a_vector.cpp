// EXPECT: dequantize_into writes into other memory
#include <lowbit/absmax.hpp>

#include <vector>

void use(const Eigen::VectorXf& w) {
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(w);
#if COMPILE_FAIL
  static_cast<void>(q.dequantize<std::vector<float>>());
#else
  std::vector<float> y(static_cast<std::size_t>(w.size()));
  q.dequantize_into(y);
#endif
}
