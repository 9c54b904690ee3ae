// Mean errors of codebooks on a million values, against figures measured and published elsewhere.
#include <lowbit/lowbit.hpp>

#include <gtest/gtest.h>

#include "support/sample_values.hpp"

namespace {

using lowbit::ErrorReport;
using lowbit::Index;
using lowbit_test::normal_matrix;

template <class Q>
ErrorReport error_of(const Eigen::MatrixXf& x, const Q& quantizer) {
  return lowbit::error(x, quantizer.quantize(x));
}

const Eigen::MatrixXf& normal() {
  static const Eigen::MatrixXf x = normal_matrix(1024, 1024, 42);
  return x;
}
const Eigen::MatrixXf& uniform() {
  static const Eigen::MatrixXf x = [] {
    const auto values = lowbit_test::uniform_values(1024 * 1024, 43, 0.0F, 1.0F);
    return Eigen::MatrixXf(Eigen::Map<const Eigen::MatrixXf>(values.data(), 1024, 1024));
  }();
  return x;
}

TEST(CodebookError, linear_and_non_linear_tables_of_3_bits) {
  const double linear = error_of(normal(), lowbit::CodebookQuantizer<lowbit::Linear<3>>{}).mae;
  const double other = error_of(normal(), lowbit::CodebookQuantizer<lowbit::NonLinear3>{}).mae;
  EXPECT_GT(linear, 0.33);  // moves with the sample's largest magnitude
  EXPECT_LT(linear, 0.37);
  EXPECT_NEAR(other, 0.23, 0.015);
}

TEST(CodebookError, dynamic_map_per_tensor_and_blockwise) {
  EXPECT_NEAR(error_of(normal(), lowbit::DynamicMapQuantizer<>{}).mae, 0.012, 0.0005);
  const std::pair<Index, double> expected[] = {{64, 0.0075}, {256, 0.0085}, {1024, 0.0093}, {4096, 0.0101}};
  for (auto [block, mae] : expected)
    EXPECT_NEAR(error_of(normal(), lowbit::BlockwiseQuantizer<lowbit::DynamicMap>{{.block_size = block}}).mae,
                mae, 0.0001)
        << "blocks of " << block;
}

TEST(CodebookError, eight_bit_blocks_of_every_size_stay_within_the_bounds_that_bitsandbytes_asserts) {
  for (Index block : {32, 64, 128, 256, 512, 1024, 2048, 4096}) {
    SCOPED_TRACE(block);
    const lowbit::BlockwiseQuantizer<lowbit::DynamicMap> signed_map{{.block_size = block}};
    const lowbit::BlockwiseQuantizer<lowbit::UnsignedDynamicMap> unsigned_map{{.block_size = block}};
    const ErrorReport n = error_of(normal(), signed_map), u = error_of(uniform(), signed_map);
    const ErrorReport p = error_of(uniform(), unsigned_map);
    EXPECT_LT(n.mae, 0.011);
    EXPECT_LT(n.mean_relative, 0.018);
    EXPECT_LT(u.mae, 0.0036);
    EXPECT_LT(u.mean_relative, 0.015);
    EXPECT_LT(p.mae, 0.0023);
    EXPECT_LT(p.mean_relative, 0.012);
  }
}

TEST(CodebookError, exact_search_is_better_than_the_bounds) {
  const std::tuple<Index, double, double> expected[] = {
      {64, 0.0075, 0.0142}, {256, 0.0085, 0.0154}, {4096, 0.0100, 0.0170}};
  for (auto [block, mae, relative] : expected) {
    const ErrorReport e =
        error_of(normal(), lowbit::BlockwiseQuantizer<lowbit::DynamicMap>{{.block_size = block}});
    EXPECT_NEAR(e.mae, mae, 0.0001) << "blocks of " << block;
    EXPECT_NEAR(e.mean_relative, relative, 0.0002) << "blocks of " << block;
  }
}

/// The means are known to four digits, and a sample of a million moves them by about 0.0001.
TEST(CodebookError, four_bit_blocks_have_the_published_means) {
  constexpr double slack = 7 * 0.0001 + 0.00005;
  const std::tuple<Index, double, double> expected[] = {
      {32, 0.0677, 0.0889}, {64, 0.0728, 0.0965}, {128, 0.0768, 0.1030}, {256, 0.0803, 0.1087}};
  for (auto [block, nf4, fp4] : expected) {
    SCOPED_TRACE(block);
    EXPECT_NEAR(
        error_of(normal(), lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>{{.block_size = block}}).mae, nf4,
        slack);
    EXPECT_NEAR(error_of(normal(), lowbit::BlockwiseQuantizer<lowbit::Float4>{{.block_size = block}}).mae,
                fp4, slack);
  }
}

TEST(CodebookError, nested_scales_add_little_error) {
  const lowbit::BlockwiseQuantizer<lowbit::NormalFloat4> plain{{.block_size = 64}};
  const lowbit::NestedQuantizer<lowbit::NormalFloat4> nested{{.block_size = 64}};
  const ErrorReport p = error_of(normal(), plain), n = error_of(normal(), nested);
  EXPECT_LT(n.mae, p.mae * 1.005);
  EXPECT_NEAR(p.bits_per_value, 4.5, 1e-9);
  EXPECT_NEAR(n.bits_per_value, 4.0 + 8.0 / 64 + 32.0 / 64 / 256, 1e-4);
}

}  // namespace
