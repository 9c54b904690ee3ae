// EXPECT: matmul computes a b; for x W.T with quantized weights of .outputs, inputs. call lowbit::linear
#include <lowbit/blockwise.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/weight_only.hpp>

void use(const Eigen::MatrixXf& x, const Eigen::MatrixXf& w) {
  const auto q = lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>{{.block_size = 64}}.quantize(w);
#if COMPILE_FAIL
  const Eigen::MatrixXf y = lowbit::matmul(x, q);
#else
  const Eigen::MatrixXf y = lowbit::linear(x, q);
#endif
  static_cast<void>(y);
}
