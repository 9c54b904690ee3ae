// A scale format of your own: how the scales of a tensor are stored, and come back as floats.
#include <lowbit/lowbit.hpp>

#include <iostream>
#include <vector>

struct HalfScales {
  static constexpr auto encode_with = lowbit::EncodeWith::stored;  // codes belong to the rounded scale
  struct Array {
    std::vector<lowbit::float16> values;
    std::size_t size() const { return values.size(); }
    std::size_t bytes() const { return 2 * values.size(); }
    void load(std::size_t first, std::size_t count, float* out) const {
      for (std::size_t i = 0; i < count; ++i) out[i] = lowbit::to_float(values[first + i]);
    }
  };
  void store(std::span<const float> extents, const lowbit::Levels& levels, Array& to) const {
    to.values.clear();
    for (const float extent : extents)
      to.values.push_back(lowbit::from_float<lowbit::float16>(levels.ideal(extent)));
  }
};

int main() {
  const Eigen::VectorXf w = Eigen::VectorXf::LinSpaced(128, -1.0f, 1.0f);
  const lowbit::BlockwiseQuantizer<lowbit::int4, lowbit::MinMax, HalfScales> quantizer{{.block_size = 32}};
  const auto q = quantizer.quantize(w);
  std::cout.precision(3);
  std::cout << q.bits_per_value() << " bits a value, " << lowbit::error(w, q).snr_db << " dB\n";
}
