#include <gtest/gtest.h>

#include <limits>
#include <lowbit/lowbit.hpp>
#include <vector>

namespace {

using namespace lowbit;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Writes to separate memory, to another element type, and in place.
template <class Q, class X>
void expect_what_codes_decode_to(const Q& quantizer, const X& x) {
  const X want = quantizer.quantize(x).template dequantize<X>();
  X y = X::Zero(x.rows(), x.cols()), own = x;
  quantizer.fake_quantize_into(x, y);
  EXPECT_TRUE(y == want);
  quantizer.fake_quantize_into(own, own);
  EXPECT_TRUE(own == want);
  Eigen::Matrix<Eigen::bfloat16, Eigen::Dynamic, Eigen::Dynamic> half(x.rows(), x.cols());
  quantizer.fake_quantize_into(x, half);
  EXPECT_TRUE(half == want.template cast<Eigen::bfloat16>());
}

template <class Q>
void expect_what_codes_decode_to(Q quantizer) {
  for (auto [rows, columns] : {std::pair{1, 1}, std::pair{7, 9}, std::pair{64, 96}, std::pair{100, 130}}) {
    const RowMajor x = 3.0f * RowMajor::Random(rows, columns);
    const Eigen::MatrixXf columns_first = x;
    expect_what_codes_decode_to(quantizer, x);
    expect_what_codes_decode_to(quantizer, columns_first);
    Q frozen = quantizer;
    frozen.fit((0.5f * x).eval());  // half of the values saturate
    expect_what_codes_decode_to(frozen, x);
  }
}

TEST(FakeQuantize, GivesWhatTheCodesDecodeTo) {
  expect_what_codes_decode_to(AbsmaxQuantizer<std::int8_t>{});
  expect_what_codes_decode_to(ZeroPointQuantizer<uint4>{});
  expect_what_codes_decode_to(ZeroPointQuantizer<std::uint8_t, PerChannel>{{.axis = 0}});
  expect_what_codes_decode_to(BlockwiseQuantizer<NormalFloat4>{{.block_size = 32}});
  expect_what_codes_decode_to(BlockwiseQuantizer<NormalFloat4>{{.block_size = 33}});
  expect_what_codes_decode_to(NestedQuantizer<NormalFloat4>{{.block_size = 32}});
  expect_what_codes_decode_to(NestedQuantizer<AffineInteger<std::uint8_t>>{{.block_size = 33, .axis = 0}});
  expect_what_codes_decode_to(Quantizer<AffineInteger<uint4>, PerChannel, MinMax, NestedScales>{{.axis = 1}});
  expect_what_codes_decode_to(BlockwiseQuantizer<DynamicMap>{{.block_size = 5000}});
}

TEST(FakeQuantize, OfACastIsTheCastAndBack) {
  const RowMajor x = RowMajor::Random(33, 65);
  RowMajor y(33, 65);
  CastQuantizer<bf16>{}.fake_quantize_into(x, y);
  EXPECT_EQ(y, x.cast<Eigen::bfloat16>().cast<float>());
}

template <class Q>
void expect_refusal_to_change_nothing(const Q& quantizer) {
  RowMajor x = RowMajor::Random(40, 64), y = RowMajor::Constant(40, 64, 7.0f);
  x(33, 5) = std::numeric_limits<float>::infinity();
  EXPECT_THROW(quantizer.fake_quantize_into(x, y), std::invalid_argument);
  EXPECT_TRUE((y.array() == 7.0f).all());
  quantizer.fake_quantize_into(x, y, {.non_finite = NonFinite::saturate});
  EXPECT_EQ(y, quantizer.quantize(x, {.non_finite = NonFinite::saturate}).template dequantize<RowMajor>());
  Eigen::MatrixXf other(3, 3);
  EXPECT_THROW(quantizer.fake_quantize_into(x, other), std::invalid_argument);
}

TEST(FakeQuantize, RefusesWhatQuantizeRefusesAndThenWritesNothing) {
  expect_refusal_to_change_nothing(AbsmaxQuantizer<std::int8_t>{});
  expect_refusal_to_change_nothing(BlockwiseQuantizer<std::int8_t>{{.block_size = 32}});
  expect_refusal_to_change_nothing(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 1}});
}

/// The published example of quantization-aware training: s = 0.5, z = 1, codes -4 .. 3.
struct int3 {};

}  // namespace

template <>
struct lowbit::CodeTraits<int3> : lowbit::IntegerCode<std::int8_t, 8, -4, 3> {};

namespace {

TEST(FakeQuantize, GivesThePublishedValues) {
  ZeroPointQuantizer<int3> quantizer;
  quantizer.freeze(Parameters{0.5f, 1});
  const std::vector<float> x{-3.0f, -1.2f, 0.0f, 0.3f, 1.26f, 9.0f};
  std::vector<float> y(x.size());
  quantizer.fake_quantize_into(x, y);
  EXPECT_EQ(y, (std::vector<float>{-2.5f, -1.0f, 0.0f, 0.5f, 1.0f, 1.0f}));
}

}  // namespace
