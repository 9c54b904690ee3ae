// Codes that share bytes: NF4, FP4 and int4 in blocks of 32 and 64, NF4 with nested scales, int2.
#include "../support/rows.hpp"

namespace {

using namespace bench;
using namespace lowbit;

template <class Codec>
BlockwiseQuantizer<Codec> blocks(Index block_size) {
  return {{.block_size = block_size}};
}

template <class Codec>
void add_both_ways(const std::string& name) {
  for (const Index size : {32, 64}) {
    const std::string block = name + '/' + std::to_string(size);
    add_quantize(block, blocks<Codec>(size));
    add_dequantize(block, blocks<Codec>(size));
    add_dequantize<Eigen::bfloat16>(block + "/bf16", blocks<Codec>(size));
  }
}

const Rows nf4([] {
  add_both_ways<NormalFloat4>("nf4");
  const NestedQuantizer<NormalFloat4> nested{{.block_size = 64}};
  add_quantize("nf4/64/nested", nested);
  add_dequantize("nf4/64/nested", nested);
});
const Rows fp4([] { add_both_ways<Float4>("fp4"); });
const Rows integer4([] { add_both_ways<int4>("int4"); });
const Rows integer2([] {
  add_quantize("int2/32", blocks<int2>(32));
  add_dequantize("int2/32", blocks<int2>(32));
});

}  // namespace
