// EXPECT: matmul computes a b; for x W.T with quantized weights of .outputs, inputs. call lowbit::linear_into
#include <lowbit/absmax.hpp>
#include <lowbit/matmul.hpp>
#include <lowbit/weight_only.hpp>

void use(const Eigen::MatrixXf& x, const Eigen::MatrixXf& w, Eigen::MatrixXf& y) {
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(w);
#if COMPILE_FAIL
  lowbit::ProductWorkspace workspace;
  lowbit::matmul_into(x, q, y, lowbit::raw, workspace);
#else
  lowbit::WeightOnlyWorkspace workspace;
  lowbit::linear_into(x, q, y, lowbit::raw, workspace);
#endif
}
