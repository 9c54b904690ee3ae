// Affine integers that share bytes.
#include "differential/elementwise.hpp"

namespace lowbit_test {
namespace {

using lowbit::bf16;
using lowbit::float16;

const bool added[] = {
    add_family("affine_int4", 20, run_codec<lowbit::AffineInteger<lowbit::int4>, float, bf16>),
    add_family("affine_uint4", 30, run_codec<lowbit::AffineInteger<lowbit::uint4>, float, float>),
    add_family("affine_int2", 20, run_codec<lowbit::AffineInteger<lowbit::int2>, double, double>),
    add_family("affine_uint2", 20, run_codec<lowbit::AffineInteger<lowbit::uint2>, bf16, bf16>),
};

}  // namespace
}  // namespace lowbit_test
