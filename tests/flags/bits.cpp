// Prints a hash, for every codec, of its results for values that are sensitive to compiler flags: ties,
// denormals, zeros of both signs, extremes, NaN and infinities.
#include <lowbit/calibration.hpp>
#include <lowbit/lowbit.hpp>
#include <lowbit/matmul.hpp>
#include <lowbit/training.hpp>
#include <lowbit/weight_only.hpp>

#include <bit>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <span>

namespace {

constexpr Eigen::Index rows = 24, columns = 64;
using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct Hash {
  std::uint64_t state = 0xcbf29ce484222325u;
  template <class T>
  void add(std::span<const T> values) {
    for (const std::byte b : std::as_bytes(values))
      state = (state ^ static_cast<std::uint64_t>(b)) * 0x100000001b3u;
  }
  template <class T>
  void add_value(T value) {
    add(std::span<const T>(&value, 1));
  }
};
template <class M>
auto elements(const M& m) {
  return std::span<const typename M::Scalar>(m.data(), static_cast<std::size_t>(m.size()));
}

/// Inputs must not depend on compiler flags: uses integers, and scaling by powers of two.
Matrix sample(int kind) {
  std::uint32_t state = 12345u + static_cast<std::uint32_t>(kind);
  Matrix x(rows, columns);
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    state = state * 1664525u + 1013904223u;
    const auto random = static_cast<std::int32_t>(state >> 8) - (1 << 23);
    float v = 0.0F;
    switch (kind) {
      case 0:  // any
        v = std::ldexp(static_cast<float>(random), -24);
        break;
      case 1:  // halves: ties of every codec whose scale is a power of two
        v = static_cast<float>(random % 255) * 0.5F;
        break;
      case 2:  // denormals, and zeros of both signs
        v = std::bit_cast<float>((state & 0x80000000u) | (state >> 8 & 0x3fu));
        break;
      case 3:  // large
        v = std::ldexp(static_cast<float>(random), 100);
        break;
      default:  // NaN and infinities among others
        v = static_cast<float>(random % 1000);
        if (i % 61 == 0) v = std::numeric_limits<float>::quiet_NaN();
        if (i % 83 == 0) v = std::numeric_limits<float>::infinity();
        if (i % 97 == 0) v = -std::numeric_limits<float>::infinity();
    }
    x.data()[i] = v;
  }
  x(0, 0) = kind == 1 ? 127.0F : x(0, 0);
  return x;
}

template <class Q>
void print(const char* name, Q quantizer) {
  Hash hash;
  for (int kind = 0; kind < 5; ++kind) {
    const Matrix x = sample(kind);
    const lowbit::Options saturate{.non_finite = lowbit::NonFinite::saturate};
    const auto q = quantizer.quantize(x, saturate);
    hash.add(q.codes());
    for (lowbit::Index g = 0; g < q.group_count(); ++g) hash.add_value(q.scale(g));
    hash.add(q.zero_points());
    const Matrix y = q.template dequantize<Matrix>();
    hash.add(elements(y));
    const Eigen::MatrixXf turned = q.dequantize();
    hash.add(elements(turned));
    Matrix fake(rows, columns);
    quantizer.fake_quantize_into(x, fake, saturate);
    hash.add(elements(fake));
    if (kind == 4) continue;
    const auto report = lowbit::error(x, q);
    hash.add_value(report.max_abs);
    hash.add_value(report.clipped);
    hash.add_value(report.zeroed);
  }
  std::printf("%s %016llx\n", name, static_cast<unsigned long long>(hash.state));
}

template <class Obs>
void print_range(const char* name, Obs observer) {
  lowbit::AbsmaxQuantizer<std::int8_t, lowbit::PerTensor, Obs> quantizer({}, {}, observer);
  Hash hash;
  for (int batch = 0; batch < 3; ++batch) {
    const Matrix x = sample(batch == 2 ? 1 : 0) * static_cast<float>(batch + 1);
    quantizer.observe(x);
  }
  quantizer.freeze();
  const auto q = quantizer.quantize(sample(0));
  hash.add(q.scales());
  hash.add(q.codes());
  std::printf("%s %016llx\n", name, static_cast<unsigned long long>(hash.state));
}

/// Scales and zero-points after some steps of training.
template <class C>
void print_learned(const char* name) {
  const Matrix x = sample(0), dy = sample(1);
  lowbit::Quantizer<C, lowbit::PerChannel> quantizer{{.axis = 0}};
  quantizer.fit(x);
  lowbit::LearnedScale learned(quantizer);
  Hash hash;
  Matrix y(rows, columns), dx(rows, columns);
  for (int k = 0; k < 4; ++k) {
    learned.forward_into(Matrix(x * 2.0F), y);
    learned.backward_into(Matrix(x * 2.0F), dy, dx);
    learned.step(0.003F);
    hash.add(elements(y));
    hash.add(elements(dx));
    hash.add(learned.scales());
    hash.add(learned.zero_points());
  }
  std::printf("%s %016llx\n", name, static_cast<unsigned long long>(hash.state));
}

}  // namespace

int main() {
  using lowbit::Blockwise;
  using lowbit::PerChannel;
  using NestedRows = lowbit::Quantizer<lowbit::AffineInteger<lowbit::uint4>, PerChannel, lowbit::MinMax,
                                       lowbit::NestedScales>;
  print("int8", lowbit::AbsmaxQuantizer<std::int8_t>{});
  print("int4 blocks", lowbit::BlockwiseQuantizer<lowbit::int4>{{.block_size = 32}});
  print("int16 rows", lowbit::AbsmaxQuantizer<std::int16_t, PerChannel>{{.axis = 0}});
  print("uint8 affine", lowbit::ZeroPointQuantizer<std::uint8_t>{});
  print("int8 affine columns", lowbit::ZeroPointQuantizer<std::int8_t, PerChannel>{{.axis = 1}});
  print("nf4", lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>{{.block_size = 64}});
  print("nf4 nested", lowbit::NestedQuantizer<lowbit::NormalFloat4>{{.block_size = 16}});
  print("uint4 affine rows nested", NestedRows{{.axis = 0}});
  print("fp4", lowbit::BlockwiseQuantizer<lowbit::Float4>{{.block_size = 7}});
  print("dynamic", lowbit::DynamicMapQuantizer<>{});
  print("half", lowbit::CastQuantizer<lowbit::float16>{});
  print("bfloat16", lowbit::CastQuantizer<lowbit::bf16>{});
  print_range("moving average", lowbit::MovingAverageMinMax{});
  print_range("percentile", lowbit::Percentile{});
  print_range("entropy", lowbit::Entropy{});
  print_range("mean squared error", lowbit::MeanSquaredError{});
  print_learned<lowbit::SymmetricInteger<std::int8_t>>("learned int8");
  print_learned<lowbit::AffineInteger<lowbit::uint4>>("learned uint4");

  const Matrix x = sample(0), w = sample(1);
  Hash hash;
  const auto nf4 = lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>{{.block_size = 64}}.quantize(w);
  hash.add(elements(Matrix(lowbit::linear(x, nf4))));
  hash.add(elements(Eigen::VectorXf(lowbit::linear(x.topRows(1), nf4).row(0))));
  const auto a = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x);
  const auto b = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(Matrix(w.transpose()));
  const lowbit::bias bias{Eigen::VectorXf::Constant(rows, 0.3F)};
  hash.add(elements(Matrix(lowbit::matmul(a, b, lowbit::rescale | bias | lowbit::relu))));
  hash.add(elements(lowbit::matmul(a, b, lowbit::rescale | lowbit::requantize<std::int8_t>{0.37F, 3})));
  std::printf("products %016llx\n", static_cast<unsigned long long>(hash.state));
  return 0;
}
