#include <lowbit/calibration.hpp>
#include <lowbit/linear.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <lowbit/absmax.hpp>
#include <lowbit/zero_point.hpp>

#include "support/refusal.hpp"

namespace {

using namespace lowbit;
using lowbit_test::refuses;
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Codes = Eigen::Matrix<std::int64_t, Eigen::Dynamic, Eigen::Dynamic>;
using Byte = std::uint8_t;

struct Scales {
  float scale;
  int zero_point, min, max;
};
template <class Code, class Observer>
Scales scales_of(const Quantizer<AffineInteger<Code>, PerTensor, Observer>& q) {
  return {q.parameters(0).scale, q.parameters(0).zero_point, std::numeric_limits<Code>::min(),
          std::numeric_limits<Code>::max()};
}

Codes encode(const Eigen::MatrixXf& x, const Scales& s) {
  return x.unaryExpr([&](float v) {
    const auto q = static_cast<std::int64_t>(std::nearbyint(v / s.scale)) + s.zero_point;
    return std::clamp<std::int64_t>(q, s.min, s.max);
  });
}

/// The whole layer in 64 bits, element by element, from the definitions: absmax / 127 for the weights of an
/// output, the factor applied as Method says.
Codes layer(const Codes& x, const Scales& in, const Eigen::MatrixXf& w, const Eigen::VectorXf& b,
            const Scales& out, bool relu, Requantization method) {
  Codes y(x.rows(), w.rows());
  for (Index j = 0; j < w.rows(); ++j) {
    const float step = w.row(j).cwiseAbs().maxCoeff() / 127.0f;
    const auto bias = static_cast<std::int64_t>(std::nearbyint(b[j] / (double{in.scale} * double{step})));
    for (Index i = 0; i < x.rows(); ++i) {
      std::int64_t sum = bias;
      for (Index k = 0; k < w.cols(); ++k)
        sum += (x(i, k) - in.zero_point) * static_cast<std::int64_t>(std::nearbyint(w(j, k) / step));
      if (relu) sum = std::max<std::int64_t>(sum, 0);
      std::int64_t code = 0;
      if (method == Requantization::floating) {
        code = static_cast<std::int64_t>(
            std::nearbyint(static_cast<float>(sum) * (in.scale * (step / out.scale))));
      } else {  // sum * m / 2^n, m of 31 bits, a tie up
        int exponent = 0;
        const double m = std::round(std::frexp(double{in.scale} * step / out.scale, &exponent) * 0x1p31);
        const int shift = 31 - exponent;
        code = (sum * static_cast<std::int64_t>(m) + (std::int64_t{1} << (shift - 1))) >> shift;
      }
      y(i, j) = std::clamp<std::int64_t>(code + out.zero_point, out.min, out.max);
    }
  }
  return y;
}

struct Network {
  Eigen::MatrixXf x = Eigen::MatrixXf::Random(21, 37), w1 = Eigen::MatrixXf::Random(19, 37),
                  w2 = Eigen::MatrixXf::Random(11, 19);
  Eigen::VectorXf b1 = Eigen::VectorXf::Random(19), b2 = Eigen::VectorXf::Random(11);
  Eigen::MatrixXf hidden = ((x * w1.transpose()).rowwise() + b1.transpose()).cwiseMax(0.0f);
  Eigen::MatrixXf y = (hidden * w2.transpose()).rowwise() + b2.transpose();
};

template <class Code, class Observer>
auto calibrated(const Eigen::MatrixXf& values, const Observer& observer) {
  Quantizer<AffineInteger<Code>, PerTensor, Observer> q({}, {}, observer);
  q.fit(values);
  return q;
}

template <Requantization Method, class Code, class Observer>
void expect_exact(const Observer& observer, bool relu) {
  const Network n;
  const auto in = calibrated<Code>(n.x, observer), middle = calibrated<Code>(n.hidden, observer),
             out = calibrated<Code>(n.y, observer);
  const auto layers = [&](const auto&... stages) {
    const auto one = integer_linear<Method>(n.w1, n.b1, in, middle, stages...);
    const auto two = integer_linear<Method>(RowMajor(n.w2), n.b2, middle, out);
    const auto codes = one(n.x);
    const Codes first = layer(encode(n.x, scales_of(in)), scales_of(in), n.w1, n.b1, scales_of(middle),
                              sizeof...(stages) > 0, Method);
    EXPECT_TRUE(codes.template cast<std::int64_t>() == first);
    EXPECT_TRUE(two(codes).template cast<std::int64_t>() ==
                layer(first, scales_of(middle), n.w2, n.b2, scales_of(out), false, Method));
  };
  relu ? layers(lowbit::relu) : layers();
}

TEST(IntegerLinear, IsTheFormulaOfSixtyFourBits) {
  for (const bool relu : {false, true}) {
    expect_exact<Requantization::floating, Byte>(MinMax{}, relu);
    expect_exact<Requantization::floating, std::int8_t>(Percentile{.p = 99.0}, relu);
    expect_exact<Requantization::single_rounded, Byte>(MeanSquaredError{}, relu);
    expect_exact<Requantization::single_rounded, std::int8_t>(MinMax{}, relu);
  }
}

TEST(IntegerLinear, ChainsWithoutAFloatAndEndsInFloats) {
  const Network n;
  const auto in = calibrated<Byte>(n.x, MinMax{}), middle = calibrated<Byte>(n.hidden, MinMax{});
  const auto one = integer_linear(n.w1, n.b1, in, middle);  // the codes begin at 0.0: a ReLU
  const QuantizedLinear two(n.w2, rescale | bias{n.b2}, middle);
  const Eigen::MatrixXf y = two(one(n.x));
  EXPECT_LT((y - n.y).norm(), 0.02f * n.y.norm());
  EXPECT_EQ(one(n.x), one(in.quantize(n.x).code_matrix()));

  Eigen::Matrix<Byte, Eigen::Dynamic, Eigen::Dynamic> hidden(21, 19);  // column-major this time
  Eigen::MatrixXf again(21, 11);
  decltype(one)::Workspace room1;
  decltype(two)::Workspace room2;
  one.apply_into(n.x, hidden, room1);
  two.apply_into(hidden, again, room2);
  EXPECT_EQ(again, y);
}

TEST(IntegerLinear, TakesAnyStorageOrder) {
  const Network n;
  const auto in = calibrated<Byte>(n.x, MinMax{}), middle = calibrated<Byte>(n.hidden, MinMax{});
  const auto want = integer_linear(n.w1, n.b1, in, middle)(n.x);
  EXPECT_EQ(integer_linear(RowMajor(n.w1), n.b1.transpose().eval(), in, middle)(RowMajor(n.x)), want);
  const Eigen::MatrixXf transposed = n.w1.transpose(), samples = n.x.transpose();
  EXPECT_EQ(integer_linear(transposed.transpose(), n.b1, in, middle)(samples.transpose()), want);
  Eigen::MatrixXf wide = Eigen::MatrixXf::Random(40, 60);
  wide.block(3, 5, 19, 37) = n.w1;
  EXPECT_EQ(integer_linear(wide.block(3, 5, 19, 37), n.b1, in, middle)(n.x), want);
}

TEST(IntegerLinear, RefusesByName) {
  const Network n;
  const auto in = calibrated<Byte>(n.x, MinMax{});
  const ZeroPointQuantizer<Byte> loose;
  EXPECT_TRUE(refuses([&] { integer_linear(n.w1, n.b1, loose, in); }, {"frozen", "input"}));
  EXPECT_TRUE(refuses([&] { integer_linear(n.w1, n.b1, in, loose); }, {"frozen", "output"}));
  EXPECT_TRUE(refuses([&] { integer_linear(n.w1, n.b2, in, in); }, {"bias", "11", "19 outputs"}));
  const auto fine = calibrated<Byte>(Eigen::MatrixXf(n.x * 1e-6f), MinMax{});
  EXPECT_TRUE(refuses([&] { integer_linear(n.w1, Eigen::VectorXf(n.b1 * 1e6f), fine, in); },
                      {"bias 0", "does not fit in an int32"}));
  const auto layer = integer_linear(n.w1, n.b1, in, in);
  EXPECT_TRUE(refuses([&] { layer(n.hidden); }, {"21 x 19", "19 x 37", "37 columns"}));
  using Column = Eigen::Matrix<Byte, Eigen::Dynamic, Eigen::Dynamic>;
  const QuantizedLinear dynamic(n.w1, rescale, loose);
  EXPECT_TRUE(refuses([&] { dynamic(Column(Column::Zero(2, 37))); }, {"2 x 37", "not frozen"}));
}

}  // namespace
