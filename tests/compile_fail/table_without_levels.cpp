// EXPECT: a codebook is a struct with `static constexpr std::array<float, N> levels`
#include <lowbit/codebook.hpp>

#include <array>

struct Quarters {
#if COMPILE_FAIL
  static constexpr std::array<float, 3> steps = {-1.0f, 0.0f, 1.0f};
#else
  static constexpr std::array<float, 3> levels = {-1.0f, 0.0f, 1.0f};
#endif
};

lowbit::CodebookQuantizer<Quarters> quantizer;
