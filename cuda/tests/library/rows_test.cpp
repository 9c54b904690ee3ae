// Vector-wise int8 against the codec's own functions, bit for bit.
#include <lowbit/cuda/rows.hpp>

#include <lowbit/codec/symmetric.hpp>

#include "support/block_samples.hpp"
#include "support/device_test.hpp"
#include "support/equal_bits.hpp"
#include "support/reference.hpp"

namespace lowbit_test {
namespace {

namespace gpu = lowbit::cuda;
using Int8 = lowbit::SymmetricInteger<std::int8_t>;

class Rows : public DeviceTest {};

std::vector<std::int8_t> as_signed(const std::vector<std::uint8_t>& codes) {
  return {codes.begin(), codes.end()};
}

template <class T>
void check(std::size_t rows, std::size_t columns, std::size_t shift, unsigned seed) {
  SCOPED_TRACE(testing::Message() << rows << " rows of " << columns << " columns of " << sizeof(T)
                                  << "-byte elements, shift " << shift);
  const std::vector<T> values = block_samples<T>(Int8{}, rows * columns, columns, seed);
  const Reference expected = quantize_by_definition<Int8, T>(Int8{}, values, columns);
  const auto r = static_cast<std::int64_t>(rows), c = static_cast<std::int64_t>(columns);
  const DeviceArray<T> x(values, shift * sizeof(T));
  in_every_order([&] {
    const DeviceArray<std::int8_t> codes(values.size(), shift);
    const DeviceArray<float> scales(rows, 4);
    const DeviceArray<unsigned long long> non_finite(std::vector<unsigned long long>{7});
    ASSERT_TRUE(
        is_ok(gpu::quantize_rows(x.data(), r, c, codes.data(), scales.data(), nullptr, non_finite.data())));
    ASSERT_TRUE(equal_bits(scales.to_host(), expected.scales));
    ASSERT_TRUE(equal_bits(codes.to_host(), as_signed(expected.codes)));
    ASSERT_EQ(non_finite.to_host()[0], 7 + expected.non_finite);
    ASSERT_TRUE(codes.guards_are_whole() && scales.guards_are_whole());

    const DeviceArray<T> y(values.size(), shift * sizeof(T));
    ASSERT_TRUE(is_ok(gpu::dequantize_rows(codes.data(), scales.data(), r, c, y.data())));
    ASSERT_TRUE(equal_bits(y.to_host(), dequantize_by_definition<T>(Int8{}, expected.codes, expected.scales,
                                                                    values.size(), columns)));
    ASSERT_TRUE(y.guards_are_whole());
  });
}

template <class T>
void check_shapes() {
  unsigned seed = 0;
  for (const std::size_t columns : {1u, 5u, 8u, 31u, 64u, 255u, 256u, 257u, 768u, 1024u, 2048u, 4104u, 5001u})
    for (const std::size_t rows : {1u, 3u, 9u})
      for (const std::size_t shift : {0u, 1u})
        if (!testing::Test::HasFatalFailure()) check<T>(rows, columns, shift, ++seed);
  if (!testing::Test::HasFatalFailure()) check<T>(201, 24, 0, ++seed);
}
TEST_F(Rows, EveryShapeOfFloat) { check_shapes<float>(); }
TEST_F(Rows, EveryShapeOfHalf) { check_shapes<lowbit::float16>(); }
TEST_F(Rows, EveryShapeOfBfloat16) { check_shapes<lowbit::bf16>(); }

TEST_F(Rows, EmptyRowsHaveScalesOfZero) {
  const DeviceArray<float> scales(std::vector<float>(5, 9.0f));
  EXPECT_TRUE(is_ok(gpu::quantize_rows(static_cast<const float*>(nullptr), 5, 0, nullptr, scales.data())));
  EXPECT_EQ(scales.to_host(), std::vector<float>(5, 0.0f));
  EXPECT_TRUE(is_ok(gpu::quantize_rows(static_cast<const float*>(nullptr), 0, 5, nullptr, nullptr)));
  EXPECT_TRUE(is_ok(gpu::dequantize_rows(nullptr, nullptr, 0, 5, static_cast<float*>(nullptr))));
}

TEST_F(Rows, RefusedCallsNameTheValueAndWriteNothing) {
  const DeviceArray<float> x(std::vector<float>(64, 1.0f)), scales(8), y(64);
  const DeviceArray<std::int8_t> codes(64);
  EXPECT_TRUE(refused(gpu::quantize_rows(x.data(), -2, 8, codes.data(), scales.data()),
                      {"quantize_rows", "rows", "-2"}));
  EXPECT_TRUE(refused(gpu::quantize_rows(x.data(), 8, -3, codes.data(), scales.data()), {"columns", "-3"}));
  EXPECT_TRUE(refused(
      gpu::quantize_rows(x.data(), std::int64_t{1} << 40, std::int64_t{1} << 40, codes.data(), scales.data()),
      {"quantize_rows", "1099511627776"}));
  EXPECT_TRUE(refused(gpu::quantize_rows(x.data(), 8, 8, nullptr, scales.data()), {"codes", "null"}));
  EXPECT_TRUE(refused(gpu::dequantize_rows(codes.data(), nullptr, 8, 8, y.data()),
                      {"dequantize_rows", "scales", "null"}));
  EXPECT_TRUE(codes.untouched() && scales.untouched() && y.untouched());
}

}  // namespace
}  // namespace lowbit_test
