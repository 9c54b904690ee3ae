// Quantized scales: made as lowbit::nest_scales makes them, read as lowbit::NestedScales reads them.
#include <lowbit/cuda/blockwise.hpp>
#include <lowbit/scale/nested_scales.hpp>

#include <random>

#include "support/codecs.hpp"
#include "support/device_test.hpp"
#include "support/equal_bits.hpp"
#include "support/reference.hpp"
#include "support/sample_values.hpp"

namespace lowbit_test {
namespace {

namespace gpu = lowbit::cuda;

class NestedScales : public DeviceTest {};

template <class T>
std::vector<T> copy_of(std::span<const T> s) {
  return {s.begin(), s.end()};
}

std::vector<float> scales_of(std::size_t count) {
  std::vector<float> scales = normal_values(count, static_cast<unsigned>(count), 0.1f);
  for (float& s : scales) s = std::fabs(s) + (count % 3 == 0 ? 1000.0f : 0.0f);
  if (count > 5) scales[5] = 0.0f;
  if (count % 5 == 2)  // from 2^96 to the largest float
    for (float& s : scales) s = std::fmin(s * 2e38f, std::numeric_limits<float>::max());
  return scales;
}

void check_nesting(const std::vector<float>& values) {
  lowbit::NestedScales::Array expected;
  lowbit::NestedScales{}.store(values, lowbit::Levels{1.0f}, expected);
  const auto n = static_cast<std::int64_t>(values.size());
  const DeviceArray<float> scales(values);
  in_every_order([&] {
    const DeviceArray<std::uint8_t> codes(values.size(), 1);
    const DeviceArray<float> absmax(expected.absmax().size()), mean(1);
    const DeviceArray<char> workspace(static_cast<std::size_t>(gpu::nest_scales_workspace(n)));
    ASSERT_TRUE(is_ok(
        gpu::nest_scales(scales.data(), n, codes.data(), absmax.data(), mean.data(), workspace.data())));
    ASSERT_TRUE(equal_bits(mean.to_host(), std::vector<float>{expected.mean()}));
    ASSERT_TRUE(equal_bits(absmax.to_host(), copy_of<float>(std::as_const(expected).absmax())));
    ASSERT_TRUE(equal_bits(codes.to_host(), copy_of<std::uint8_t>(std::as_const(expected).codes())));
    ASSERT_TRUE(codes.guards_are_whole() && absmax.guards_are_whole() && mean.guards_are_whole() &&
                workspace.guards_are_whole());
  });
}

TEST_F(NestedScales, AreMadeAsOnTheCpu) {
  for (const std::size_t count : {0u, 1u, 2u, 100u, 255u, 256u, 257u, 1000u, 1002u, 5000u}) {
    SCOPED_TRACE(count);
    check_nesting(scales_of(count));
  }
}

/// Sums that doubles would round, differently in every order.
TEST_F(NestedScales, AreMadeAsOnTheCpuWhateverTheirSizes) {
  std::vector<float> one_tiny = normal_values(20000, 1);
  for (float& s : one_tiny) s = std::fabs(s);
  one_tiny[777] = std::numeric_limits<float>::denorm_min();
  check_nesting(one_tiny);

  // A mean half way between two floats but for what doubles would lose of the sum, one value after the other.
  std::vector<float> half(16384, 0x1p-40f);
  std::fill_n(half.begin(), 4096, 1.0f);
  std::fill_n(half.begin() + 4096, 4096, std::nextafter(1.0f, 2.0f));
  check_nesting(half);
  std::reverse(half.begin(), half.end());
  check_nesting(half);

  // What cancels is far apart.
  std::vector<float> far(9000, 0.0f);
  far.front() = 0x1p100f;
  far[4500] = 1.0f;
  far.back() = -0x1p100f;
  check_nesting(far);
  // Every exponent, and both signs, which cancel.
  std::vector<float> wide = special_finite_values();
  std::mt19937 engine(5);
  while (wide.size() < 9000) {
    const float v = std::ldexp(1.0f + std::ldexp(static_cast<float>(engine() >> 8), -24),
                               static_cast<int>(engine() % 250) - 125);
    wide.push_back(v);
    wide.push_back(engine() % 8 == 0 ? v : -v);
  }
  wide.resize(9001);
  for (float& v : wide) v *= 0.25f;  // none is too large without the mean
  check_nesting(wide);
}

/// Decodes random codes under nested scales with the given levels.
template <class T, class C>
void check_decoding(const CodecPair<C>& codec, std::size_t count, std::size_t block_size,
                    const float* levels) {
  SCOPED_TRACE(testing::Message() << codec.name << ", " << count << " elements of " << sizeof(T) << " bytes");
  const std::size_t blocks = (count + block_size - 1) / block_size;
  lowbit::NestedScales::Array nested;
  lowbit::NestedScales{}.store(scales_of(blocks), lowbit::Levels{1.0f}, nested);
  if (levels != nullptr)
    nested = lowbit::NestedScales::Array(copy_of<std::uint8_t>(std::as_const(nested).codes()),
                                         copy_of<float>(std::as_const(nested).absmax()), nested.mean(),
                                         std::span(levels, 256));
  std::vector<float> scales;
  for (std::size_t b = 0; b < blocks; ++b) scales.push_back(nested[b]);
  std::vector<std::uint8_t> values(lowbit::storage_bytes<typename C::Code>(count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i * 89 + i / 256);

  const DeviceArray<std::uint8_t> codes(values),
      scale_codes(copy_of<std::uint8_t>(std::as_const(nested).codes()), 3);
  const DeviceArray<float> absmax(copy_of<float>(std::as_const(nested).absmax())),
      mean(std::vector<float>{nested.mean()});
  in_every_order([&] {
    const DeviceArray<T> y(count);
    ASSERT_TRUE(is_ok(gpu::dequantize_blockwise(
        codec.gpu, codes.data(),
        gpu::NestedScalesView{scale_codes.data(), absmax.data(), mean.data(), levels},
        static_cast<std::int64_t>(count), static_cast<std::int64_t>(block_size), y.data())));
    ASSERT_TRUE(
        equal_bits(y.to_host(), dequantize_by_definition<T>(codec.cpu, values, scales, count, block_size)));
    ASSERT_TRUE(y.guards_are_whole());
  });
}

TEST_F(NestedScales, AreReadAsOnTheCpu) {
  const CodecPair nf4("NF4", lowbit::Codebook<lowbit::NormalFloat4>{});
  const CodecPair map("dynamic map", lowbit::Codebook<lowbit::DynamicMap>{});
  const std::vector<float> levels = uneven_levels(256);
  ASSERT_EQ(levels.size(), 256u);
  check_decoding<float>(nf4, 9001, 32, nullptr);
  check_decoding<lowbit::bf16>(nf4, 8192 + 31, 64, nullptr);
  check_decoding<lowbit::float16>(map, 4096, 256, nullptr);
  check_decoding<lowbit::bf16>(map, 20000, 32, levels.data());
}

TEST_F(NestedScales, RefusedCallsWriteNothing) {
  const DeviceArray<float> scales(std::vector<float>(64, 1.0f)), absmax(1), mean(1);
  const DeviceArray<std::uint8_t> codes(64);
  const DeviceArray<char> workspace(4096);
  EXPECT_TRUE(
      refused(gpu::nest_scales(scales.data(), -1, codes.data(), absmax.data(), mean.data(), workspace.data()),
              {"nest_scales", "-1"}));
  EXPECT_TRUE(
      refused(gpu::nest_scales(scales.data(), 64, nullptr, absmax.data(), mean.data(), workspace.data()),
              {"codes", "null"}));
  EXPECT_TRUE(refused(gpu::dequantize_blockwise(gpu::dynamic_map(), codes.data(),
                                                gpu::NestedScalesView{codes.data(), nullptr, mean.data()}, 64,
                                                64, absmax.data()),
                      {"dequantize_blockwise", "absmax", "null"}));
  EXPECT_TRUE(codes.untouched() && absmax.untouched() && mean.untouched());
}

}  // namespace
}  // namespace lowbit_test
