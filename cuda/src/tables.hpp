// The contents of a BlockCodec: kernel parameters.
#pragma once
#include "kernels/codebook.cuh"
#include "kernels/dequantize_blocks.cuh"
#include "kernels/grid.cuh"

#include <lowbit/cuda/block_codec.hpp>

namespace lowbit::cuda::detail {

/// Only the members of the codec's own bits and family are used.
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
