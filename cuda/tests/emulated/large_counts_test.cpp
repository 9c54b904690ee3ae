// Counts above 2^31 on memory that is mostly never touched: a grid has a block for every tile, of which only
// those at its ends run.
#include <lowbit/cuda.hpp>

#include "simt/machine.hpp"
#include "support/block_samples.hpp"
#include "support/device_test.hpp"
#include "support/equal_bits.hpp"
#include "support/reference.hpp"

namespace lowbit_test {
namespace {

namespace gpu = lowbit::cuda;

class LargeCounts : public testing::Test {
 protected:
  void SetUp() override {
    simt::settings() = {};
    simt::settings().multiprocessors = 1 << 24;
    simt::settings().runs = [](uint3 block) { return block.x < 2 || block.x + 2 >= gridDim.x; };
  }
  void TearDown() override { simt::settings() = {}; }
};

/// Memory without guards, which would have to be filled.
template <class T>
class Sparse {
 public:
  explicit Sparse(std::int64_t n) {
    require_success(cudaMalloc(&data_, static_cast<std::size_t>(n) * sizeof(T)), "cudaMalloc");
  }
  ~Sparse() { (void)cudaFree(data_); }
  Sparse(const Sparse&) = delete;
  Sparse& operator=(const Sparse&) = delete;
  T* data() const { return data_; }

  void put(std::int64_t first, const std::vector<T>& values) {
    require_success(
        cudaMemcpy(data_ + first, values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice), "put");
  }
  std::vector<T> get(std::int64_t first, std::size_t n) const {
    std::vector<T> values(n);
    require_success(cudaMemcpy(values.data(), data_ + first, n * sizeof(T), cudaMemcpyDeviceToHost), "get");
    return values;
  }

 private:
  T* data_ = nullptr;
};

constexpr std::int64_t large = (std::int64_t{1} << 31) + 5, tile = 4096;

TEST_F(LargeCounts, BlockwiseReachesTheLastValue) {
  const lowbit::Codebook<lowbit::DynamicMap> codec;
  const std::int64_t first = large - 5 - tile, blocks = gpu::block_count(large, 64);
  const std::vector<float> values = block_samples<float>(codec, tile + 5, 64, 3);
  const auto expected =
      quantize_by_definition<lowbit::Codebook<lowbit::DynamicMap>, float>(codec, values, 64);
  Sparse<float> x(large), scales(blocks);
  Sparse<std::uint8_t> codes(large);
  x.put(first, values);
  ASSERT_TRUE(
      is_ok(gpu::quantize_blockwise(gpu::dynamic_map(), x.data(), large, 64, codes.data(), scales.data())));
  EXPECT_TRUE(equal_bits(codes.get(first, tile + 5), expected.codes));
  EXPECT_TRUE(equal_bits(scales.get(blocks - tile / 64 - 1, tile / 64 + 1), expected.scales));
  Sparse<float> y(large);
  ASSERT_TRUE(
      is_ok(gpu::dequantize_blockwise(gpu::dynamic_map(), codes.data(), scales.data(), large, 64, y.data())));
  EXPECT_TRUE(equal_bits(y.get(first, tile + 5), dequantize_by_definition<float>(
                                                     codec, expected.codes, expected.scales, tile + 5, 64)));
}

TEST_F(LargeCounts, BlockwiseReachesTheLastNibble) {
  const lowbit::Codebook<lowbit::NormalFloat4> codec;
  const std::int64_t count = 3 * (std::int64_t{1} << 31) + 5, first = count - 5 - tile;
  const std::vector<lowbit::bf16> values = block_samples<lowbit::bf16>(codec, tile + 5, 4096, 12);
  const auto expected =
      quantize_by_definition<lowbit::Codebook<lowbit::NormalFloat4>, lowbit::bf16>(codec, values, 4096);
  Sparse<lowbit::bf16> x(count);
  Sparse<float> scales(gpu::block_count(count, 4096));
  Sparse<std::uint8_t> codes(gpu::normal_float4().code_bytes(count));
  x.put(first, values);
  ASSERT_TRUE(is_ok(
      gpu::quantize_blockwise(gpu::normal_float4(), x.data(), count, 4096, codes.data(), scales.data())));
  EXPECT_TRUE(equal_bits(codes.get(first / 2, expected.codes.size()), expected.codes));
  EXPECT_TRUE(equal_bits(scales.get(first / 4096, 2), expected.scales));
}

TEST_F(LargeCounts, RowsReachTheLastValue) {
  using Int8 = lowbit::SymmetricInteger<std::int8_t>;
  for (const std::int64_t columns : {std::int64_t{24}, std::int64_t{8200}}) {
    const std::int64_t rows = large / columns + 1, first = (rows - 1) * columns;
    const std::vector<float> values =
        block_samples<float>(Int8{}, static_cast<std::size_t>(columns), 4096, 0);
    const auto expected = quantize_by_definition<Int8, float>(Int8{}, values, values.size());
    Sparse<float> x(rows * columns), scales(rows);
    Sparse<std::int8_t> codes(rows * columns);
    x.put(first, values);
    ASSERT_TRUE(is_ok(gpu::quantize_rows(x.data(), rows, columns, codes.data(), scales.data())));
    EXPECT_TRUE(equal_bits(scales.get(rows - 1, 1), expected.scales));
    EXPECT_TRUE(equal_bits(codes.get(first, values.size()),
                           std::vector<std::int8_t>(expected.codes.begin(), expected.codes.end())));
  }
}

}  // namespace
}  // namespace lowbit_test
