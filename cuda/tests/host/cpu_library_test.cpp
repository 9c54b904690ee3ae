// What the CPU library writes for the same elements, through its own classes and vector kernels.
#include <lowbit/cuda.hpp>
#include <lowbit/lowbit.hpp>

#include "support/block_samples.hpp"
#include "support/device_test.hpp"
#include "support/equal_bits.hpp"

namespace lowbit_test {
namespace {

namespace gpu = lowbit::cuda;
using lowbit::bf16;

class CpuLibrary : public DeviceTest {};

template <class To, class From>
std::vector<To> bytes_of(const From& codes) {
  return {reinterpret_cast<const To*>(codes.data()),
          reinterpret_cast<const To*>(codes.data() + codes.size())};
}
std::vector<float> copy_of(std::span<const float> s) { return {s.begin(), s.end()}; }

constexpr lowbit::Options saturate{.non_finite = lowbit::NonFinite::saturate};

template <class Table, class T, class Code>
void check_blocks(const gpu::BlockCodec& codec, std::size_t count, lowbit::Index block_size) {
  const lowbit::BlockwiseQuantizer<Table> quantizer{{.block_size = block_size}};
  const std::vector<T> values =
      block_samples<T>(quantizer.codec(), count, static_cast<std::size_t>(block_size), 5);
  const auto expected = quantizer.quantize(std::span<const T>(values), saturate);
  std::vector<T> decoded(count);
  expected.dequantize_into(std::span<T>(decoded));

  const auto n = static_cast<std::int64_t>(count);
  const DeviceArray<T> x(values), y(count);
  const DeviceArray<Code> codes(expected.codes().size());
  const DeviceArray<float> scales(expected.scales().size());
  ASSERT_TRUE(is_ok(gpu::quantize_blockwise(codec, x.data(), n, block_size, codes.data(), scales.data())));
  ASSERT_TRUE(is_ok(gpu::dequantize_blockwise(codec, codes.data(), scales.data(), n, block_size, y.data())));
  EXPECT_TRUE(equal_bits(scales.to_host(), copy_of(expected.scales())));
  EXPECT_TRUE(equal_bits(codes.to_host(), bytes_of<Code>(expected.codes())));
  EXPECT_TRUE(equal_bits(y.to_host(), decoded));
}

TEST_F(CpuLibrary, BlockwiseQuantizerWritesTheSame) {
  check_blocks<lowbit::DynamicMap, float, std::uint8_t>(gpu::dynamic_map(), 12345, 256);
  check_blocks<lowbit::NormalFloat4, bf16, std::uint8_t>(gpu::normal_float4(), 12345, 64);
  check_blocks<std::int8_t, float, std::int8_t>(gpu::int8_absmax(), 12345, 4096);
}

TEST_F(CpuLibrary, PerChannelAndPerTensorQuantizersWriteTheSame) {
  constexpr lowbit::Index row_count = 13, column_count = 1000;
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  std::vector<float> values = block_samples<float>(lowbit::SymmetricInteger<std::int8_t>{},
                                                   row_count * column_count, column_count, 2);
  const Eigen::Map<const Matrix> matrix(values.data(), row_count, column_count);
  const DeviceArray<float> x(values), scales(row_count);
  const DeviceArray<std::int8_t> codes(values.size());
  const DeviceArray<char> workspace(static_cast<std::size_t>(gpu::tensor_workspace()));

  const auto rows =
      lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel>{{.axis = 0}}.quantize(matrix, saturate);
  ASSERT_TRUE(is_ok(gpu::quantize_rows(x.data(), row_count, column_count, codes.data(), scales.data())));
  EXPECT_TRUE(equal_bits(scales.to_host(), copy_of(rows.scales())));
  EXPECT_TRUE(equal_bits(codes.to_host(), bytes_of<std::int8_t>(rows.codes())));

  const auto whole = lowbit::ZeroPointQuantizer<std::uint8_t>{}.quantize(matrix, saturate);
  const DeviceArray<std::uint8_t> unsigned_codes(values.size());
  const DeviceArray<float> scale(1);
  const DeviceArray<std::int32_t> zero_point(1);
  ASSERT_TRUE(is_ok(gpu::quantize_tensor_zero_point(x.data(), row_count * column_count, unsigned_codes.data(),
                                                    scale.data(), zero_point.data(), workspace.data())));
  EXPECT_TRUE(equal_bits(scale.to_host(), copy_of(whole.scales())));
  EXPECT_EQ(zero_point.to_host()[0], whole.zero_points()[0]);
  EXPECT_TRUE(equal_bits(unsigned_codes.to_host(), bytes_of<std::uint8_t>(whole.codes())));
}

}  // namespace
}  // namespace lowbit_test
