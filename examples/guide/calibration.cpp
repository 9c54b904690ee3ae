// Which range static quantization should use: every observer on the same batches, then one of them.
#include <lowbit/calibration.hpp>
#include <lowbit/lowbit.hpp>

#include <cstdio>
#include <vector>

int main() {
  using namespace lowbit;
  // Activations in [-1, 1], most of them small, with a few values of 5.
  std::vector<Eigen::MatrixXf> batches;
  for (int batch = 0; batch < 4; ++batch) {
    Eigen::MatrixXf x =
        Eigen::VectorXf::LinSpaced(4096, -1.0f, 1.0f).array().cube().matrix().reshaped(64, 64);
    x(batch, 7) = 5.0f;
    batches.push_back(x);
  }
  std::printf("%-20s %6s %6s %8s\n", "observer", "min", "max", "SNR dB");
  for (const CalibratorReport& r : compare_calibrators(batches, SymmetricInteger<int4>{}))
    std::printf("%-20s %6.2f %6.2f %8.1f\n", r.method.c_str(), double{r.range.min}, double{r.range.max},
                r.snr_db);

  AbsmaxQuantizer<int4, PerTensor, MeanSquaredError> quantizer;
  for (const Eigen::MatrixXf& x : batches) quantizer.observe(x);
  quantizer.freeze();  // from here on, the scale stays as it is
  const auto q = quantizer.quantize(batches[0]);
  std::printf("scale %.3f, 5 decodes to %.2f, %d value clipped\n", double{q.scale(0)},
              double{q.dequantize()(0, 7)}, static_cast<int>(error(batches[0], q).clipped));
}
