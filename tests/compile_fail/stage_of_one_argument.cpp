// EXPECT: a stage of an epilogue is called as stage\(row, column, value\)
#include <lowbit/absmax.hpp>
#include <lowbit/matmul.hpp>

void use() {
  const Eigen::MatrixXf x = Eigen::MatrixXf::Zero(2, 2);
  const auto q = lowbit::AbsmaxQuantizer<std::int8_t>{}.quantize(x);
#if COMPILE_FAIL
  const auto half = [](float v) { return v * 0.5f; };
#else
  const auto half = [](lowbit::Index, lowbit::Index, float v) { return v * 0.5f; };
#endif
  static_cast<void>(lowbit::matmul(q, q, lowbit::rescale | half));
}
