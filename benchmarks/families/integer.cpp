// Integer codes: per tensor with the scale given or found, per channel along either axis, in blocks; and
// dequantization.
#include "../support/rows.hpp"

#include <string>

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

/// Rows of interleaved channels that are shorter than the vectors of a kernel: 1,000 of them.
template <class Quantizer>
void add_short_rows(const std::string& name, Eigen::Index channels) {
  add_row("quantize/" + name + "/channel_inner/" + std::to_string(channels) + "_channels",
          [channels](benchmark::State& state) {
            const Quantizer quantizer{{.axis = 0}};
            const Eigen::Map<const Eigen::MatrixXf> m(normal_values().data(), opaque(channels), opaque(1000));
            auto q = quantizer.quantize(m);
            measure(state, work_of(q, static_cast<std::size_t>(m.size()) * sizeof(float)),
                    [&] { quantizer.quantize_into(m, q); });
          });
}

const Rows short_rows([] {
  for (const Eigen::Index channels : {3, 60, 64}) {
    add_short_rows<AbsmaxQuantizer<std::int8_t, PerChannel>>("int8", channels);
    add_short_rows<CodebookQuantizer<NormalFloat4, PerChannel>>("nf4", channels);
  }
});

const Rows half_inputs([] {
  const auto given = given_scale(AbsmaxQuantizer<std::int8_t>{});
  add_quantize<Eigen::bfloat16>("int8/tensor/from_bf16", given);
  add_quantize<Eigen::half>("int8/tensor/from_fp16", given);
});

/// Codes of a row-major matrix into a column-major one.
template <class Quantizer>
void add_dequantize_into_columns(const std::string& name, const Quantizer& quantizer) {
  add_sizes("dequantize/" + name + "/column_major", [=](benchmark::State& state, Eigen::Index side) {
    const auto q = quantizer.quantize(weights<float>(side).matrix());
    Tensor<float, Eigen::ColMajor> y(side);
    auto m = y.matrix();
    measure(state, work_of(q, y.bytes()), [&] { q.dequantize_into(m); });
  });
}

const Rows dequantize([] {
  add_dequantize_into_columns("int8/tensor", AbsmaxQuantizer<std::int8_t>{});
  add_dequantize_into_columns("int8/channel_outer", rows);
  add_dequantize("int8/tensor", AbsmaxQuantizer<std::int8_t>{});
  add_dequantize("uint8/tensor", ZeroPointQuantizer<std::uint8_t>{});
  add_dequantize("int16/tensor", AbsmaxQuantizer<std::int16_t>{});
  add_dequantize("int8/channel_outer", rows);
  add_dequantize<float, Eigen::ColMajor>("int8/channel_inner", rows);
  add_dequantize("int8/32", blocks);
  add_dequantize<Eigen::bfloat16>("int8/tensor/bf16", AbsmaxQuantizer<std::int8_t>{});
});

}  // namespace
