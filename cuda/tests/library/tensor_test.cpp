// One scale for all elements against the codecs' own functions, bit for bit.
#include <lowbit/cuda/tensor.hpp>

#include <lowbit/codec/symmetric.hpp>

#include "support/block_samples.hpp"
#include "support/device_test.hpp"
#include "support/equal_bits.hpp"
#include "support/reference.hpp"

namespace lowbit_test {
namespace {

namespace gpu = lowbit::cuda;
using Int8 = lowbit::SymmetricInteger<std::int8_t>;
using Uint8 = lowbit::AffineInteger<std::uint8_t>;

class Tensor : public DeviceTest {
 protected:
  /// `Stream` of the calls is the default one.
  template <class T>
  static void check(std::size_t count, std::size_t shift, unsigned seed) {
    SCOPED_TRACE(testing::Message() << count << " elements of " << sizeof(T) << " bytes, shift " << shift
                                    << ", seed " << seed);
    const std::vector<T> values = block_samples<T>(Int8{}, count, count, seed);
    const DeviceArray<T> x(values, shift * sizeof(T));
    check_absmax(values, x, shift);
    check_zero_point(values, x, shift);
  }

 private:
  template <class T>
  static void check_absmax(const std::vector<T>& values, const DeviceArray<T>& x, std::size_t shift) {
    const auto n = static_cast<std::int64_t>(values.size());
    const Reference expected = quantize_by_definition<Int8, T>(Int8{}, values, values.size());
    in_every_order([&] {
      const DeviceArray<char> workspace(static_cast<std::size_t>(gpu::tensor_workspace()));
      const DeviceArray<std::int8_t> codes(values.size(), shift);
      const DeviceArray<float> scale(1);
      const DeviceArray<unsigned long long> non_finite(std::vector<unsigned long long>{1});
      ASSERT_TRUE(is_ok(gpu::quantize_tensor_absmax(x.data(), n, codes.data(), scale.data(), workspace.data(),
                                                    nullptr, non_finite.data())));
      ASSERT_TRUE(equal_bits(scale.to_host(), expected.scales));
      ASSERT_TRUE(equal_bits(codes.to_host(),
                             std::vector<std::int8_t>(expected.codes.begin(), expected.codes.end())));
      ASSERT_EQ(non_finite.to_host()[0], 1 + expected.non_finite);
      ASSERT_TRUE(codes.guards_are_whole() && scale.guards_are_whole() && workspace.guards_are_whole());

      const DeviceArray<T> y(values.size(), shift * sizeof(T));
      ASSERT_TRUE(is_ok(gpu::dequantize_tensor(codes.data(), scale.data(), n, y.data())));
      ASSERT_TRUE(equal_bits(y.to_host(), dequantize_by_definition<T>(Int8{}, expected.codes, expected.scales,
                                                                      values.size(), values.size())));
      ASSERT_TRUE(y.guards_are_whole());
    });
  }

  template <class T>
  static void check_zero_point(const std::vector<T>& values, const DeviceArray<T>& x, std::size_t shift) {
    const auto n = static_cast<std::int64_t>(values.size());
    lowbit::Range range;
    for (const T& v : values)
      if (lowbit::is_finite(lowbit::to_float(v)))
        range = range.merged({lowbit::to_float(v), lowbit::to_float(v)});
    const lowbit::Parameters p = choose(Uint8{}, range);
    const lowbit::Encoding e = Uint8{}.prepare(p);
    std::vector<std::uint8_t> expected;
    std::vector<T> decoded;
    for (const T& v : values) {
      expected.push_back(Uint8{}.encode(lowbit::to_float(v), e));
      decoded.push_back(lowbit::from_float<T>(Uint8{}.decode(expected.back(), p)));
    }
    in_every_order([&] {
      const DeviceArray<char> workspace(static_cast<std::size_t>(gpu::tensor_workspace()));
      const DeviceArray<std::uint8_t> codes(values.size(), shift);
      const DeviceArray<float> scale(1);
      const DeviceArray<std::int32_t> zero_point(1);
      ASSERT_TRUE(is_ok(gpu::quantize_tensor_zero_point(x.data(), n, codes.data(), scale.data(),
                                                        zero_point.data(), workspace.data())));
      ASSERT_TRUE(equal_bits(scale.to_host(), std::vector<float>{p.scale}));
      ASSERT_EQ(zero_point.to_host()[0], p.zero_point);
      ASSERT_TRUE(equal_bits(codes.to_host(), expected));
      ASSERT_TRUE(codes.guards_are_whole() && zero_point.guards_are_whole());

      const DeviceArray<T> y(values.size(), shift * sizeof(T));
      ASSERT_TRUE(is_ok(gpu::dequantize_tensor(codes.data(), scale.data(), zero_point.data(), n, y.data())));
      ASSERT_TRUE(equal_bits(y.to_host(), decoded));
    });
  }
};

// Seeds choose what the elements are: see fill_block.
TEST_F(Tensor, EveryKindOfValue) {
  for (unsigned seed = 0; seed < 12; ++seed)
    for (const std::size_t count : {200u, 4111u}) {
      if (HasFatalFailure()) return;
      check<float>(count, 0, seed);
      check<lowbit::float16>(count, 0, seed);
      check<lowbit::bf16>(count, 0, seed);
    }
}
TEST_F(Tensor, EveryCountAndAlignment) {
  unsigned seed = 100;
  for (const std::size_t count : {1u, 2u, 7u, 9u, 33u, 257u, 4096u, 8195u})
    for (const std::size_t shift : {0u, 3u}) {
      if (HasFatalFailure()) return;
      check<float>(count, shift, ++seed);
      check<lowbit::float16>(count, shift, ++seed);
      check<lowbit::bf16>(count, shift, ++seed);
    }
}
TEST_F(Tensor, ThreadsGoOnToFurtherTiles) { check<float>(40 * 4096 + 17, 0, 12); }

// All values on one side of 0, where the range is widened.
TEST_F(Tensor, RangesAreWidenedToHoldZero) {
  for (const float sign : {1.0f, -1.0f}) {
    std::vector<float> values;
    for (int i = 0; i < 100; ++i) values.push_back(sign * (3.0f + 0.01f * static_cast<float>(i)));
    const DeviceArray<float> x(values), scale(1);
    const DeviceArray<char> workspace(static_cast<std::size_t>(gpu::tensor_workspace()));
    const DeviceArray<std::uint8_t> codes(100);
    const DeviceArray<std::int32_t> zero_point(1);
    ASSERT_TRUE(is_ok(gpu::quantize_tensor_zero_point(x.data(), 100, codes.data(), scale.data(),
                                                      zero_point.data(), workspace.data())));
    EXPECT_EQ(zero_point.to_host()[0], sign > 0 ? 0 : 255);
    EXPECT_EQ(codes.to_host()[99], sign > 0 ? 255 : 0);
  }
}

TEST_F(Tensor, NoElementsStillHaveParameters) {
  const DeviceArray<char> workspace(static_cast<std::size_t>(gpu::tensor_workspace()));
  const DeviceArray<float> scale(1);
  const DeviceArray<std::int32_t> zero_point(1);
  ASSERT_TRUE(is_ok(gpu::quantize_tensor_absmax(static_cast<const float*>(nullptr), 0, nullptr, scale.data(),
                                                workspace.data())));
  EXPECT_TRUE(equal_bits(scale.to_host(), std::vector<float>{choose(Int8{}, {}).scale}));
  ASSERT_TRUE(is_ok(gpu::quantize_tensor_zero_point(static_cast<const float*>(nullptr), 0, nullptr,
                                                    scale.data(), zero_point.data(), workspace.data())));
  EXPECT_TRUE(equal_bits(scale.to_host(), std::vector<float>{choose(Uint8{}, {}).scale}));
  EXPECT_EQ(zero_point.to_host()[0], choose(Uint8{}, {}).zero_point);
}

TEST_F(Tensor, RefusedCallsNameTheValueAndWriteNothing) {
  const DeviceArray<char> workspace(static_cast<std::size_t>(gpu::tensor_workspace()));
  const DeviceArray<float> x(std::vector<float>(64, 1.0f)), scale(1);
  const DeviceArray<std::int8_t> codes(64);
  EXPECT_TRUE(refused(gpu::quantize_tensor_absmax(x.data(), -5, codes.data(), scale.data(), workspace.data()),
                      {"quantize_tensor_absmax", "count is -5"}));
  EXPECT_TRUE(
      refused(gpu::quantize_tensor_absmax(x.data(), 64, codes.data(), scale.data(), workspace.data() + 4),
              {"workspace", "multiple of 16"}));
  EXPECT_TRUE(refused(gpu::quantize_tensor_absmax(x.data(), 64, codes.data(), nullptr, workspace.data()),
                      {"scale", "null"}));
  EXPECT_TRUE(refused(gpu::dequantize_tensor(codes.data(), scale.data(), 64, static_cast<float*>(nullptr)),
                      {"dequantize_tensor", "y", "null"}));
  EXPECT_TRUE(codes.untouched() && scale.untouched() && workspace.untouched());
}

}  // namespace
}  // namespace lowbit_test
