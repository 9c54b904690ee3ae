// Tables of up to 8 and 64 levels, with code types of the user's.
#include "differential/elementwise.hpp"
#include "support/user_codes.hpp"

namespace lowbit_test {
namespace {

const bool added[] = {
    add_family("runtime_user_uint3", 10,
               run_codec<lowbit::Codebook<lowbit::RuntimeTable<Uint3>>, double, lowbit::bf16>),
    add_family("runtime_user_uint6", 20,
               run_codec<lowbit::Codebook<lowbit::RuntimeTable<Uint6>>, float, float>),
};

}  // namespace
}  // namespace lowbit_test
