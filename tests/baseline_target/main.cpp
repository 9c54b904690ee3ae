// Prints a hash of the results of kernels of every kind. Compiled for all targets and, with
// LOWBIT_BASELINE_TARGET_ONLY, for EXPECTED_TARGET alone.
#include <lowbit/lowbit.hpp>
#include <lowbit/matmul.hpp>

#include <cstdint>
#include <cstdio>
#include <iterator>
#include <span>

#if defined(EXPECTED_TARGET)
static_assert(std::size(lowbit::simd::compiled) == 1);
static_assert(lowbit::simd::compiled[0] == lowbit::simd::Isa::EXPECTED_TARGET);
#endif

namespace {

std::uint64_t hash = 0xcbf29ce484222325u;
template <class T>
void add(std::span<const T> values) {
  for (const std::byte b : std::as_bytes(values))
    hash = (hash ^ static_cast<std::uint64_t>(b)) * 0x100000001b3u;
}
template <class Quantizer>
auto quantize(Quantizer quantizer, const Eigen::MatrixXf& x) {
  auto q = quantizer.quantize(x);
  add(q.codes());
  add(q.scales());
  const Eigen::MatrixXf y = q.dequantize();
  add(std::span<const float>(y.data(), static_cast<std::size_t>(y.size())));
  return q;
}

}  // namespace

int main() {
  Eigen::MatrixXf x(67, 67);
  for (Eigen::Index i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<float>(i * 7919 % 4001 - 2000) * 0.37F;
  const auto a = quantize(lowbit::AbsmaxQuantizer<std::int8_t>{}, x);
  quantize(lowbit::ZeroPointQuantizer<lowbit::uint4, lowbit::PerChannel>{{.axis = 0}}, x);
  quantize(lowbit::BlockwiseQuantizer<lowbit::NormalFloat4>{{.block_size = 64}}, x);
  quantize(lowbit::DynamicMapQuantizer<>{}, x);
  const Eigen::MatrixXf y = lowbit::matmul(a, a, lowbit::rescale);
  add(std::span<const float>(y.data(), static_cast<std::size_t>(y.size())));
  std::printf("%016llx\n", static_cast<unsigned long long>(hash));
  return 0;
}
