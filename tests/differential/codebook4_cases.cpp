// Tables of 4-bit codes: sorted, with a sign bit, with fewer levels, known at run time.
#include <lowbit/codec/tables/float4.hpp>
#include <lowbit/codec/tables/linear.hpp>
#include <lowbit/codec/tables/non_linear3.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>
#include "differential/elementwise.hpp"

namespace lowbit_test {
namespace {

using lowbit::bf16;
using lowbit::float16;

const bool added[] = {
    add_family("normal_float4", 30, run_codec<lowbit::Codebook<lowbit::NormalFloat4>, float, float>),
    add_family("float4", 20, run_codec<lowbit::Codebook<lowbit::Float4>, float16, double>),
    add_family("non_linear3", 10, run_codec<lowbit::Codebook<lowbit::NonLinear3>, double, bf16>),
    add_family("linear4", 10, run_codec<lowbit::Codebook<lowbit::Linear<4>>, bf16, float>),
    add_family("runtime_uint4", 20,
               run_codec<lowbit::Codebook<lowbit::RuntimeTable<lowbit::uint4>>, double, double>),
};

}  // namespace
}  // namespace lowbit_test
