// Tables of 8-bit codes: searched by decades, by even cells, by a tree.
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/codec/tables/linear.hpp>
#include "differential/elementwise.hpp"

namespace lowbit_test {
namespace {

using lowbit::bf16;
using lowbit::float16;

const bool added[] = {
    add_family("dynamic_map", 20, run_codec<lowbit::Codebook<lowbit::DynamicMap>, float, float>),
    add_family("unsigned_dynamic_map", 10,
               run_codec<lowbit::Codebook<lowbit::UnsignedDynamicMap>, bf16, float16>),
    add_family("linear8", 10, run_codec<lowbit::Codebook<lowbit::Linear<8>>, double, float>),
    add_family("runtime_uint8", 20,
               run_codec<lowbit::Codebook<lowbit::RuntimeTable<std::uint8_t>>, float, float16>),
};

}  // namespace
}  // namespace lowbit_test
