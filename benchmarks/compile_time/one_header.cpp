// `lowbit/absmax.hpp`, the same quantizer used
#include <lowbit/absmax.hpp>

Eigen::MatrixXf round_trip(const Eigen::MatrixXf& w) {
  lowbit::AbsmaxQuantizer<std::int8_t> absmax;
  return absmax.quantize(w).dequantize();
}
