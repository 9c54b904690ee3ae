// What a BlockCodec holds: kernel parameters, ready to be copied.
#pragma once
#include "kernels/codebook.cuh"
#include "kernels/dequantize_blocks.cuh"
#include "kernels/grid.cuh"

#include <lowbit/cuda/block_codec.hpp>

namespace lowbit::cuda::detail {

/// Of the parts for 8 and 4 bits, those of the other codes are not used, nor are those of the other family.
struct CodecTables {
  int bits = 8;
  bool is_grid = false;
  GridParameters grid{};
  CodebookParameters<8> codebook8{};
  CodebookParameters<4> codebook4{};
  Levels<8> levels8{};
  Levels<4> levels4{};
};

}  // namespace lowbit::cuda::detail
