// A codebook of your own: a struct with levels.
#include <lowbit/lowbit.hpp>

#include <iostream>

struct Ternary {
  static constexpr std::array<float, 3> levels{-1.0f, 0.0f, 1.0f};  // finite, ascending
};

int main() {
  const Eigen::Vector4f w(0.9f, -0.1f, -1.0f, 0.4f);
  const lowbit::BlockwiseQuantizer<Ternary> quantizer{{.block_size = 32}};
  const auto q = quantizer.quantize(w);
  std::cout << q.dequantize().transpose() << "\n";  // -1, 0 or 1 times the largest magnitude
}
