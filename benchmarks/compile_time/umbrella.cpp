// `lowbit/lowbit.hpp`, one quantizer used
#include <lowbit/lowbit.hpp>

Eigen::MatrixXf round_trip(const Eigen::MatrixXf& w) {
  lowbit::AbsmaxQuantizer<std::int8_t> absmax;
  return absmax.quantize(w).dequantize();
}
