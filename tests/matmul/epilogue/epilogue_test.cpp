#include <lowbit/matmul/epilogue/requantize.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <lowbit/absmax.hpp>
#include <lowbit/matmul/epilogue/bias.hpp>
#include <lowbit/matmul/epilogue/integer_bias.hpp>
#include <lowbit/matmul/matmul.hpp>
#include <lowbit/matmul/matvec.hpp>
#include <lowbit/zero_point.hpp>

#include "support/refusal.hpp"

namespace {

using namespace lowbit;
using lowbit_test::refuses;
using Codes = Eigen::Matrix<std::int8_t, Eigen::Dynamic, Eigen::Dynamic>;

/// Two quantized matrices, one scale for all of the left, one for each column of the right.
struct Operands {
  Eigen::MatrixXf x = Eigen::MatrixXf::Random(11, 29), w = Eigen::MatrixXf::Random(29, 83);
  Quantized<SymmetricInteger<std::int8_t>, PerTensor> a = AbsmaxQuantizer<std::int8_t>{}.quantize(x);
  Quantized<SymmetricInteger<std::int8_t>, PerChannel> b =
      AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 1}}.quantize(w);
  Eigen::VectorXf values = Eigen::VectorXf::Random(83);
  Eigen::MatrixXi sums = matmul(a, b);

  float rescaled(Index i, Index j) const {
    const volatile float factor = a.scale(0) * b.scale(j);
    return static_cast<float>(sums(i, j)) * factor;
  }
  template <class Y, class F>
  void expect(const Y& y, F&& want) const {
    ASSERT_EQ(y.rows(), 11);
    ASSERT_EQ(y.cols(), 83);
    for (Index i = 0; i < 11; ++i)
      for (Index j = 0; j < 83; ++j) ASSERT_EQ(y(i, j), want(i, j)) << i << ", " << j;
  }
};

TEST(Epilogue, StagesRunInOrder) {
  const Operands o;
  o.expect(matmul(o.a, o.b, rescale | bias{o.values} | relu), [&](Index i, Index j) {
    const volatile float v = o.rescaled(i, j);
    return std::max(v + o.values(j), 0.0f);
  });
  o.expect(matmul(o.a, o.b, rescale | relu | bias{o.values} | clip{-0.1f, 0.8f}), [&](Index i, Index j) {
    const volatile float v = std::max(o.rescaled(i, j), 0.0f);
    return std::min(std::max(v + o.values(j), -0.1f), 0.8f);
  });
  const Eigen::RowVectorXd by_row = Eigen::RowVectorXd::LinSpaced(11, -1.0, 1.0);
  o.expect(matmul(o.a, o.b, rescale | row_bias{by_row}), [&](Index i, Index j) {
    const volatile float v = o.rescaled(i, j);
    return v + static_cast<float>(by_row(i));
  });
  o.expect(matmul(o.a, o.b, relu), [&](Index i, Index j) { return std::max(o.sums(i, j), 0); });
  o.expect(matmul(o.a, o.b, clip{-100, 5000}),
           [&](Index i, Index j) { return std::min(std::max(o.sums(i, j), -100), 5000); });
}

/// A user-defined stage with state, for sums and for floats.
struct Checkerboard {
  std::vector<float> weights;
  template <class T>
  float operator()(Index row, Index column, T value) const {
    return static_cast<float>(value) * weights[static_cast<std::size_t>((row + column) % 2)];
  }
};

TEST(Epilogue, TakesStagesOfUsers) {
  const Operands o;
  const Checkerboard board{{2.0f, -1.0f}};
  const auto sign = [](Index i, Index j) { return (i + j) % 2 == 0 ? 2.0f : -1.0f; };
  o.expect(matmul(o.a, o.b, board),
           [&](Index i, Index j) { return static_cast<float>(o.sums(i, j)) * sign(i, j); });
  o.expect(matmul(o.a, o.b, rescale | board | relu),
           [&](Index i, Index j) { return std::max(o.rescaled(i, j) * sign(i, j), 0.0f); });
  o.expect(matmul(o.a, o.b, [](Index, Index, std::int32_t sum) { return std::int64_t{sum} * 1000000; }),
           [&](Index i, Index j) { return std::int64_t{o.sums(i, j)} * 1000000; });
}

TEST(Epilogue, ClampTakesBoundsOfMixedTypes) {
  const Operands o;
  const auto want = [&](Index i, Index j) { return std::min(std::max(o.rescaled(i, j), 0.0f), 0.5f); };
  o.expect(matmul(o.a, o.b, rescale | clip{0, 0.5f}), want);
  o.expect(matmul(o.a, o.b, rescale | clip{0.0, 0.5f}), want);
  o.expect(matmul(o.a, o.b, rescale | clip{0.0, 0.5}), want);
  o.expect(matmul(o.a, o.b, clip{short{0}, 5}),
           [&](Index i, Index j) { return std::min(std::max(o.sums(i, j), 0), 5); });
}

TEST(Epilogue, ChainsTwoFunctionsOfUsers) {
  const Operands o;
  const auto more = [](Index, Index, std::int32_t sum) { return sum + 1; };
  const auto twice = [](Index, Index, std::int32_t sum) { return sum * 2; };
  const auto want = [&](Index i, Index j) { return (o.sums(i, j) + 1) * 2; };
  o.expect(matmul(o.a, o.b, raw | more | twice), want);
  o.expect(matmul(o.a, o.b, more | twice), want);
}

struct Broken : std::exception {
  const char* what() const noexcept override { return "broken stage"; }
};

/// Kernels are noexcept: the exception of a stage must reach the caller nevertheless.
TEST(Epilogue, RethrowsWhatAStageThrows) {
  const Operands o;
  const auto sometimes = [](Index row, Index column, auto value) {
    if (row == 7 && column == 81) throw Broken{};
    return value;
  };
  const auto always = [](Index, Index, float) -> float { throw Broken{}; };
  EXPECT_THROW(static_cast<void>(matmul(o.a, o.b, sometimes)), Broken);
  EXPECT_THROW(static_cast<void>(matmul(o.a, o.b, rescale | sometimes | relu)), Broken);
  EXPECT_THROW(static_cast<void>(matmul(o.a, o.b, rescale | always)), Broken);
  ProductWorkspace workspace;
  product_matrix<RescaleStage> y(11, 83);
  EXPECT_THROW(matmul_into(o.a, o.b, y, rescale | always, workspace), Broken);
  matmul_into(o.a, o.b, y, rescale, workspace);  // the exception left no state behind
  EXPECT_EQ(y, matmul(o.a, o.b, rescale));

  const auto w = AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(o.w);
  const Eigen::Matrix<std::int8_t, Eigen::Dynamic, 1> v = Eigen::Matrix<std::int8_t, 83, 1>::Ones();
  EXPECT_THROW(static_cast<void>(matvec(w, v, rescale | always)), Broken);
  EXPECT_THROW(static_cast<void>(matvec(PackedWeights<std::int8_t>::transposed(w), v, rescale | always)),
               Broken);
  EXPECT_THROW(static_cast<void>(dot(v, v, rescale | always)), Broken);
}

TEST(Epilogue, AddsIntegerBiases) {
  const Operands o;
  std::vector<float> values(o.values.data(), o.values.data() + o.values.size());
  const auto whole = integer_bias::from(values, o.a.scale(0), o.b.scales());
  o.expect(matmul(o.a, o.b, whole), [&](Index i, Index j) {
    const double steps = values[static_cast<std::size_t>(j)] / (double{o.a.scale(0)} * o.b.scale(j));
    return o.sums(i, j) + static_cast<int>(std::nearbyint(steps));
  });
  std::vector<std::int32_t> large(83, 0);
  large[40] = std::numeric_limits<std::int32_t>::max() - 1000;
  EXPECT_TRUE(refuses([&] { static_cast<void>(matmul(o.a, o.b, integer_bias{large})); },
                      {"bias 40", "2147482647", "K = 29", "int32"}));
  EXPECT_TRUE(
      refuses([&] { static_cast<void>(integer_bias::from(values, 1e-6f, std::vector<float>{1e-6f})); },
              {"bias 0", "does not fit in an int32"}));
}

template <class Code>
void expect_requantized(std::int32_t zero_point) {
  const Operands o;
  const float scale = 0.05f;
  const auto saturated = [&](double v) {
    const double q = std::nearbyint(v) + zero_point;
    return static_cast<Code>(std::min<double>(std::max<double>(q, std::numeric_limits<Code>::min()),
                                              std::numeric_limits<Code>::max()));
  };
  o.expect(matmul(o.a, o.b, requantize<Code>{scale, zero_point}), [&](Index i, Index j) {
    const volatile float factor = o.a.scale(0) * (o.b.scale(j) / scale);
    const volatile float v = static_cast<float>(o.sums(i, j)) * factor;
    return saturated(v);
  });
  o.expect(matmul(o.a, o.b, rescale | bias{o.values} | requantize<Code>{scale, zero_point}), [&](Index i,
                                                                                                 Index j) {
    const volatile float real = o.rescaled(i, j), biased = real + o.values(j), v = biased * (1.0f / scale);
    return saturated(v);
  });
  const auto once = matmul(o.a, o.b, requantize<Code, Requantization::single_rounded>{scale, zero_point});
  const auto twice = matmul(o.a, o.b, requantize<Code, Requantization::double_rounded>{scale, zero_point});
  for (Index i = 0; i < 11; ++i)
    for (Index j = 0; j < 83; ++j) {
      const double v = o.sums(i, j) * (double{o.a.scale(0)} * o.b.scale(j) / scale);
      if (std::fabs(v - std::floor(v) - 0.5) < 1e-6) continue;
      ASSERT_EQ(once(i, j), saturated(v));
      ASSERT_LE(std::abs(int{twice(i, j)} - int{saturated(v)}), 1);
    }
}

TEST(Epilogue, RequantizesToEitherKindOfByte) {
  expect_requantized<std::int8_t>(-3);
  expect_requantized<std::uint8_t>(131);
}

TEST(Epilogue, StagesSayWhatTheyHoldAndWhichOutputsTheyFit) {
  const std::vector<float> values{1.5f, -2.0f, 0.25f};
  const bias columns(values);
  const row_bias rows(values);
  EXPECT_TRUE(std::ranges::equal(columns.values(), values));
  EXPECT_TRUE(std::ranges::equal(rows.values(), values));
  columns.check(3);
  EXPECT_TRUE(refuses([&] { columns.check(4); }, {"bias of 3", "4"}));
  const integer_bias integers(std::vector<std::int32_t>{1, 2});
  integers.check(2);
  EXPECT_TRUE(refuses([&] { integers.check(1); }, {"bias of 2", "1"}));
  clip{1, 1}.check(5);
  EXPECT_TRUE(refuses([] { clip{2.0f, 1.0f}.check(5); }, {"clip", "2", "1"}));
  requantize<std::uint8_t>{0.5f, 255}.check(5);
  EXPECT_TRUE(refuses([] { requantize<std::uint8_t>{0.5f, 256}.check(5); }, {"zero-point", "256", "255"}));
  EXPECT_TRUE(refuses([] { requantize<std::int8_t>{0.0f, 0}.check(5); }, {"scale of a result is 0"}));
}

TEST(Epilogue, RefusesByName) {
  const Operands o;
  const auto run = [&](const auto& epilogue) {
    return [&] { static_cast<void>(matmul(o.a, o.b, epilogue)); };
  };
  EXPECT_TRUE(refuses(run(rescale | bias{std::vector<float>(82)}), {"82 values", "83 columns"}));
  EXPECT_TRUE(refuses(run(rescale | row_bias{std::vector<float>(12)}), {"12 values", "11 rows"}));
  EXPECT_TRUE(refuses([] { static_cast<void>(bias{Eigen::MatrixXf::Zero(2, 3)}); },
                      {"a bias is a vector", "[2, 3]"}));
  EXPECT_TRUE(refuses(run(integer_bias{std::vector<std::int32_t>(1)}), {"1 values", "83 columns"}));
  EXPECT_TRUE(refuses(run(rescale | clip{2.0f, 1.0f}), {"clip: low (2) must not exceed high (1)"}));
  EXPECT_TRUE(refuses(run(requantize<std::int8_t>{0.0f, 0}), {"scale", "0"}));
  EXPECT_TRUE(refuses(run(requantize<std::uint8_t>{0.1f, -1}), {"zero-point", "-1", "0 to 255"}));
  EXPECT_TRUE(refuses(run(requantize<std::int8_t, Requantization::single_rounded>{1e-6f, 0}), {"below 1"}));
  const auto rows = AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}.quantize(o.x);
  EXPECT_TRUE(refuses(
      [&] {
        static_cast<void>(
            matmul(rows, o.b, requantize<std::int8_t, Requantization::double_rounded>{1.0f, 0}));
      },
      {"one scale for all rows", "11"}));
}

TEST(QuantizeMultiplier, IsTheNearestInteger) {
  for (double m : {0.5, 0.75, 1e-3, 0.0123, 0.9999999, 1.0 / 3, 3e-9}) {
    const FixedPointMultiplier f = quantize_multiplier(m);
    EXPECT_GE(f.multiplier, 1 << 30) << m;
    EXPECT_LE(std::fabs(std::ldexp(f.multiplier, -31 - f.right_shift) - m),
              std::ldexp(0.5, -31 - f.right_shift));
  }
  EXPECT_EQ(quantize_multiplier(0.5).multiplier, 1 << 30);
  EXPECT_EQ(quantize_multiplier(0.5).right_shift, 0);
  EXPECT_EQ(quantize_multiplier(std::nextafter(0.5, 0.0)).multiplier,
            1 << 30);  // carried into the next power
  EXPECT_EQ(quantize_multiplier(0.0).multiplier, 0);
  EXPECT_EQ(quantize_multiplier(1e-12).multiplier, 0);
  for (double m : {1.0, -0.1, std::nextafter(1.0, 0.0), std::nan("")})
    EXPECT_THROW(static_cast<void>(quantize_multiplier(m)), std::invalid_argument) << m;
}

}  // namespace
