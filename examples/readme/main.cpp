// The code of README.md, as a program: a test compares the two line by line.
#include <array>
#include <iostream>
#include <lowbit/calibration.hpp>
#include <lowbit/lowbit.hpp>
#include <lowbit/matmul.hpp>
#include <lowbit/training.hpp>
#include <lowbit/weight_only.hpp>

namespace first {
void run() {
  const Eigen::MatrixXf W = Eigen::MatrixXf::Random(256, 256);

  // README: first
  lowbit::AbsmaxQuantizer<std::int8_t> absmax;  // or any other quantizer below
  auto q = absmax.quantize(W);                  // W: an Eigen matrix, array, map, block, tensor, expression
  Eigen::MatrixXf back = q.dequantize();
  lowbit::ErrorReport e = lowbit::error(W, q);
  std::cout << q.bits_per_value() << " bits, " << e.snr_db << " dB, largest error " << e.max_abs << '\n';
  // README: end
}
}  // namespace first

namespace quantizers {
// README: quantizers
using namespace lowbit;

AbsmaxQuantizer<int4, PerChannel> rows{{.axis = 0}};          // one scale per row, 4-bit codes
ZeroPointQuantizer<std::uint8_t> affine;                      // scale and zero-point
BlockwiseQuantizer<DynamicMap> dynamic{{.block_size = 256}};  // 8-bit dynamic map, 256 values a scale
NestedQuantizer<NormalFloat4> nf4{{.block_size = 64}};        // NF4, scales quantized, too
CastQuantizer<bf16> halves;                                   // no scale at all
Quantizer<AffineInteger<std::uint8_t>, PerChannel> exact{{.axis = -1}, {.range = RangePolicy::exact}};
// README: end

void run() {
  const Eigen::MatrixXf W = Eigen::MatrixXf::Random(64, 64);
  const auto snr = [&](const auto& quantizer) { return error(W, quantizer.quantize(W)).snr_db; };
  std::cout << snr(rows) << ' ' << snr(affine) << ' ' << snr(dynamic) << ' ' << snr(nf4) << ' ' << snr(halves)
            << ' ' << snr(exact) << " dB\n";
}
}  // namespace quantizers

namespace frozen {
void run() {
  const std::array<Eigen::MatrixXf, 3> batches{Eigen::MatrixXf::Random(8, 16), Eigen::MatrixXf::Random(8, 16),
                                               Eigen::MatrixXf::Random(8, 16)};
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(8, 16);

  // README: frozen
  lowbit::ZeroPointQuantizer<std::uint8_t> activations;
  for (const Eigen::MatrixXf& batch : batches) activations.observe(batch);
  activations.freeze();
  auto q = activations.quantize(x);  // values outside the observed range saturate
  // README: end
  std::cout << q.scales()[0] << '\n';
}
}  // namespace frozen

namespace fake {
void run() {
  Eigen::MatrixXf w = Eigen::MatrixXf::Random(64, 64);

  // README: fake
  lowbit::BlockwiseQuantizer<lowbit::NormalFloat4> noise{{.block_size = 64}};
  noise.fake_quantize_into(w, w);                   // what the codes decode to, without the codes
  lowbit::Histogram counts = lowbit::histogram(w);  // bins that depend on the values alone
  // README: end
  std::cout << counts.total() << " values in bins of " << counts.width() << '\n';
}
}  // namespace fake

namespace extension {
// README: extension
struct Ternary {
  static constexpr std::array<float, 3> levels{-1.0f, 0.0f, 1.0f};
};
lowbit::BlockwiseQuantizer<Ternary> ternary{{.block_size = 32}};
// README: end

void run() {
  const Eigen::MatrixXf W = Eigen::MatrixXf::Random(32, 32);
  std::cout << ternary.quantize(W).bits_per_value() << " bits\n";
}
}  // namespace extension

namespace products {
using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

void exact() {
  const Eigen::MatrixXf W = Eigen::MatrixXf::Random(64, 256), x = Eigen::MatrixXf::Random(8, 256);
  const Eigen::VectorXf b = Eigen::VectorXf::Random(64);

  // README: products
  lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerChannel> rows{{.axis = 0}};
  auto weights = lowbit::PackedWeights<std::int8_t>::transposed(rows.quantize(W));  // [outputs, inputs], once
  auto codes = lowbit::ZeroPointQuantizer<std::uint8_t>{}.quantize(x);              // [batch, inputs]
  Eigen::MatrixXf y = lowbit::linear(codes, weights, lowbit::rescale | lowbit::bias{b} | lowbit::relu);
  auto sums = lowbit::linear(codes, weights);  // x W^T without an epilogue: the int32 sums themselves
  // README: end
  std::cout << y.sum() << ' ' << sums.maxCoeff() << '\n';
}

void weight_only() {
  const RowMajor W = RowMajor::Random(64, 256);
  const Eigen::MatrixXf x = Eigen::MatrixXf::Random(8, 256);

  // README: weight_only
  lowbit::BlockwiseQuantizer<lowbit::NormalFloat4> nf4{{.block_size = 64}};
  auto weights = nf4.quantize(W);                         // [outputs, inputs]
  Eigen::MatrixXf y = lowbit::linear(x, weights);         // x W^T: x stays float, W is never stored as floats
  Eigen::VectorXf v = lowbit::matvec(weights, x.row(0));  // the same bits as row 0 of y
  // README: end
  std::cout << y.sum() << ' ' << v.sum() << '\n';
}
}  // namespace products

namespace calibration {
void run() {
  const std::array<Eigen::MatrixXf, 2> batches{Eigen::MatrixXf::Random(64, 64),
                                               Eigen::MatrixXf::Random(64, 64)};

  // README: calibration
  auto report = lowbit::compare_calibrators(batches, lowbit::AffineInteger<std::uint8_t>{});
  std::cout << lowbit::to_text(report);  // min-max, percentiles, mean squared error, entropy: a row each
  lowbit::Quantizer<lowbit::AffineInteger<std::uint8_t>, lowbit::PerTensor, lowbit::Percentile> clipped{
      {}, {}, {.p = 99.9}};
  for (const Eigen::MatrixXf& batch : batches) clipped.observe(batch);
  clipped.freeze();
  // README: end
}
}  // namespace calibration

namespace training {
void run() {
  const Eigen::MatrixXf w = Eigen::MatrixXf::Random(64, 64), dy = Eigen::MatrixXf::Random(64, 64);
  Eigen::MatrixXf y(64, 64), dw(64, 64);
  lowbit::AbsmaxQuantizer<lowbit::int4, lowbit::PerChannel> rows{{.axis = 0}};
  rows.observe(w);
  rows.freeze();

  // README: training
  lowbit::LearnedScale scale(rows);  // rows: a frozen quantizer; or FakeQuantize, whose scales stay
  scale.forward_into(w, y);          // y: what the codes of w decode to
  scale.backward_into(w, dy, dw);    // straight through, 0 where a code was clamped; the scales' gradients
  scale.step(0.01f);                 // moves the scales
  // README: end
  std::cout << y.sum() << ' ' << dw.sum() << '\n';
}
}  // namespace training

int main() {
  first::run();
  quantizers::run();
  frozen::run();
  fake::run();
  extension::run();
  products::exact();
  products::weight_only();
  calibration::run();
  training::run();
}
