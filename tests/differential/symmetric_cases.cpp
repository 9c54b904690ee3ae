// Symmetric integers of 8 and 16 bits.
#include "differential/elementwise.hpp"

namespace lowbit_test {
namespace {

using lowbit::bf16;
using lowbit::float16;

const bool added[] = {
    add_family("symmetric_int8", 30, run_codec<lowbit::SymmetricInteger<std::int8_t>, float, float>),
    add_family("symmetric_uint8", 10, run_codec<lowbit::SymmetricInteger<std::uint8_t>, float16, bf16>),
    add_family("symmetric_int16", 10, run_codec<lowbit::SymmetricInteger<std::int16_t>, double, float>),
    add_family("symmetric_uint16", 10, run_codec<lowbit::SymmetricInteger<std::uint16_t>, float, double>),
};

}  // namespace
}  // namespace lowbit_test
