// EXPECT: lowbit writes into Eigen matrices, .* not const, of float, double, Eigen::half or Eigen::bfloat16
#include <lowbit/absmax.hpp>
#include <lowbit/training.hpp>

void use(const Eigen::MatrixXf& w) {
#if COMPILE_FAIL
  const Eigen::MatrixXf dx = w;
#else
  Eigen::MatrixXf dx = w;
#endif
  lowbit::FakeQuantize{lowbit::AbsmaxQuantizer<std::int8_t>{}}.backward_into(w, w, dx);
}
