// Groups that are tiles, or that a list names.
#include <lowbit/codec/tables/normal_float4.hpp>

#include "differential/elementwise.hpp"

namespace lowbit_test {
namespace {

using lowbit::bf16;
using lowbit::Indexed;
using lowbit::Tiles;

template <lowbit::Codec C, class G, class In, class Out>
void run(Choices& choose) {
  ElementwiseCase<C, G, In, Out>(choose, RandomCodec<C>::make(choose)).run(choose);
}

const bool added[] = {
    add_family("tiles_int8", 15, run<lowbit::SymmetricInteger<std::int8_t>, Tiles, float, float>),
    add_family("tiles_uint4", 15, run<lowbit::AffineInteger<lowbit::uint4>, Tiles, bf16, float>),
    add_family("tiles_normal_float4", 10, run<lowbit::Codebook<lowbit::NormalFloat4>, Tiles, double, bf16>),
    add_family("indexed_uint8", 10, run<lowbit::AffineInteger<std::uint8_t>, Indexed, float, float>),
    add_family("indexed_int4", 10, run<lowbit::SymmetricInteger<lowbit::int4>, Indexed, float, float>),
};

}  // namespace
}  // namespace lowbit_test
