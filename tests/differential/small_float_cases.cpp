// Small floats of 8, 6 and 4 bits, with and without scales.
#include <lowbit/number/float8.hpp>

#include "differential/elementwise.hpp"

namespace lowbit_test {
namespace {

using lowbit::bf16;
using lowbit::Cast;
using lowbit::float16;
using lowbit::ScaledFloat;

const bool added[] = {
    add_family("scaled_e4m3fn", 30, run_codec<ScaledFloat<lowbit::float8_e4m3fn>, float, float>),
    add_family("scaled_e5m2", 15, run_codec<ScaledFloat<lowbit::float8_e5m2>, double, bf16>),
    add_family("scaled_e4m3fnuz", 15, run_codec<ScaledFloat<lowbit::float8_e4m3fnuz>, float16, float>),
    add_family("scaled_e2m3fn", 10, run_codec<ScaledFloat<lowbit::float6_e2m3fn>, float, float16>),
    add_family("scaled_e2m1fn", 20, run_codec<ScaledFloat<lowbit::float4_e2m1fn>, float, float>),
    add_family("scaled_e2m1fn_double", 10, run_codec<ScaledFloat<lowbit::float4_e2m1fn>, double, bf16>),
    add_family("cast_e4m3fn", 10, run_codec<Cast<lowbit::float8_e4m3fn>, float, float>),
    add_family("cast_e5m2", 10, run_codec<Cast<lowbit::float8_e5m2>, bf16, float16>),
    add_family("cast_e5m2fnuz", 10, run_codec<Cast<lowbit::float8_e5m2fnuz>, double, float>),
    add_family("cast_e3m2fn", 5, run_codec<Cast<lowbit::float6_e3m2fn>, float, float>),
    add_family("cast_e2m1fn", 10, run_codec<Cast<lowbit::float4_e2m1fn>, float, bf16>),
};

}  // namespace
}  // namespace lowbit_test
