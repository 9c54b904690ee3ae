// Symmetric integers that share bytes.
#include "differential/elementwise.hpp"

namespace lowbit_test {
namespace {

using lowbit::bf16;
using lowbit::float16;

const bool added[] = {
    add_family("symmetric_int4", 30, run_codec<lowbit::SymmetricInteger<lowbit::int4>, float, float>),
    add_family("symmetric_uint4", 20, run_codec<lowbit::SymmetricInteger<lowbit::uint4>, double, float16>),
    add_family("symmetric_int2", 20, run_codec<lowbit::SymmetricInteger<lowbit::int2>, bf16, float>),
    add_family("symmetric_uint2", 20, run_codec<lowbit::SymmetricInteger<lowbit::uint2>, float, float16>),
};

}  // namespace
}  // namespace lowbit_test
