// float16 and bfloat16 as codes.
#include "../support/rows.hpp"

namespace {

using namespace bench;
using namespace lowbit;

const Rows casts([] {
  add_quantize("bfloat16", CastQuantizer<bf16>{});
  add_quantize("float16", CastQuantizer<float16>{});
  add_dequantize("bfloat16", CastQuantizer<bf16>{});
  add_dequantize("float16", CastQuantizer<float16>{});
});

}  // namespace
