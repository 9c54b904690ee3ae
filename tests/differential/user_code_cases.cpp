// Integers of code types of the user's: their packing has no vector kernels.
#include "differential/elementwise.hpp"
#include "support/user_codes.hpp"

namespace lowbit_test {
namespace {

using lowbit::bf16;
using lowbit::float16;

const bool added[] = {
    add_family("affine_user_uint1", 5, run_codec<lowbit::AffineInteger<Uint1>, float, float>),
    add_family("symmetric_user_int3", 20, run_codec<lowbit::SymmetricInteger<Int3>, float, float>),
    add_family("affine_user_uint5", 10, run_codec<lowbit::AffineInteger<Uint5>, double, float16>),
    add_family("symmetric_user_int6", 10, run_codec<lowbit::SymmetricInteger<Int6>, bf16, bf16>),
    add_family("affine_user_uint6", 20, run_codec<lowbit::AffineInteger<Uint6>, float, float>),
    add_family("affine_user_int12", 5, run_codec<lowbit::AffineInteger<Int12>, float16, double>),
};

}  // namespace
}  // namespace lowbit_test
