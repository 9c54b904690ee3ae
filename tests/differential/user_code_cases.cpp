// Integers of code types of the user's: their packing has no vector kernels.
#include "differential/elementwise.hpp"
#include "support/user_codes.hpp"

namespace lowbit_test {
namespace {

using lowbit::bfloat16;
using lowbit::float16;

const bool added[] = {
    add_family("affine_user_uint1", 5, run_codec<lowbit::Affine<Uint1>, float, float>),
    add_family("symmetric_user_int3", 20, run_codec<lowbit::Symmetric<Int3>, float, float>),
    add_family("affine_user_uint5", 10, run_codec<lowbit::Affine<Uint5>, double, float16>),
    add_family("symmetric_user_int6", 10, run_codec<lowbit::Symmetric<Int6>, bfloat16, bfloat16>),
    add_family("affine_user_uint6", 20, run_codec<lowbit::Affine<Uint6>, float, float>),
    add_family("affine_user_int12", 5, run_codec<lowbit::Affine<Int12>, float16, double>),
};

}  // namespace
}  // namespace lowbit_test
