// MX formats, NVFP4 and other small floats in blocks along rows, with every call, against the definition.
#include <lowbit/mx.hpp>
#include <lowbit/scale/stored_scales.hpp>

#include <gtest/gtest.h>

#include "support/scale_definition.hpp"

namespace {

using namespace lowbit;

template <class Real, class C, class S, class G>
void expect_defined_of(const C& codec, const S& format, const G& group) {
  for (const Shape& extents : {Shape{7, 13}, Shape{6, 96}, Shape{20, 33}, Shape{3, 5, 4}, Shape{70}})
    for (const Order order : {Order::row_major, Order::column_major}) {
      const Shape shape = extents.in_order(order);
      SCOPED_TRACE(shape.text() + (order == Order::row_major ? " by rows" : " by columns"));
      const bool spoilt = extents.rank() == 2 && extents[1] == 33;
      lowbit_test::expect_defined_in(
          codec, format,
          lowbit_test::Grouped<Real, G>(shape, group, lowbit_test::rows_of_every_size<Real>(shape, spoilt)));
    }
}

TEST(BlockFloats, AreDefinedElementByElement) {
  expect_defined_of<float>(ScaledFloat<float4_e2m1fn>{}, PowerOfTwoScales{}, RowBlocks<32>{});
  expect_defined_of<double>(ScaledFloat<float8_e4m3fn>{}, PowerOfTwoScales{ScaleRounding::floor},
                            RowBlocks<32>{});
  expect_defined_of<float>(ScaledFloat<float6_e2m3fn>{}, PowerOfTwoScales{}, RowBlocks<32>{.block_size = 8});
  expect_defined_of<float>(ScaledFloat<float4_e2m1fn>{}, QuantizedScales<>{}, RowBlocks<16>{});
  expect_defined_of<float>(ScaledFloat<float8_e4m3fn>{}, StoredScales<bf16>{}, RowBlocks<>{.block_size = 5});
}

}  // namespace
