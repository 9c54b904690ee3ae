// EXPECT: a codebook has 2 to 256 levels
#include <lowbit/codec/codebook.hpp>

#include <array>

struct Lonely {
#if COMPILE_FAIL
  static constexpr std::array<float, 1> levels = {1.0f};
#else
  static constexpr std::array<float, 2> levels = {0.0f, 1.0f};
#endif
};

auto codec = lowbit::Codebook<Lonely>{};
