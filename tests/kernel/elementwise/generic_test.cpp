#include <lowbit/codec/affine.hpp>
#include <lowbit/codec/codebook.hpp>
#include <lowbit/codec/symmetric.hpp>
#include <lowbit/kernel/dispatch/cpu.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "support/guarded_array.hpp"
#include "support/sample_values.hpp"
#include "support/user_codes.hpp"

namespace {

using lowbit::Parameters;
using lowbit_test::GuardedArray;
namespace generic = lowbit::kernel::generic;
using namespace lowbit_test;

static_assert(lowbit::kernel::has_vector_kernels<std::uint16_t> &&
              lowbit::kernel::has_vector_kernels<lowbit::int2> &&
              lowbit::kernel::has_vector_kernels<lowbit::float16>);
static_assert(!lowbit::kernel::has_vector_kernels<Uint1> && !lowbit::kernel::has_vector_kernels<Int6> &&
              !lowbit::kernel::has_vector_kernels<Int12>);

/// Every verb on `rows` rows of n elements, against the scalar functions of the codec.
template <class C>
void expect_codec(const C& codec, const Parameters& p, std::size_t rows, std::size_t n) {
  using Code = typename C::Code;
  const std::size_t all = rows * n;
  const auto pool = mixed_values(all + 1, 7);
  GuardedArray<float> x({pool.begin(), pool.begin() + static_cast<std::ptrdiff_t>(all)}, sizeof(float));
  GuardedArray<std::uint8_t> q(lowbit::storage_bytes<Code>(all), 1);
  const lowbit::kernel::Sink<Code> sink{q.data()};
  const lowbit::kernel::CodeSource<Code> codes{q.data()};
  const auto expect = [&](const auto& parameters_of, const char* what) {
    ASSERT_TRUE(q.guards_are_whole()) << what;
    for (std::size_t i = 0; i < all; ++i)
      ASSERT_EQ(codes[i], codec.encode(pool[i], codec.prepare(parameters_of(i)))) << what << ' ' << i;
  };

  generic::encode(codec, x.data(), all, p, sink);
  expect([&](std::size_t) { return p; }, "encode");
  GuardedArray<float> y(all, sizeof(float));
  generic::decode(codec, codes, all, all, lowbit::kernel::BlockParameters<C>{&p.scale, &p.zero_point},
                  lowbit::kernel::ValueSink<float>{y.data()});
  for (std::size_t i = 0; i < all; ++i) ASSERT_EQ(y[i], codec.decode(codes[i], p)) << i;

  std::vector<float> scale(n), inverse(n);
  std::vector<std::int32_t> zero_point(n, lowbit::kernel::constant_zero_point<C>());
  for (std::size_t i = 0; i < n; ++i) scale[i] = p.scale * static_cast<float>(1 + i % 5);
  for (std::size_t i = 0; i < n && C::has_zero_point; ++i) zero_point[i] = static_cast<std::int32_t>(i % 3);
  const lowbit::kernel::ParameterArrays arrays{scale.data(), inverse.data(), zero_point.data()};
  generic::encode_rows<false>(codec, x.data(), rows, n, n, arrays, sink);
  expect([&](std::size_t i) { return arrays.at<C>(i % n); }, "encode_rows");
  generic::decode_rows(codec, codes, rows, n, arrays, y.data());
  for (std::size_t i = 0; i < all; ++i) ASSERT_EQ(y[i], codec.decode(codes[i], arrays.at<C>(i % n))) << i;

  std::vector<float> scales(rows);
  std::vector<std::int32_t> zero_points(rows);
  const lowbit::kernel::ParameterSink<C> found{scales.data(), zero_points.data()};
  const std::int32_t largest = generic::quantize_blocks(codec, x.data(), all, n, sink, found);
  std::int32_t want = 0;
  for (std::size_t i = 0; i < all; ++i)
    want = std::max(want, std::bit_cast<std::int32_t>(pool[i]) & 0x7fffffff);
  EXPECT_EQ(largest, want);
  const lowbit::kernel::BlockParameters<C> blocks{scales.data(), zero_points.data()};
  for (std::size_t b = 0; b < rows; ++b) {
    lowbit::Range range;
    for (std::size_t i = b * n; i < (b + 1) * n; ++i)
      if (lowbit::is_finite(pool[i])) range = range.merged({pool[i] + 0.0f, pool[i] + 0.0f});
    ASSERT_EQ(blocks(b), choose(codec, range)) << b;
  }
  expect([&](std::size_t i) { return blocks(i / n); }, "quantize_blocks");
  generic::decode(codec, codes, all, n, blocks, lowbit::kernel::ValueSink<float>{y.data()});
  for (std::size_t i = 0; i < all; ++i) ASSERT_EQ(y[i], codec.decode(codes[i], blocks(i / n))) << i;
  ASSERT_TRUE(q.guards_are_whole() && y.guards_are_whole());
}

template <class C>
void expect_codec(const C& codec, const Parameters& p) {
  for (const std::size_t rows : {1u, 2u, 5u})
    for (const std::size_t n : {1u, 7u, 8u, 24u, 130u}) expect_codec(codec, p, rows, n);
}

TEST(GenericKernels, agree_with_the_codec_for_every_packing) {
  expect_codec(lowbit::AffineInteger<Uint1>{}, {0.5F, 0});
  expect_codec(lowbit::SymmetricInteger<Int3>{}, {0.5F, 0});
  expect_codec(lowbit::AffineInteger<Uint5>{}, {0.25F, 3});
  expect_codec(lowbit::SymmetricInteger<Int6>{}, {0.125F, 0});
  expect_codec(lowbit::AffineInteger<Int12>{}, {0.0078125F, 100});
  expect_codec(lowbit::Codebook<lowbit::RuntimeTable<Uint3>>{}, {1.0F, 0});
}

}  // namespace
