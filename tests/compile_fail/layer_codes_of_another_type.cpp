// EXPECT: codes must have the code type of the layer's activations
#include <lowbit/linear.hpp>

void use() {
  lowbit::Quantizer<lowbit::SymmetricInteger<std::int8_t>> activations;
  activations.freeze(lowbit::Range{-1.0f, 1.0f});
  const lowbit::QuantizedLinear layer(Eigen::MatrixXf::Ones(2, 2), lowbit::rescale, activations);
#if COMPILE_FAIL
  using Code = std::uint8_t;
#else
  using Code = std::int8_t;
#endif
  const Eigen::Matrix<Code, 2, 2> codes = Eigen::Matrix<Code, 2, 2>::Zero();
  static_cast<void>(layer(codes));
}
