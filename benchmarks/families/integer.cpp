// Integer codes: per tensor with the scale given or found, per channel along either axis, in blocks; and
// dequantization.
#include "../support/rows.hpp"

namespace {

using namespace bench;
using namespace lowbit;

/// One scale per row: contiguous groups in row-major memory, interleaved ones in column-major memory.
const AbsmaxQuantizer<std::int8_t, PerChannel> rows{{.axis = 0}};
const BlockwiseQuantizer<std::int8_t> blocks{{.block_size = 32}};

const Rows quantize([] {
  add_quantize("int8/tensor", given_scale(AbsmaxQuantizer<std::int8_t>{}));
  add_quantize("uint8/tensor", given_scale(ZeroPointQuantizer<std::uint8_t>{}));
  add_quantize("int16/tensor", given_scale(AbsmaxQuantizer<std::int16_t>{}));
  add_quantize("int8/tensor/found", AbsmaxQuantizer<std::int8_t>{});
  add_quantize("uint8/tensor/found", ZeroPointQuantizer<std::uint8_t>{});
  add_quantize("int8/channel_outer", rows);
  add_quantize<float, Eigen::ColMajor>("int8/channel_inner", rows);
  add_quantize("int8/32", blocks);
  add_quantize<float, Eigen::ColMajor>("int8/32/column_major", blocks);
});

const Rows half_inputs([] {
  const auto given = given_scale(AbsmaxQuantizer<std::int8_t>{});
  add_quantize<Eigen::bfloat16>("int8/tensor/from_bf16", given);
  add_quantize<Eigen::half>("int8/tensor/from_fp16", given);
});

const Rows dequantize([] {
  add_dequantize("int8/tensor", AbsmaxQuantizer<std::int8_t>{});
  add_dequantize("uint8/tensor", ZeroPointQuantizer<std::uint8_t>{});
  add_dequantize("int16/tensor", AbsmaxQuantizer<std::int16_t>{});
  add_dequantize("int8/channel_outer", rows);
  add_dequantize<float, Eigen::ColMajor>("int8/channel_inner", rows);
  add_dequantize("int8/32", blocks);
  add_dequantize<Eigen::bfloat16>("int8/tensor/bf16", AbsmaxQuantizer<std::int8_t>{});
});

}  // namespace
