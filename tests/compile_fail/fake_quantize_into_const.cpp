// EXPECT: lowbit writes into Eigen matrices, .* not const, of float, double, Eigen::half or Eigen::bfloat16
#include <lowbit/absmax.hpp>

void use(const Eigen::MatrixXf& w) {
#if COMPILE_FAIL
  const Eigen::MatrixXf y = w;
#else
  Eigen::MatrixXf y = w;
#endif
  lowbit::AbsmaxQuantizer<std::int8_t>{}.fake_quantize_into(w, y);
}
