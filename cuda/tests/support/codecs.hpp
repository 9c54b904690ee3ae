// Every codec of the CUDA library, for CPU and device.
#pragma once
#include <lowbit/cuda/block_codec.hpp>

#include <array>
#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace lowbit_test {

template <class C>
struct CodecPair {
  std::string name;
  C cpu;
  lowbit::cuda::BlockCodec gpu;

  CodecPair(std::string n, const C& c) : name(std::move(n)), cpu(c), gpu(c) {}
};

/// Levels of any spacing: adjacent floats, decades apart, far from 1. The cell search does not apply to all
/// of them.
inline std::vector<float> uneven_levels(std::size_t count) {
  std::mt19937 engine(static_cast<unsigned>(count));
  std::vector<float> levels{-3.0f, std::nextafter(-3.0f, 0.0f), -0x1p-60f, 0x1p-60f, 2.5f};
  std::uniform_real_distribution<float> exponent(-40.0f, 1.0f);
  while (levels.size() < count) {
    const float v = std::exp2(exponent(engine));
    levels.push_back(engine() % 2 != 0 ? v : -v);
  }
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  return levels;
}

/// Codes in no order, some of which stand for the same level.
inline std::vector<float> shuffled_values() {
  std::vector<float> values;
  for (int k = 0; k < 200; ++k) values.push_back(static_cast<float>(k * 37 % 200 / 2) - 31.25f);
  return values;
}

/// f(pair) for those with codes of 8 bits.
template <class F>
void for_each_8_bit_codec(F&& f) {
  using lowbit::Codebook;
  using Run8 = lowbit::RuntimeTable<std::uint8_t>;
  using Int8 = lowbit::SymmetricInteger<std::int8_t>;
  f(CodecPair("dynamic map", Codebook<lowbit::DynamicMap>{}));
  f(CodecPair("unsigned dynamic map, ties to even",
              Codebook<lowbit::UnsignedDynamicMap>{lowbit::Ties::even}));
  f(CodecPair("uneven levels", Codebook<Run8>{Run8(uneven_levels(256))}));
  f(CodecPair("shuffled values", Codebook<Run8>{Run8::from_values(shuffled_values())}));
  f(CodecPair("two levels", Codebook<Run8>{Run8()}));
  f(CodecPair("int8", Int8{}));
  f(CodecPair("int8, all codes, by reciprocal",
              Int8{lowbit::SymmetricCodes::full, lowbit::ScalingMethod::reciprocal}));
  f(CodecPair("int8, powers of two", Int8{lowbit::SymmetricCodes::restricted, lowbit::ScalingMethod::divide,
                                          lowbit::ScaleRule::power_of_two}));
}
template <class F>
void for_each_4_bit_codec(F&& f) {
  using lowbit::Codebook;
  using Run4 = lowbit::RuntimeTable<lowbit::uint4>;
  using Int4 = lowbit::SymmetricInteger<lowbit::int4>;
  f(CodecPair("NF4", Codebook<lowbit::NormalFloat4>{}));
  f(CodecPair("FP4", Codebook<lowbit::Float4>{}));
  f(CodecPair("uneven levels", Codebook<Run4>{Run4(uneven_levels(11))}));
  f(CodecPair("int4", Int4{}));
  f(CodecPair("int4, all codes, by reciprocal",
              Int4{lowbit::SymmetricCodes::full, lowbit::ScalingMethod::reciprocal}));
}
template <class F>
void for_each_codec(F&& f) {
  for_each_8_bit_codec(f);
  for_each_4_bit_codec(f);
}

}  // namespace lowbit_test
