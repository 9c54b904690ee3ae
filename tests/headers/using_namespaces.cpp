// Public names collide with none of std's or Eigen's: code in the manner of README.md compiles where all
// three namespaces are opened.
#include <Eigen/Dense>
#include <Eigen/Sparse>
#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <cmath>
#include <complex>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <limits>
#include <list>
#include <locale>
#include <lowbit/calibration.hpp>
#include <lowbit/linear.hpp>
#include <lowbit/lowbit.hpp>
#include <lowbit/matmul.hpp>
#include <lowbit/number/float8.hpp>
#include <lowbit/training.hpp>
#include <lowbit/weight_only.hpp>
#include <map>
#include <memory>
#include <numbers>
#include <numeric>
#include <optional>
#include <random>
#include <ranges>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>
#if __has_include(<unsupported/Eigen/CXX11/Tensor>)
#include <unsupported/Eigen/CXX11/Tensor>
#endif

using namespace std;
using namespace Eigen;
using namespace lowbit;

namespace names_of_all_three {

using RowMajorMatrix = Matrix<float, Eigen::Dynamic, Eigen::Dynamic, RowMajor>;

AbsmaxQuantizer<int4, PerChannel> rows{{.axis = 0}};
ZeroPointQuantizer<uint8_t> affine;
BlockwiseQuantizer<DynamicMap> dynamic{{.block_size = 256}};
NestedQuantizer<NormalFloat4> nf4{{.block_size = 64}};
CastQuantizer<bf16> shortened;
CastQuantizer<float16> halves;
float8_e4m3fn eight_bits = from_float<float8_e4m3fn>(0.3f);
CodebookQuantizer<Float4> float4{};
Quantizer<AffineInteger<uint8_t>, PerChannel> exact{{.axis = -1}, {.range = RangePolicy::exact}};
Quantizer<SymmetricInteger<int8_t>, PerTensor, MeanSquaredError> mean_squared;
Quantizer<SymmetricInteger<int8_t>, PerTensor, Percentile> percentile{{}, {}, {.p = 99.9}};
Quantizer<AffineInteger<uint8_t>, PerTensor, MovingAverageMinMax> moving;
Quantizer<AffineInteger<uint8_t>, PerTensor, Entropy> entropy;
Quantizer<Codebook<NormalFloat4>, Blockwise, MinMax> table{{.block_size = 32}};
Quantizer<Cast<bf16>> cast;

void quantize(const MatrixXf& w) {
  auto q = rows.quantize(w);
  MatrixXf back = q.dequantize();
  ErrorReport e = error(w, q);
  cout << q.bits_per_value() << " bits, " << e.snr_db << " dB, " << e.max_abs << '\n';
  const Parameters p = choose(SymmetricInteger<int8_t>{}, {-1.0f, 2.0f});
  Histogram counts = histogram(w);
  cout << p.scale << ' ' << counts.total() << '\n';
  vector<float> values(12, 1.0f);
  auto from_view = affine.quantize(view(span(values), Shape{3, 4}));
  const AffineInteger<uint8_t>& codec = from_view.codec();
  auto widened = widen(nf4.quantize(w));
  cout << codec.has_zero_point << widened.group_count() << '\n';
  nf4.fake_quantize_into(w, back);
  for (const Index i : {Index{0}, w.rows() - 1}) cout << rows.quantize(w).scale(i) << '\n';
}

void multiply(const MatrixXf& x, const RowMajorMatrix& w, const VectorXf& b) {
  AbsmaxQuantizer<int8_t, PerChannel> by_output{{.axis = 0}};
  auto weights = by_output.quantize(w);
  auto packed = PackedWeights<int8_t>::transposed(weights);
  auto codes = affine.quantize(x);
  MatrixXf y = linear(codes, packed, rescale | bias{b} | relu | clip{0, 6.0f});
  y = linear(codes, weights, rescale | bias{b} | relu | clip{0, 6.0f});
  y = matmul(codes, packed, rescale | bias{b} | relu | clip{0, 6.0f});
  MatrixXi sums = matmul(codes, packed, raw);
  ProductWorkspace workspace;
  matmul_into(codes, packed, y, rescale, workspace);
  linear_into(codes, packed, y, rescale, workspace);
  auto requantized = linear(codes, packed, requantize<int8_t>{0.1f, 3});
  VectorXi v = matvec(weights, codes.code_matrix().row(0).transpose().eval());
  cout << sums.sum() << requantized.rows() << v.sum()
       << dot(v.cast<int8_t>().eval(), v.cast<int8_t>().eval());

  auto compressed = nf4.quantize(w);
  y = linear(x, compressed, bias{b} | relu | clip{0, 6.0f});
  WeightOnlyWorkspace floats;
  linear_into(x, compressed, y, bias{b} | relu, floats);
  VectorXf z = matvec(compressed, x.row(0));
  cout << z.sum() << row_major(compressed).size() << '\n';
}

void layers(const MatrixXf& x, const MatrixXf& w, const VectorXf& b) {
  AbsmaxQuantizer<int8_t, PerChannel> by_output{{.axis = 0}};
  QuantizedLinear dense(w, rescale | bias{b} | relu);
  WeightOnlyLinear compressed(nf4.quantize(w), bias{b} | relu);
  OutlierLinear mixed(by_output.quantize(w));
  affine.observe(x);
  affine.freeze();
  auto integers =
      integer_linear<Requantization::single_rounded>(by_output.quantize(w), b, affine, affine, relu);
  OutlierSplit split = split_outliers(x);
  cout << dense(x).sum() << compressed(x).sum() << mixed(x).sum() << integers(x).rows()
       << split.columns.size();
}

void train(const MatrixXf& w, const MatrixXf& dy, MatrixXf& y, MatrixXf& dw) {
  AbsmaxQuantizer<int4, PerChannel> frozen{{.axis = 0}};
  frozen.fit(w);
  LearnedScale scale(frozen);
  scale.forward_into(w, y);
  scale.backward_into(w, dy, dw);
  scale.step(0.01f);
  FakeQuantize fake{frozen};
  fake.forward_into(w, y);
  const vector<MatrixXf> batches{w, w};
  cout << to_text(compare_calibrators(batches, AffineInteger<uint8_t>{}));
}

#if __has_include(<unsupported/Eigen/CXX11/Tensor>)
void tensor(const Eigen::Tensor<float, 3>& t) { cout << affine.quantize(t).size(); }
#endif

// Names of std and Eigen that stay theirs.
void theirs(MatrixXf& m) {
  half h(1.0f);
  Array3f a = Array3f::Ones();
  SparseMatrix<float> sparse(3, 3);
  auto f = bind(plus<>{}, std::placeholders::_1, 2.0f);
  m = m.unaryExpr([](float v) { return clamp(v, 0.0f, 1.0f); });
  cout << f(static_cast<float>(h)) << a.sum() << sparse.nonZeros() << Index{3} << round(0.5) << min(1, 2)
       << '\n';
  ranges::sort(span(m.data(), static_cast<size_t>(m.size())));
}

}  // namespace names_of_all_three
