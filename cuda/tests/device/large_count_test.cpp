// 2^31 + 5 values on a real device: checks both ends and the middle against the codec.
#include <lowbit/cuda/blockwise.hpp>

#include <lowbit/codec/codebook.hpp>

#include <array>

#include "support/block_samples.hpp"
#include "support/device_test.hpp"
#include "support/equal_bits.hpp"
#include "support/reference.hpp"

namespace lowbit_test {
namespace {

namespace gpu = lowbit::cuda;
using Codec = lowbit::Codebook<lowbit::NormalFloat4>;
using lowbit::bf16;

class LargeCount : public DeviceTest {};

TEST_F(LargeCount, OfNormalFloat4) {
  constexpr std::int64_t count = (std::int64_t{1} << 31) + 5, block_size = 64;
  const auto scale_count = static_cast<std::size_t>(gpu::block_count(count, block_size));
  std::size_t free = 0, total = 0;
  ASSERT_EQ(cudaMemGetInfo(&free, &total), cudaSuccess);
  if (free < std::size_t{11} << 30)
    GTEST_SKIP() << "needs 11 GiB of device memory, there are " << (free >> 30);
  const DeviceArray<bf16> x(count), y(count);
  const DeviceArray<std::uint8_t> codes(static_cast<std::size_t>(gpu::normal_float4().code_bytes(count)));
  const DeviceArray<float> scales(scale_count);
  ASSERT_EQ(cudaMemset(x.data(), 0, count * sizeof(bf16)), cudaSuccess);

  // Pieces that begin a block and a byte, the last one short.
  constexpr std::size_t size = 65536 + 5;
  constexpr std::array<std::int64_t, 3> firsts{0, (std::int64_t{1} << 30) + 64 * 12345,
                                               count - static_cast<std::int64_t>(size)};
  std::vector<std::vector<bf16>> pieces;
  for (const std::int64_t first : firsts) {
    pieces.push_back(block_samples<bf16>(Codec{}, size, block_size, static_cast<unsigned>(pieces.size())));
    ASSERT_EQ(cudaMemcpy(x.data() + first, pieces.back().data(), size * sizeof(bf16), cudaMemcpyHostToDevice),
              cudaSuccess);
  }
  ASSERT_TRUE(is_ok(gpu::quantize_blockwise(gpu::normal_float4(), x.data(), count, block_size, codes.data(),
                                            scales.data())));
  ASSERT_TRUE(is_ok(gpu::dequantize_blockwise(gpu::normal_float4(), codes.data(), scales.data(), count,
                                              block_size, y.data())));
  ASSERT_EQ(cudaDeviceSynchronize(), cudaSuccess);
  for (std::size_t k = 0; k < pieces.size(); ++k) {
    SCOPED_TRACE(firsts[k]);
    const Reference expected = quantize_by_definition<Codec, bf16>(Codec{}, pieces[k], block_size);
    const std::size_t whole = k + 1 == pieces.size() ? size : size - 5;  // the others end within a block
    std::vector<bf16> decoded(whole);
    ASSERT_EQ(cudaMemcpy(decoded.data(), y.data() + firsts[k], whole * sizeof(bf16), cudaMemcpyDeviceToHost),
              cudaSuccess);
    EXPECT_TRUE(equal_bits(decoded, dequantize_by_definition<bf16>(Codec{}, expected.codes, expected.scales,
                                                                   whole, block_size)));
  }
  EXPECT_TRUE(codes.guards_are_whole());
}

}  // namespace
}  // namespace lowbit_test
