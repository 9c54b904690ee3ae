// Affine integers of 8 and 16 bits.
#include "differential/elementwise.hpp"

namespace lowbit_test {
namespace {

using lowbit::bf16;
using lowbit::float16;

const bool added[] = {
    add_family("affine_int8", 10, run_codec<lowbit::AffineInteger<std::int8_t>, float16, float16>),
    add_family("affine_uint8", 30, run_codec<lowbit::AffineInteger<std::uint8_t>, float, float>),
    add_family("affine_int16", 10, run_codec<lowbit::AffineInteger<std::int16_t>, bf16, double>),
    add_family("affine_uint16", 10, run_codec<lowbit::AffineInteger<std::uint16_t>, float16, float>),
};

}  // namespace
}  // namespace lowbit_test
