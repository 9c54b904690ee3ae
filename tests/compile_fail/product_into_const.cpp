// EXPECT: lowbit writes into Eigen matrices, .* not const, of float, double, Eigen::half or Eigen::bfloat16
#include <lowbit/absmax.hpp>
#include <lowbit/weight_only.hpp>

void use(const Eigen::MatrixXf& w, const Eigen::VectorXf& x) {
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(w);
#if COMPILE_FAIL
  const Eigen::VectorXf y = x;
#else
  Eigen::VectorXf y = x;
#endif
  lowbit::matvec_into(q, x, y);
}
