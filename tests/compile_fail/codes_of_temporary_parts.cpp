// EXPECT: codes\(\) of a temporary would refer to memory that is gone at the end of the statement
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/nested.hpp>

std::uint8_t first(const Eigen::MatrixXf& w) {
  const lowbit::NestedQuantizer<lowbit::NormalFloat4> quantizer{{.block_size = 64}};
#if COMPILE_FAIL
  const auto codes = quantizer.quantize(w).parts().scales.codes();
#else
  const auto parts = quantizer.quantize(w).parts();  // parts of a temporary are moved out of it
  const auto codes = parts.scales.codes();
#endif
  return codes[0];
}
