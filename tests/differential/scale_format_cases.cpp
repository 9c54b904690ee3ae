// Scales in other formats than floats: nested ones, and halves as a user might store them.
#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/codec/tables/normal_float4.hpp>

#include "differential/elementwise.hpp"

namespace lowbit_test {
namespace {

using lowbit::bf16;
using lowbit::Blockwise;
using lowbit::float16;
using lowbit::NestedScales;

template <lowbit::Codec C, class G, class In, class Out, class S>
void run(Choices& choose) {
  ElementwiseCase<C, G, In, Out, S>(choose, RandomCodec<C>::make(choose)).run(choose);
}

const bool added[] = {
    add_family("nested_normal_float4", 15,
               run<lowbit::Codebook<lowbit::NormalFloat4>, Blockwise, float, float, NestedScales>),
    add_family("nested_affine_uint8", 15,
               run<lowbit::AffineInteger<std::uint8_t>, Blockwise, float, bf16, NestedScales>),
    add_family("nested_affine_int2", 10,
               run<lowbit::AffineInteger<lowbit::int2>, Blockwise, double, float, NestedScales>),
    add_family("nested_channels_int8", 10,
               run<lowbit::SymmetricInteger<std::int8_t>, lowbit::PerChannel, float16, float, NestedScales>),
    add_family("half_scales_uint8", 15,
               run<lowbit::AffineInteger<std::uint8_t>, Blockwise, float, float, HalfScales>),
    add_family("half_scales_int4", 10,
               run<lowbit::SymmetricInteger<lowbit::int4>, lowbit::PerChannel, double, float16, HalfScales>),
    add_family("half_scales_dynamic_map", 10,
               run<lowbit::Codebook<lowbit::DynamicMap>, Blockwise, bf16, float, HalfScales>),
    add_family("half_scales_tensor", 5,
               run<lowbit::AffineInteger<std::int16_t>, lowbit::PerTensor, float, float, HalfScales>),
};

}  // namespace
}  // namespace lowbit_test
