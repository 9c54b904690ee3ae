// EXPECT: levels of a codebook must be finite and sorted in strictly ascending order
#include <lowbit/codec/codebook.hpp>

#include <array>

struct Thirds {
#if COMPILE_FAIL
  static constexpr std::array<float, 4> levels = {-1.0f, -0.3f, 1.0f, 0.3f};
#else
  static constexpr std::array<float, 4> levels = {-1.0f, -0.3f, 0.3f, 1.0f};
#endif
};

auto code = lowbit::Codebook<Thirds>{}.lookup();
