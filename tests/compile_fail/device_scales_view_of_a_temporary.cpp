// EXPECT: scales_view\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/blockwise.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/cuda.hpp>

void use(const Eigen::MatrixXf& w) {
  const auto x = lowbit::cuda::to_device(w);
  const lowbit::BlockwiseQuantizer<lowbit::NormalFloat4> quantizer{{.block_size = 64}};
#if COMPILE_FAIL
  const auto part = quantizer.quantize(x.view()).scales_view();
#else
  const auto q = quantizer.quantize(x.view());
  const auto part = q.scales_view();
#endif
  static_cast<void>(part);
}
