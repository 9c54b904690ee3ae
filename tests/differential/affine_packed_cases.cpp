// Affine integers that share bytes.
#include "differential/elementwise.hpp"

namespace lowbit_test {
namespace {

using lowbit::bfloat16;
using lowbit::float16;

const bool added[] = {
    add_family("affine_int4", 20, run_codec<lowbit::Affine<lowbit::int4>, float, bfloat16>),
    add_family("affine_uint4", 30, run_codec<lowbit::Affine<lowbit::uint4>, float, float>),
    add_family("affine_int2", 20, run_codec<lowbit::Affine<lowbit::int2>, double, double>),
    add_family("affine_uint2", 20, run_codec<lowbit::Affine<lowbit::uint2>, bfloat16, bfloat16>),
};

}  // namespace
}  // namespace lowbit_test
