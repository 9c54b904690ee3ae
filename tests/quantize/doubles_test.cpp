// Tensors of doubles: ranges and codes in double precision in every arrangement, and errors for values
// outside the range of float.
#include <lowbit/absmax.hpp>
#include <lowbit/blockwise.hpp>
#include <lowbit/calibration.hpp>
#include <lowbit/cast.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include <lowbit/dynamic_map.hpp>
#include <lowbit/group/per_channel.hpp>
#include <lowbit/quantize/difference.hpp>
#include <lowbit/quantize/histogram.hpp>
#include <lowbit/zero_point.hpp>

#include <gtest/gtest.h>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "support/refusal.hpp"

namespace {

using namespace lowbit;
using lowbit_test::refuses;
using Columns = Eigen::MatrixXd;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
constexpr Options saturate{.non_finite = NonFinite::saturate};

/// Doubles that are no floats, some rows of them tiny, huge, constant or zero.
Rows sample(Index rows, Index columns) {
  std::mt19937_64 engine(9);
  std::normal_distribution<double> normal;
  Rows x(rows, columns);
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j) {
      const double v = normal(engine), sizes[] = {1.0, 1e-3, 1e-50, 1e38, 0.0, 1e-44, 0.1};
      x(i, j) = i % 9 == 8 ? 0.1 : v * sizes[i % 7];
      if (!is_in_float(x(i, j))) x(i, j) = 1e38;
    }
  return x;
}

/// Parameters and codes by the definition: a range of doubles per group, then one element at a time.
template <class C, class G, class X>
void expect_codes(const Quantizer<C, G>& quantizer, const X& x) {
  const auto q = quantizer.quantize(x, saturate);
  const Shape& shape = q.shape();
  const auto value = [&](Index i) {
    const auto at = shape.indices(i);
    return x(at[0], at[1]);
  };
  std::vector<DoubleRange> ranges(static_cast<std::size_t>(q.group_count()));
  quantizer.group().for_each_run(shape, [&](const Run& run) {
    for (Index i = 0; i < run.count; ++i) {
      auto& r = ranges[static_cast<std::size_t>(run.group + i * run.group_step)];
      if (const double v = value(run.offset + i); is_in_float(v)) r = r.merged({v, v});
    }
  });
  const C& codec = quantizer.codec();
  Rows decoded(x.rows(), x.cols());
  quantizer.group().for_each_run(shape, [&](const Run& run) {
    for (Index i = 0; i < run.count; ++i) {
      const Index g = run.group + i * run.group_step;
      const auto u = static_cast<std::size_t>(g);
      const DoubleRange r{ranges[u].min + 0.0, ranges[u].max + 0.0};
      const Parameters p = quantizer.frozen() ? quantizer.parameters(g) : choose(codec, r);
      ASSERT_EQ(q.parameters(g), p) << "group " << g;
      const auto at = shape.indices(run.offset + i);
      const auto code = codec.encode(value(run.offset + i), codec.prepare(p));
      ASSERT_EQ(q.code(run.offset + i), code) << value(run.offset + i) << " with scale " << p.scale;
      decoded(at[0], at[1]) = double{codec.decode(code, p)};
    }
  });
  Rows fake(x.rows(), x.cols());
  quantizer.fake_quantize_into(x, fake, saturate);
  for (Index i = 0; i < x.rows(); ++i)
    for (Index j = 0; j < x.cols(); ++j)
      ASSERT_TRUE(fake(i, j) == decoded(i, j) || (std::isnan(fake(i, j)) && std::isnan(decoded(i, j))))
          << i << ", " << j << ": " << fake(i, j) << " not " << decoded(i, j);
}

template <class C>
void expect_codes(const C& codec) {
  for (const auto& [rows, columns] : {std::pair<Index, Index>{9, 64}, {40, 33}, {1, 2500}, {300, 24}}) {
    Rows x = sample(rows, columns);
    for (bool bad : {false, true}) {
      if (bad) {
        x(rows / 2, columns / 2) = 1e60;
        x(0, columns - 1) = -std::numeric_limits<double>::infinity();
        x(rows - 1, 0) = std::nan("");
      }
      const Columns column_major = x;
      const Columns larger = Columns::Constant(rows + 3, columns + 3, 7.0);
      Columns holder = larger;
      holder.block(1, 1, rows, columns) = x;
      const auto part = holder.block(1, 1, rows, columns);
      const auto all = [&](const auto& quantizer) {
        expect_codes(quantizer, x);
        expect_codes(quantizer, column_major);
        expect_codes(quantizer, part);
      };
      all(Quantizer<C>{{}, codec});
      if constexpr (C::scaled) {
        for (Index axis : {0, 1}) all(Quantizer<C, PerChannel>{{.axis = axis}, codec});
        for (Index size : {1, 8, 16, 24, 50, 4000}) {
          all(Quantizer<C, Blockwise>{{.block_size = size}, codec});
          all(Quantizer<C, Blockwise>{{.block_size = size, .axis = 0}, codec});
          all(Quantizer<C, Blockwise>{{.block_size = size, .axis = 1}, codec});
        }
        Quantizer<C> frozen{{}, codec};
        frozen.freeze(Range{-1.0F, 0.7F});
        all(frozen);
        Quantizer<C, PerChannel> channels{{.axis = 0}, codec};
        channels.fit(x, saturate);
        all(channels);
      }
    }
  }
}

TEST(Doubles, of_every_codec_have_their_own_codes_in_every_arrangement) {
  expect_codes(SymmetricInteger<std::int8_t>{});
  expect_codes(SymmetricInteger<int4>{.scaling = ScalingMethod::reciprocal});
  expect_codes(AffineInteger<std::uint8_t>{});
  expect_codes(AffineInteger<std::uint16_t>{.range = RangePolicy::exact});
  expect_codes(Codebook<NormalFloat4>{});
  expect_codes(Codebook<DynamicMap>{});
  expect_codes(Cast<float16>{});
}

TEST(Doubles, fitted_ranges_are_those_of_the_doubles_also_after_batches_of_floats) {
  const Rows x = sample(9, 64);
  Quantizer<SymmetricInteger<std::int8_t>, PerChannel> fitted{{.axis = 0}}, mixed{{.axis = 0}};
  fitted.fit(x);
  mixed.observe(Eigen::MatrixXf(x.cast<float>() * 0.25F));
  mixed.observe(x);
  mixed.observe(Eigen::MatrixXf(x.cast<float>() * 0.5F));
  mixed.freeze();
  for (Index i = 0; i < x.rows(); ++i) {
    const double top = x.row(i).cwiseAbs().maxCoeff();
    if (top > 1e-30) {
      EXPECT_EQ(fitted.parameters(i).scale, static_cast<float>(top / 127.0));
    }
    EXPECT_EQ(mixed.parameters(i), fitted.parameters(i));
    EXPECT_EQ(fitted.ranges()[static_cast<std::size_t>(i)].max, static_cast<float>(x.row(i).maxCoeff()));
  }
}

template <class Q>
void expect_refusals(Q quantizer) {
  Rows x = sample(2, 40);
  x(1, 7) = 1e60;
  x(1, 9) = -1e39;
  EXPECT_TRUE(refuses([&] { quantizer.quantize(x); }, {"2 of 80", "outside the range of float", "1e+60"}));
  EXPECT_TRUE(refuses([&] { quantizer.observe(x); }, {"2 of 80", "outside the range of float", "1e+60"}));
  Rows y(2, 40);
  EXPECT_TRUE(refuses([&] { quantizer.fake_quantize_into(x, y); }, {"outside the range of float", "1e+60"}));
  x(0, 3) = std::nan("");
  EXPECT_TRUE(
      refuses([&] { quantizer.quantize(x); }, {"3 of 80", "not finite or outside the range of float"}));
  Rows tiny = 1e-60 * Rows::Ones(3, 5);
  tiny(0, 0) = 0.0;
  for (double v : {1e-60, -1e-300, 1e-45}) {
    tiny(0, 1) = v;
    EXPECT_TRUE(refuses([&] { quantizer.quantize(tiny); }, {"[3, 5]", "smallest float", "1.4"}));
    EXPECT_THROW(quantizer.observe(tiny), std::invalid_argument);
  }
  EXPECT_TRUE(refuses([&] { quantizer.quantize(Columns(tiny.rightCols(2))); },
                      {"[3, 2]", "smallest float", "1e-60"}));
  tiny(0, 1) = 1e-60;
  const auto zeroed = quantizer.quantize(tiny, saturate);
  const ErrorReport report = error(tiny, zeroed);
  EXPECT_FALSE(report.exact());
  EXPECT_EQ(report.zeroed, 14);
  EXPECT_EQ(report.snr_db, 0.0);
  EXPECT_NO_THROW(quantizer.quantize(Rows::Zero(3, 5).eval()));
  EXPECT_NO_THROW(quantizer.quantize(Rows(0, 5)));
  quantizer.observe(Rows::Ones(3, 5).eval());
  EXPECT_THROW(quantizer.observe(tiny), std::invalid_argument);  // as the first batch that it would have been
  tiny(2, 4) = 1e-40;                                            // one that a scale can hold
  EXPECT_NO_THROW(quantizer.quantize(tiny));
}

TEST(Doubles, outside_the_range_of_float_are_refused_by_name) {
  expect_refusals(AbsmaxQuantizer<std::int8_t>{});
  expect_refusals(ZeroPointQuantizer<std::uint8_t>{});
  expect_refusals(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}});
  expect_refusals(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 1}});
  expect_refusals(BlockwiseQuantizer<NormalFloat4>{{.block_size = 8}});
  expect_refusals(Quantizer<SymmetricInteger<std::int8_t>, PerTensor, Percentile>{});
  expect_refusals(Quantizer<SymmetricInteger<std::int8_t>, PerTensor, MovingAverageMinMax>{});
}

TEST(Doubles, that_saturate_are_counted_and_never_exact) {
  Rows x = Rows::Constant(4, 8, 1.0);
  x(0, 0) = 1e60;
  x(3, 3) = -1e200;
  const auto q = AbsmaxQuantizer<std::int8_t>{}.quantize(x, saturate);
  const ErrorReport r = error(x, q);
  EXPECT_EQ(r.non_finite, 0);
  EXPECT_EQ(r.clipped, 2);
  EXPECT_FALSE(r.exact());
  EXPECT_NEAR(r.snr_db, 0.0, 1e-9);
  EXPECT_TRUE(q.dequantize<Rows>().allFinite());
  AbsmaxQuantizer<std::int8_t> frozen;
  frozen.freeze(Range{-127.0F, 127.0F});
  EXPECT_EQ(error(x, frozen.quantize(x)).clipped, 2);
  const ErrorReport halves = error(x, CastQuantizer<float16>{}.quantize(x));
  EXPECT_EQ(halves.clipped, 2);
  EXPECT_FALSE(halves.exact());
}

/// A block of such values only has scale 0; its values still count as clipped.
TEST(Doubles, that_fill_a_block_are_counted) {
  const Eigen::Vector4d x(1e60, -2e60, 1.0, -1.0);
  EXPECT_EQ(error(x, BlockwiseQuantizer<std::int8_t>{{.block_size = 2}}.quantize(x, saturate)).clipped, 2);
  EXPECT_EQ(error(x, BlockwiseQuantizer<NormalFloat4>{{.block_size = 2}}.quantize(x, saturate)).clipped, 2);
  const Quantizer<AffineInteger<std::uint8_t>, Blockwise> affine{{.block_size = 2}};
  EXPECT_EQ(error(x, affine.quantize(x, saturate)).clipped, 2);
}

TEST(Doubles, outside_the_range_of_float_are_left_out_of_histograms_and_percentiles) {
  Eigen::VectorXd x = Eigen::VectorXd::LinSpaced(1000, -1.0, 1.0);
  x[5] = 1e60;
  EXPECT_EQ(histogram(x).total(), 999U);
  EXPECT_LE(histogram(x).range().max, 1.0F);
}

}  // namespace
