// five quantizers that encode and decode, and a product
#include <lowbit/lowbit.hpp>
#include <lowbit/matmul.hpp>

using namespace lowbit;

template <class Q>
Eigen::MatrixXf round_trip(const Q& quantizer, const Eigen::MatrixXf& w) {
  return quantizer.quantize(w).dequantize();
}

Eigen::MatrixXf round_trips(const Eigen::MatrixXf& w) {
  return round_trip(AbsmaxQuantizer<std::int8_t, PerChannel>{{.axis = 0}}, w) +
         round_trip(ZeroPointQuantizer<std::uint8_t>{}, w) +
         round_trip(BlockwiseQuantizer<int4>{{.block_size = 64}}, w) +
         round_trip(BlockwiseQuantizer<NormalFloat4>{{.block_size = 64}}, w) +
         round_trip(BlockwiseQuantizer<DynamicMap>{{.block_size = 256}}, w);
}

Eigen::MatrixXf product(const Eigen::MatrixXf& x, const Eigen::MatrixXf& w, const Eigen::VectorXf& b) {
  const AbsmaxQuantizer<std::int8_t, PerChannel> rows{{.axis = 0}};
  return linear(rows.quantize(x), PackedWeights<std::int8_t>::transposed(rows.quantize(w)),
                rescale | bias{b} | relu);
}
