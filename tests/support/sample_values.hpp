// Test values: random ones, and every kind of special float.
#pragma once
#include <Eigen/Core>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace lowbit_test {

inline float float_of_bits(std::uint32_t bits) { return std::bit_cast<float>(bits); }
inline std::uint32_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }

inline std::vector<float> normal_values(std::size_t n, unsigned seed, float sigma = 1.0F) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal(0.0F, sigma);
  std::vector<float> x(n);
  for (float& v : x) v = normal(engine);
  return x;
}

inline std::vector<float> uniform_values(std::size_t n, unsigned seed, float low, float high) {
  std::mt19937 engine(seed);
  std::uniform_real_distribution<float> uniform(low, high);
  std::vector<float> x(n);
  for (float& v : x) v = uniform(engine);
  return x;
}

inline Eigen::MatrixXf normal_matrix(Eigen::Index rows, Eigen::Index columns, unsigned seed) {
  const auto x = normal_values(static_cast<std::size_t>(rows * columns), seed);
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const RowMajor>(x.data(), rows, columns);
}

/// Special finite values: zeros, denormals, powers of two, ties k + 1/2 and adjacent floats, limits of the
/// codes and of the formats.
inline std::vector<float> special_finite_values() {
  std::vector<float> x{0.0F, -0.0F};
  const float limit = std::numeric_limits<float>::max(), least = std::numeric_limits<float>::denorm_min();
  const float normal = std::numeric_limits<float>::min();
  for (float v :
       {least,       3 * least,   normal - least, normal,       0x1p-126F * 1.5F, limit,    limit / 2,
        0x1p-100F,   0x1p100F,    65504.0F,       65519.996F,   65520.0F,         65536.0F, 0x1p-24F,
        0x1p-25F,    0x1.8p-25F,  0x1p-14F,       0x1.ffcp-15F, 0x1p30F,          0x1p31F,  2147483520.0F,
        0x1.fep127F, 0x1.ffp127F, 1e-3F,          0.1F,         1.0F / 3.0F}) {
    x.push_back(v);
    x.push_back(-v);
  }
  for (float k : {0.0F, 1.0F, 2.0F, 3.0F, 6.0F, 7.0F, 14.0F, 126.0F, 127.0F, 128.0F, 254.0F, 255.0F, 32766.0F,
                  32767.0F, 32768.0F, 65534.0F, 65535.0F}) {
    for (float v : {k, k + 0.5F, std::nextafter(k + 0.5F, 0.0F), std::nextafter(k + 0.5F, limit)}) {
      x.push_back(v);
      x.push_back(-v);
    }
  }
  return x;
}

/// The same and infinities and NaNs: quiet, signaling, negative, with payloads.
inline std::vector<float> special_values() {
  std::vector<float> x = special_finite_values();
  for (std::uint32_t bits : {0x7f800000U, 0xff800000U, 0x7fc00000U, 0xffc00000U, 0x7f800001U, 0xff800001U,
                             0x7fc12345U, 0x7fa5a5a5U, 0x7fffffffU, 0xffffffffU})
    x.push_back(float_of_bits(bits));
  return x;
}

/// Special values among random ones of many sizes, so that every lane sees every kind.
inline std::vector<float> mixed_values(std::size_t n, unsigned seed) {
  const std::vector<float> special = special_values();
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> x(n);
  for (float& v : x) {
    const auto r = engine() % 8;
    v = r == 0   ? special[engine() % special.size()]
        : r == 1 ? static_cast<float>(engine() % 600) - 300.0F + 0.5F
        : r == 2 ? normal(engine) * 1e4F
                 : normal(engine) * 3.0F;
  }
  return x;
}

}  // namespace lowbit_test
