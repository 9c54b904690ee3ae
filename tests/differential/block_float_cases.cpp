// Blocks along rows with scales of 8 bits: MX formats, NVFP4, and other codecs with such scales.
#include <lowbit/mx.hpp>

#include "differential/elementwise.hpp"

namespace lowbit_test {
namespace {

using lowbit::bf16;
using lowbit::PowerOfTwoScales;
using lowbit::RowBlocks;
using lowbit::ScaledFloat;

template <lowbit::Codec C, class In, class Out, class S>
void run(Choices& choose) {
  ElementwiseCase<C, RowBlocks<16>, In, Out, S>(choose, RandomCodec<C>::make(choose)).run(choose);
}

const bool added[] = {
    add_family("mxfp4", 20, run<ScaledFloat<lowbit::float4_e2m1fn>, float, float, PowerOfTwoScales>),
    add_family("mxfp8", 15, run<ScaledFloat<lowbit::float8_e4m3fn>, bf16, float, PowerOfTwoScales>),
    add_family("mxint8", 10, run<lowbit::SymmetricInteger<std::int8_t>, double, bf16, PowerOfTwoScales>),
    add_family("nvfp4", 20, run<ScaledFloat<lowbit::float4_e2m1fn>, float, bf16, lowbit::QuantizedScales<>>),
};

}  // namespace
}  // namespace lowbit_test
