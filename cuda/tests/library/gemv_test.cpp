// Quantized weights times floats, against the definition of the sums, bit for bit.
#include <lowbit/cuda/gemv.hpp>

#include "support/codecs.hpp"
#include "support/device_test.hpp"
#include "support/equal_bits.hpp"
#include "support/reference.hpp"
#include "support/sample_values.hpp"
#include "support/weight_sums.hpp"

namespace lowbit_test {
namespace {

namespace gpu = lowbit::cuda;

class Matvec : public DeviceTest {};

struct Size {
  std::size_t outputs, inputs, block_size;
};

template <class T, class C>
void check(const CodecPair<C>& codec, const Size& size, bool high_first, std::size_t shift, unsigned seed) {
  SCOPED_TRACE(testing::Message() << codec.name << " [" << size.outputs << ", " << size.inputs
                                  << "], block size " << size.block_size << ", " << sizeof(T)
                                  << "-byte activations, shift " << shift);
  constexpr std::size_t bits = lowbit::CodeTraits<typename C::Code>::bits, fields = 32 / bits;
  const std::size_t row_bytes = size.inputs * bits / 8, row_blocks = size.inputs / size.block_size;
  std::vector<std::uint8_t> codes(size.outputs * row_bytes);
  std::mt19937 engine(seed);
  for (std::uint8_t& c : codes) c = static_cast<std::uint8_t>(engine());
  std::vector<float> scales = normal_values(size.outputs * row_blocks, seed);
  std::vector<T> x;
  for (const float v : normal_values(size.inputs, seed + 1)) x.push_back(lowbit::from_float<T>(v));

  std::vector<T> expected;
  for (std::size_t r = 0; r < size.outputs; ++r) {
    std::vector<Term> terms((size.inputs + 16 * fields - 1) / (16 * fields) * (16 * fields));
    for (std::size_t i = 0; i < size.inputs; ++i)
      terms[i] = {codec.cpu.decode(load_code<C>(codes, r * size.inputs + i, high_first), {1.0f, 0}),
                  scales[r * row_blocks + i / size.block_size], lowbit::to_float(x[i])};
    expected.push_back(lowbit::from_float<T>(defined_sum(terms, fields)));
  }

  const DeviceArray<std::uint8_t> on_device(codes, shift);
  const DeviceArray<float> scales_on_device(scales);
  const DeviceArray<T> x_on_device(x, shift * sizeof(T));
  in_every_order([&] {
    const DeviceArray<T> y(size.outputs, sizeof(T));
    ASSERT_TRUE(is_ok(gpu::matvec(
        {codec.gpu, on_device.data(), scales_on_device.data(), static_cast<std::int64_t>(size.outputs),
         static_cast<std::int64_t>(size.inputs), static_cast<std::int64_t>(size.block_size), high_first},
        x_on_device.data(), y.data())));
    ASSERT_TRUE(equal_bits(y.to_host(), expected));
    ASSERT_TRUE(y.guards_are_whole());
  });
}

template <class T>
void check_sizes() {
  unsigned seed = 0;
  const auto check_all = [&](const auto& codec, std::initializer_list<Size> sizes) {
    for (const Size& size : sizes)
      for (const std::size_t shift : {0u, 1u})
        if (!testing::Test::HasFatalFailure()) {
          ++seed;
          check<T>(codec, size, seed % 4 >= 2, shift, seed);
        }
  };
  const std::initializer_list<Size> four_bits{{1, 2, 2},       {3, 16, 8},       {17, 64, 64},   {5, 128, 16},
                                              {33, 192, 64},   {16, 1022, 1022}, {4, 2048, 64},  {7, 2056, 8},
                                              {19, 4096, 128}, {2, 6144, 2048},  {150, 256, 256}};
  check_all(CodecPair("NF4", lowbit::Codebook<lowbit::NormalFloat4>{}), four_bits);
  check_all(CodecPair("FP4", lowbit::Codebook<lowbit::Float4>{}), {{18, 320, 64}});
  check_all(CodecPair("int4", lowbit::SymmetricInteger<lowbit::int4>{}), four_bits);
  check_all(CodecPair("int8", lowbit::SymmetricInteger<std::int8_t>{}), {{1, 1, 1},
                                                                         {3, 7, 7},
                                                                         {17, 64, 64},
                                                                         {16, 68, 4},
                                                                         {33, 509, 509},
                                                                         {4, 2048, 64},
                                                                         {7, 2052, 4},
                                                                         {19, 4096, 128},
                                                                         {150, 256, 256}});
}
TEST_F(Matvec, EverySizeOfFloat) { check_sizes<float>(); }
TEST_F(Matvec, EverySizeOfHalf) { check_sizes<lowbit::float16>(); }
TEST_F(Matvec, EverySizeOfBfloat16) { check_sizes<lowbit::bf16>(); }

TEST_F(Matvec, WithoutInputsTheProductIsZero) {
  const DeviceArray<float> y(std::vector<float>(3, 5.0f));
  ASSERT_TRUE(is_ok(gpu::matvec({gpu::normal_float4(), static_cast<const std::uint8_t*>(nullptr),
                                 static_cast<const float*>(nullptr), 3, 0, 0},
                                static_cast<const float*>(nullptr), y.data())));
  EXPECT_EQ(y.to_host(), std::vector<float>(3, 0.0f));
}

TEST_F(Matvec, RefusedCallsNameTheValueAndWriteNothing) {
  const DeviceArray<std::uint8_t> codes(std::vector<std::uint8_t>(1024, 1));
  const DeviceArray<float> scales(std::vector<float>(64, 1.0f)), x(std::vector<float>(64, 1.0f)), y(16);
  const auto multiply = [&](const gpu::BlockCodec& codec, std::int64_t inputs, std::int64_t block) {
    return gpu::matvec({codec, codes.data(), scales.data(), 16, inputs, block}, x.data(), y.data());
  };
  EXPECT_TRUE(refused(multiply(gpu::dynamic_map(), 64, 64), {"matvec", "8-bit codebook"}));
  EXPECT_TRUE(refused(multiply(gpu::normal_float4(), 63, 63), {"matvec", "63"}));
  EXPECT_TRUE(refused(multiply(gpu::normal_float4(), 64, 48), {"block size is 48", "64"}));
  EXPECT_TRUE(refused(multiply(gpu::normal_float4(), 64, 4), {"block size is 4"}));
  EXPECT_TRUE(refused(multiply(gpu::normal_float4(), -64, 4), {"inputs", "-64"}));
  EXPECT_TRUE(refused(gpu::matvec({gpu::normal_float4(), codes.data(), scales.data(), 16, 64, 64}, x.data(),
                                  gpu::Values(y.data(), gpu::ElementType::bf16)),
                      {"matvec", "different types"}));
  EXPECT_TRUE(refused(gpu::matvec({gpu::normal_float4(), codes.data(), scales.data(), 16, 64, 64},
                                  static_cast<const float*>(nullptr), y.data()),
                      {"x", "null"}));
  EXPECT_TRUE(y.untouched());
}

}  // namespace
}  // namespace lowbit_test
