// Every blockwise kernel at whole and partial sizes, against the codecs' own functions, bit for bit.
#include <lowbit/cuda/blockwise.hpp>

#include "support/block_samples.hpp"
#include "support/codecs.hpp"
#include "support/device_test.hpp"
#include "support/equal_bits.hpp"
#include "support/reference.hpp"

namespace lowbit_test {
namespace {

namespace gpu = lowbit::cuda;

class Blockwise : public DeviceTest {};

struct Place {
  std::size_t x_shift = 0, code_shift = 0;  ///< elements of x, bytes of codes, behind an aligned address
  bool high_first = false;
};

/// Both directions of one codec, for elements of type T.
template <class T, class C>
void check(const CodecPair<C>& codec, std::size_t count, std::size_t block_size, unsigned seed,
           const Place& place = {}) {
  SCOPED_TRACE(testing::Message() << codec.name << ", " << sizeof(T) << "-byte elements, count " << count
                                  << ", block size " << block_size << ", seed " << seed << ", shifts "
                                  << place.x_shift << " and " << place.code_shift);
  const std::vector<T> values = block_samples<T>(codec.cpu, count, block_size, seed);
  const Reference expected = quantize_by_definition<C, T>(codec.cpu, values, block_size, place.high_first);
  const auto n = static_cast<std::int64_t>(count), b = static_cast<std::int64_t>(block_size);
  const DeviceArray<T> x(values, place.x_shift * sizeof(T));
  in_every_order([&] {
    const DeviceArray<std::uint8_t> codes(expected.codes.size(), place.code_shift);
    const DeviceArray<float> scales(expected.scales.size(), sizeof(float));
    const DeviceArray<unsigned long long> non_finite(std::vector<unsigned long long>{5});
    ASSERT_TRUE(is_ok(
        gpu::quantize_blockwise(codec.gpu, x.data(), n, b, codes.data(), scales.data(),
                                {.high_nibble_first = place.high_first, .non_finite = non_finite.data()})));
    ASSERT_TRUE(equal_bits(scales.to_host(), expected.scales));
    ASSERT_TRUE(equal_bits(codes.to_host(), expected.codes));
    ASSERT_EQ(non_finite.to_host()[0], 5 + expected.non_finite);
    ASSERT_TRUE(codes.guards_are_whole() && scales.guards_are_whole());

    const DeviceArray<T> y(count, place.x_shift * sizeof(T));
    ASSERT_TRUE(is_ok(gpu::dequantize_blockwise(codec.gpu, codes.data(), scales.data(), n, b, y.data(),
                                                {.high_nibble_first = place.high_first})));
    ASSERT_TRUE(
        equal_bits(y.to_host(), dequantize_by_definition<T>(codec.cpu, expected.codes, expected.scales, count,
                                                            block_size, place.high_first)));
    ASSERT_TRUE(y.guards_are_whole());
  });
}

constexpr std::size_t block_sizes[] = {32, 64, 128, 256, 512, 1024, 2048, 4096};
constexpr std::size_t tile = 4096;  // values of a block of threads, a multiple of all block sizes

/// All kernels of one type of element: a whole tile, and a part of one whose last block is short.
template <class T>
void check_every_block_size() {
  unsigned seed = 0;
  for_each_codec([&](const auto& codec) {
    for (const std::size_t block_size : block_sizes) {
      if (testing::Test::HasFatalFailure()) return;
      check<T>(codec, tile + 3 * block_size / 2 + 5, block_size, ++seed);
    }
  });
}
TEST_F(Blockwise, EveryCodecAndBlockSizeOfFloat) { check_every_block_size<float>(); }
TEST_F(Blockwise, EveryCodecAndBlockSizeOfHalf) { check_every_block_size<lowbit::float16>(); }
TEST_F(Blockwise, EveryCodecAndBlockSizeOfBfloat16) { check_every_block_size<lowbit::bf16>(); }

/// Counts from 1 on, and around the units of kernels.
template <class T>
void check_counts(std::size_t block_size) {
  unsigned seed = 100;
  const auto check_all = [&](const auto& codec) {
    for (const std::size_t count :
         {1u, 2u, 7u, 8u, 9u, 15u, 16u, 17u, 31u, 32u, 33u, 127u, 511u, 512u, 513u, 4095u, 4096u, 4097u})
      if (!testing::Test::HasFatalFailure())
        check<T>(codec, count, block_size, ++seed, {.high_first = count % 2 == 1});
  };
  check_all(CodecPair("dynamic map", lowbit::Codebook<lowbit::DynamicMap>{}));
  check_all(CodecPair("NF4", lowbit::Codebook<lowbit::NormalFloat4>{}));
  check_all(CodecPair("int8", lowbit::SymmetricInteger<std::int8_t>{}));
  check_all(CodecPair("int4", lowbit::SymmetricInteger<lowbit::int4>{}));
}
TEST_F(Blockwise, EveryCountOfFloat) { check_counts<float>(64); }
TEST_F(Blockwise, EveryCountOfHalf) { check_counts<lowbit::float16>(2048); }
TEST_F(Blockwise, EveryCountOfBfloat16) { check_counts<lowbit::bf16>(256); }

template <class T>
void check_alignments() {
  unsigned seed = 500;
  const auto check_all = [&](const auto& codec) {
    for (const Place& place : {Place{1, 0, true}, Place{0, 1, true}, Place{2, 4, false}, Place{3, 7, true},
                               Place{4, 8, false}, Place{8, 2, true}})
      for (const std::size_t block_size : {64u, 1024u})
        if (!testing::Test::HasFatalFailure()) check<T>(codec, tile + 77, block_size, ++seed, place);
  };
  check_all(CodecPair("dynamic map", lowbit::Codebook<lowbit::DynamicMap>{}));
  check_all(CodecPair("NF4", lowbit::Codebook<lowbit::NormalFloat4>{}));
  check_all(CodecPair("int4", lowbit::SymmetricInteger<lowbit::int4>{}));
}
TEST_F(Blockwise, AnyAlignmentOfFloat) { check_alignments<float>(); }
TEST_F(Blockwise, AnyAlignmentOfHalf) { check_alignments<lowbit::float16>(); }
TEST_F(Blockwise, AnyAlignmentOfBfloat16) { check_alignments<lowbit::bf16>(); }

// More tiles than thread blocks: each block loops over tiles. The emulated device holds few blocks.
TEST_F(Blockwise, ThreadsGoOnToFurtherTiles) {
  const std::size_t count = 23 * tile + 1001;
  check<float>(CodecPair("dynamic map", lowbit::Codebook<lowbit::DynamicMap>{}), count, 64, 900);
  check<lowbit::bf16>(CodecPair("NF4", lowbit::Codebook<lowbit::NormalFloat4>{}), count, 4096, 901);
  check<lowbit::float16>(CodecPair("int8", lowbit::SymmetricInteger<std::int8_t>{}), count, 512, 902);
}

// Every pair of neighbouring floats between which a code changes, and every half.
TEST_F(Blockwise, EveryHalfOfABlock) {
  std::vector<lowbit::float16> values(0x10000);
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits)
    values[bits].bits = static_cast<std::uint16_t>(bits * 40503u);
  const DeviceArray<lowbit::float16> x(values);
  const CodecPair codec("dynamic map", lowbit::Codebook<lowbit::DynamicMap>{});
  const Reference expected =
      quantize_by_definition<lowbit::Codebook<lowbit::DynamicMap>, lowbit::float16>(codec.cpu, values, 256);
  const DeviceArray<std::uint8_t> codes(values.size());
  const DeviceArray<float> scales(expected.scales.size());
  ASSERT_TRUE(is_ok(gpu::quantize_blockwise(codec.gpu, x.data(), 0x10000, 256, codes.data(), scales.data())));
  EXPECT_TRUE(equal_bits(scales.to_host(), expected.scales));
  EXPECT_TRUE(equal_bits(codes.to_host(), expected.codes));
}

TEST_F(Blockwise, EmptyInputLaunchesNothing) {
  EXPECT_TRUE(is_ok(gpu::quantize_blockwise(gpu::dynamic_map(), static_cast<const float*>(nullptr), 0, 64,
                                            static_cast<std::uint8_t*>(nullptr), nullptr)));
  EXPECT_TRUE(is_ok(gpu::dequantize_blockwise(gpu::normal_float4(), static_cast<const std::uint8_t*>(nullptr),
                                              static_cast<const float*>(nullptr), 0, 64,
                                              static_cast<float*>(nullptr))));
}

TEST_F(Blockwise, RefusedCallsNameTheValueAndWriteNothing) {
  const DeviceArray<float> x(std::vector<float>(256, 1.0f)), scales(16), y(256);
  const DeviceArray<std::uint8_t> codes(256);
  const auto quantize = [&](const float* from, std::int64_t n, std::int64_t block, std::uint8_t* to,
                            float* s) {
    return gpu::quantize_blockwise(gpu::dynamic_map(), from, n, block, to, s);
  };
  for (const std::int64_t block : {0, 1, 16, 48, 63, 96, 4095, 8192, -64})
    EXPECT_TRUE(refused(quantize(x.data(), 256, block, codes.data(), scales.data()),
                        {"quantize_blockwise", "block size is", std::to_string(block)}));
  EXPECT_TRUE(refused(quantize(x.data(), -1, 64, codes.data(), scales.data()), {"quantize_blockwise", "-1"}));
  EXPECT_TRUE(refused(quantize(nullptr, 256, 64, codes.data(), scales.data()), {"x", "null"}));
  EXPECT_TRUE(refused(quantize(x.data(), 256, 64, nullptr, scales.data()), {"codes", "null"}));
  EXPECT_TRUE(refused(quantize(x.data(), 256, 64, codes.data(), nullptr), {"scales", "null"}));
  const auto odd = [](float* p) { return reinterpret_cast<float*>(reinterpret_cast<std::uintptr_t>(p) + 2); };
  EXPECT_TRUE(refused(quantize(odd(x.data()), 256, 64, codes.data(), scales.data()), {"x", "multiple of 4"}));
  EXPECT_TRUE(
      refused(quantize(x.data(), 256, 64, codes.data(), odd(scales.data())), {"scales", "multiple of 4"}));
  EXPECT_TRUE(
      refused(gpu::dequantize_blockwise(gpu::dynamic_map(), codes.data(), scales.data(), 256, 100, y.data()),
              {"dequantize_blockwise", "block size is 100"}));
  EXPECT_TRUE(codes.untouched() && scales.untouched() && y.untouched());
}

}  // namespace
}  // namespace lowbit_test
