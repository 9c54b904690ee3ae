// Codebooks of 256 levels: the dynamic map, and an irregular table.
#include "../support/rows.hpp"

namespace {

using namespace bench;
using namespace lowbit;

/// Neither symmetric nor evenly spaced: cubes of steps over [-0.7, 1].
struct Skewed {
  static constexpr std::array<float, 256> levels = [] {
    std::array<float, 256> t{};
    for (int k = 0; k < 256; ++k) {
      const float u = static_cast<float>(k - 97) / 158.0f;
      t[static_cast<std::size_t>(k)] =
          u < 0.0f ? 0.7f * u * u * u * (158.0f * 158.0f * 158.0f) / (97.0f * 97.0f * 97.0f)
                   : 0.25f * u + 0.75f * u * u * u;
    }
    return t;
  }();
};

BlockwiseQuantizer<DynamicMap> dynamic(Index block_size) { return {{.block_size = block_size}}; }
const BlockwiseQuantizer<Skewed> skewed{{.block_size = 256}};

const Rows quantize([] {
  for (const Index size : {64, 256, 4096}) add_quantize("dynamic_map/" + std::to_string(size), dynamic(size));
  add_quantize("user_codebook/256", skewed);
});

const Rows dequantize([] {
  for (const Index size : {64, 256, 4096})
    add_dequantize("dynamic_map/" + std::to_string(size), dynamic(size));
  add_dequantize<Eigen::bfloat16>("dynamic_map/256/bf16", dynamic(256));
  add_dequantize<Eigen::half>("dynamic_map/256/fp16", dynamic(256));
  add_dequantize("user_codebook/256", skewed);
});

}  // namespace
