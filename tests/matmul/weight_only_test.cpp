// matvec and linear of quantized weights against the defined sums of their codes, and against exact ones.
#include <lowbit/blockwise.hpp>
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/nested.hpp>
#include <lowbit/weight_only.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>

#include "support/guarded_array.hpp"
#include "support/half_scales.hpp"
#include "support/refusal.hpp"
#include "support/sample_values.hpp"
#include "support/weight_sums.hpp"

namespace {

using namespace lowbit;
using lowbit_test::refuses;
using lowbit_test::Term;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

RowMajor weights(Index outputs, Index inputs) { return lowbit_test::normal_matrix(outputs, inputs, 3); }

bool same_number(float a, float b) { return (a != a && b != b) || lowbit_test::same_bits(a, b); }

/// The terms of one output, from the codes and parameters that the tensor says it has.
template <class C, class G, class S, class X>
std::vector<Term> terms(const Quantized<C, G, S>& q, const std::vector<Index>& group, Index row, const X& x) {
  constexpr Index fields = 32 / CodeTraits<typename C::Code>::bits, chunk = 16 * fields;
  const Index inputs = q.shape()[1];
  std::vector<Term> t(static_cast<std::size_t>((inputs + chunk - 1) / chunk * chunk));
  for (Index j = 0; j < inputs; ++j) {
    const Index at = row * inputs + j;
    const Parameters p = q.parameters(group[static_cast<std::size_t>(at)]);
    const float factor = q.codec().decode(q.code(at), {1.0F, C::has_zero_point ? 0 : p.zero_point});
    t[static_cast<std::size_t>(j)] = {C::has_zero_point ? factor - static_cast<float>(p.zero_point) : factor,
                                      p.scale, static_cast<float>(x(j))};
  }
  return t;
}

template <class C, class G, class S>
std::vector<Index> groups_of(const Quantized<C, G, S>& q) {
  std::vector<Index> group(static_cast<std::size_t>(q.size()));
  q.group().for_each_run(q.shape(), [&](const Run& run) {
    for (Index i = 0; i < run.count; ++i)
      group[static_cast<std::size_t>(run.offset + i)] = run.group + i * run.group_step;
  });
  return group;
}

/// Every output for every row of the batch, by matvec and by linear.
template <class C, class G, class S, class X>
void expect_defined_products(const Quantized<C, G, S>& q, const X& x) {
  constexpr std::size_t fields = 32 / CodeTraits<typename C::Code>::bits;
  const auto group = groups_of(q);
  const Eigen::MatrixXf y = linear(x, q);
  ASSERT_EQ(y.rows(), x.rows());
  ASSERT_EQ(y.cols(), q.shape()[0]);
  for (Index b = 0; b < x.rows(); ++b) {
    const Eigen::VectorXf one = matvec(q, x.row(b));
    for (Index r = 0; r < q.shape()[0]; ++r) {
      const auto all = terms(q, group, r, x.row(b));
      const float want = lowbit_test::defined_sum(all, fields);
      ASSERT_TRUE(same_number(one(r), want))
          << "row " << r << " batch " << b << ": " << one(r) << ", not " << want;
      ASSERT_TRUE(same_number(y(b, r), want))
          << "row " << r << " batch " << b << ": " << y(b, r) << ", not " << want;
      const auto exact = lowbit_test::exact_sum(all, fields);
      ASSERT_LE(std::fabs(double{want} - exact.value), exact.bound) << "row " << r;
    }
  }
}

template <class T>
class WeightOnly : public testing::Test {};
using Codecs =
    testing::Types<Codebook<NormalFloat4>, Codebook<Float4>, SymmetricInteger<int4>, SymmetricInteger<uint4>,
                   AffineInteger<uint4>, SymmetricInteger<std::int8_t>, AffineInteger<std::uint8_t>>;
TYPED_TEST_SUITE(WeightOnly, Codecs);

TYPED_TEST(WeightOnly, blocks_of_every_length) {
  for (Index size : {8, 16, 24, 32, 40, 64, 96, 128, 192, 256, 384})
    expect_defined_products(
        Quantizer<TypeParam, Blockwise>{{.block_size = size}}.quantize(weights(3, size * 5)),
        RowMajor(lowbit_test::normal_matrix(2, size * 5, 4)));
}

TYPED_TEST(WeightOnly, blocks_along_rows_may_end_short) {
  for (Index inputs : {2, 10, 100, 130, 250})
    for (Index size : {8, 32, 64, 1000})
      expect_defined_products(
          Quantizer<TypeParam, Blockwise>{{.block_size = size, .axis = 1}}.quantize(weights(2, inputs)),
          RowMajor(lowbit_test::normal_matrix(2, inputs, 5)));
}

TYPED_TEST(WeightOnly, rows_longer_than_what_is_read_at_a_time) {
  for (Index size : {32, 40, 2560})
    expect_defined_products(Quantizer<TypeParam, Blockwise>{{.block_size = size}}.quantize(weights(2, 35840)),
                            RowMajor(lowbit_test::normal_matrix(1, 35840, 6)));
}

TYPED_TEST(WeightOnly, channels_and_whole_tensors) {
  const RowMajor x = lowbit_test::normal_matrix(3, 300, 7);
  expect_defined_products(Quantizer<TypeParam, PerChannel>{}.quantize(weights(70, 300)), x);
  expect_defined_products(Quantizer<TypeParam, PerTensor>{}.quantize(weights(70, 300)), x);
}

TYPED_TEST(WeightOnly, batches_and_rows_that_fill_no_tile) {
  for (Index batch : {1, 2, 3, 4, 5, 6, 7, 8, 9, 33, 70})
    expect_defined_products(Quantizer<TypeParam, Blockwise>{{.block_size = 32}}.quantize(weights(37, 160)),
                            RowMajor(lowbit_test::normal_matrix(batch, 160, 8)));
}

TYPED_TEST(WeightOnly, nested_scales) {
  const NestedQuantizer<TypeParam> nested{{.block_size = 32}};
  for (Index inputs : {320, 9600})
    expect_defined_products(nested.quantize(weights(9, inputs)),
                            RowMajor(lowbit_test::normal_matrix(2, inputs, 9)));
}

TYPED_TEST(WeightOnly, nested_scales_of_every_group) {
  const RowMajor x = lowbit_test::normal_matrix(2, 250, 9), w = weights(300, 250);  // more than 256 rows
  expect_defined_products(Quantizer<TypeParam, PerChannel, MinMax, NestedScales>{}.quantize(w), x);
  expect_defined_products(Quantizer<TypeParam, PerTensor, MinMax, NestedScales>{}.quantize(w), x);
  for (Index size : {8, 64})
    expect_defined_products(NestedQuantizer<TypeParam>{{.block_size = size, .axis = 1}}.quantize(w), x);
}

TYPED_TEST(WeightOnly, scales_of_a_format_of_your_own) {
  const RowMajor x = lowbit_test::normal_matrix(2, 320, 9), w = weights(9, 320);
  for (Index size : {8, 32, 40})
    expect_defined_products(
        Quantizer<TypeParam, Blockwise, MinMax, lowbit_test::HalfScales>{{.block_size = size}}.quantize(w),
        x);
  expect_defined_products(Quantizer<TypeParam, PerChannel, MinMax, lowbit_test::HalfScales>{}.quantize(w), x);
}

TYPED_TEST(WeightOnly, high_nibbles_first) {
  const Quantizer<TypeParam, Blockwise> quantizer{{.block_size = 32}};
  const auto q = quantizer.quantize(weights(5, 96), {.nibble_order = NibbleOrder::high_first});
  expect_defined_products(q, RowMajor(lowbit_test::normal_matrix(2, 96, 10)));
}

TYPED_TEST(WeightOnly, zeros_and_values_that_are_not_finite) {
  RowMajor w = weights(6, 128);
  w.row(1).setZero();
  w.row(2).head(32).setZero();
  const auto q = Quantizer<TypeParam, Blockwise>{{.block_size = 32}}.quantize(w);
  RowMajor x = lowbit_test::normal_matrix(4, 128, 11);
  x(1, 5) = std::numeric_limits<float>::quiet_NaN();
  x(2, 100) = std::numeric_limits<float>::infinity();
  x.row(3).setConstant(3e38F);
  expect_defined_products(q, RowMajor(x.topRows(1)));
  const Eigen::MatrixXf y = linear(x, q);
  const auto group = groups_of(q);
  for (Index b = 1; b < 4; ++b)
    for (Index r = 0; r < 6; ++r)
      EXPECT_TRUE(
          same_number(y(b, r), lowbit_test::defined_sum(terms(q, group, r, x.row(b)),
                                                        32 / CodeTraits<typename TypeParam::Code>::bits)))
          << r << ' ' << b;
  for (Index r = 0; r < 6; ++r) EXPECT_TRUE(std::isnan(y(1, r))) << r;
}

const BlockwiseQuantizer<NormalFloat4> nf4{{.block_size = 32}};

TEST(WeightOnlyOperands, activations_in_any_order_and_of_any_scalar) {
  const auto q = nf4.quantize(weights(20, 96));
  const RowMajor x = RowMajor(lowbit_test::normal_matrix(5, 96, 12)).cast<Eigen::bfloat16>().cast<float>();
  const Eigen::MatrixXf want = linear(x, q);
  const Eigen::MatrixXf columns_first = x;
  EXPECT_EQ(linear(columns_first, q), want);
  EXPECT_EQ(linear(x.cast<double>(), q), want);
  EXPECT_EQ(linear(x.cast<Eigen::bfloat16>(), q), want);
  EXPECT_EQ(linear(Eigen::MatrixXf(2 * x).transpose().transpose() / 2, q), want);
  EXPECT_EQ(Eigen::RowVectorXf(matvec(q, columns_first.row(3)).transpose()), Eigen::RowVectorXf(want.row(3)));
  RowMajor half = x.cast<Eigen::half>().cast<float>();
  EXPECT_EQ(linear(half.cast<Eigen::half>(), q), linear(half, q));

  RowMajor into = RowMajor::Zero(5, 20);
  WeightOnlyWorkspace workspace;
  linear_into(x, q, into, workspace);
  EXPECT_EQ(into, want);
  into.setZero();
  linear_into(x, q, into);
  EXPECT_EQ(Eigen::MatrixXf(into), want);
  Eigen::Matrix<Eigen::bfloat16, Eigen::Dynamic, 1> rounded(20);
  matvec_into(q, x.row(2), rounded);
  EXPECT_EQ(rounded, (want.row(2).transpose().cast<Eigen::bfloat16>()));
}

TEST(WeightOnlyOperands, empty_operands_give_empty_results) {
  EXPECT_EQ(matvec(nf4.quantize(RowMajor(0, 64)), Eigen::VectorXf(64)).size(), 0);
  EXPECT_EQ(matvec(nf4.quantize(RowMajor(3, 0)), Eigen::VectorXf(0)), Eigen::VectorXf::Zero(3));
  EXPECT_EQ(linear(RowMajor(0, 64), nf4.quantize(weights(3, 64))).rows(), 0);
  EXPECT_EQ(linear(RowMajor(2, 0), nf4.quantize(RowMajor(3, 0))), Eigen::MatrixXf::Zero(2, 3));
}

TEST(WeightOnlyOperands, errors_name_what_does_not_fit) {
  const auto q = nf4.quantize(weights(4, 64));
  EXPECT_TRUE(refuses([&] { matvec(q, Eigen::VectorXf(63)); }, {"[63]", "[4, 64]", "[64]"}));
  EXPECT_TRUE(refuses([&] { linear(RowMajor(3, 65), q); }, {"[3, 65]", "[4, 64]", "[3, 64]"}));
  Eigen::VectorXf y(5);
  EXPECT_TRUE(refuses([&] { matvec_into(q, Eigen::VectorXf(64), y); }, {"[4]", "[5]"}));
  const auto refused = [&](const auto& w, std::initializer_list<std::string_view> parts) {
    return refuses([&] { matvec(w, Eigen::VectorXf(w.shape().rank() > 1 ? w.shape()[1] : 0)); }, parts);
  };
  EXPECT_TRUE(refused(nf4.quantize(weights(4, 80)), {"[4, 80]", "blocks of 32", "row of 80"}));
  EXPECT_TRUE(refused(nf4.quantize(Eigen::VectorXf::Zero(64)), {"[64]", "rank 1"}));
  EXPECT_TRUE(refused(BlockwiseQuantizer<NormalFloat4>{{.block_size = 20}}.quantize(weights(4, 80)),
                      {"[4, 80]", "blocks of 20", "multiple of 8"}));
  EXPECT_TRUE(refused(BlockwiseQuantizer<int4>{{.block_size = 32, .axis = 0}}.quantize(weights(64, 8)),
                      {"[64, 8]", "axis 0", "axis 1"}));
  EXPECT_TRUE(refused(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 1}}.quantize(weights(4, 8)),
                      {"[4, 8]", "axis 1", "axis 0"}));
  EXPECT_TRUE(refused(AbsmaxQuantizer<std::int8_t>{}.quantize(Eigen::MatrixXf(weights(4, 8))),
                      {"[4, 8]", "column-major", "lowbit::row_major", "flat blocks", "Eigen::RowMajor"}));
  EXPECT_EQ(matvec(nf4.quantize(Eigen::MatrixXf(weights(4, 32))), Eigen::VectorXf::Ones(32)).size(), 4);
  EXPECT_TRUE(refused(AbsmaxQuantizer<int4>{}.quantize(weights(4, 9)), {"[4, 9]", "9 inputs"}));
}

}  // namespace
