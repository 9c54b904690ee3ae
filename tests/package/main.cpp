// What every consumer project builds: the first lines that a user writes.
#include <lowbit/lowbit.hpp>

#include <cstdint>
#include <cstdio>

int main() {
  const Eigen::MatrixXf w = Eigen::MatrixXf::Random(16, 8);
  lowbit::AbsmaxQuantizer<std::int8_t> absmax;
  auto q = absmax.quantize(w);
  Eigen::MatrixXf back = q.dequantize();
  const float error = (w - back).cwiseAbs().maxCoeff();
  const float limit = w.cwiseAbs().maxCoeff() / 127 * 0.501F;
  std::printf("max |e| %g, limit %g, Eigen %d.%d\n", static_cast<double>(error), static_cast<double>(limit),
              EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION);
  return error <= limit ? 0 : 1;
}
