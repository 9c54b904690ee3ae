// Tables of 2-bit codes, and casts.
#include <lowbit/codec/tables/linear.hpp>
#include "differential/elementwise.hpp"

namespace lowbit_test {
namespace {

using lowbit::bf16;
using lowbit::float16;

const bool added[] = {
    add_family("linear2", 10, run_codec<lowbit::Codebook<lowbit::Linear<2>>, float16, float16>),
    add_family("runtime_uint2", 20,
               run_codec<lowbit::Codebook<lowbit::RuntimeTable<lowbit::uint2>>, float, float>),
    add_family("cast_float16", 10, run_codec<lowbit::Cast<float16>, float, float>),
    add_family("cast_bfloat16", 10, run_codec<lowbit::Cast<bf16>, double, float16>),
};

}  // namespace
}  // namespace lowbit_test
