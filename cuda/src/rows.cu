#include <lowbit/codec/levels.hpp>
#include <lowbit/cuda/rows.hpp>

#include "kernels/rows.cuh"
#include "launch.hpp"

namespace lowbit::cuda {

namespace {
using device::blocks_per_processor;

/// Checks the extents, whose product must fit the address space.
void check_extents(Check& check, std::int64_t rows, std::int64_t columns) {
  check.not_negative(rows, "rows").not_negative(columns, "columns");
  if (!check.status().ok() || rows == 0) return;
  check.that(columns <= (std::int64_t{1} << 60) / rows, static_cast<long long>(rows), " rows of ",
             static_cast<long long>(columns), " columns exceed the address space");
}

std::int64_t blocks_of(std::int64_t rows, bool wide) noexcept {
  return wide ? rows : device::divide_up(rows, device::warps);
}
}  // namespace

DeviceStatus quantize_rows(ConstValues x, std::int64_t rows, std::int64_t columns, std::int8_t* codes,
                           float* scales, Stream stream, unsigned long long* non_finite) {
  constexpr const char* call = "quantize_rows";
  Check check(call);
  check_extents(check, rows, columns);
  if (rows == 0 && check.status().ok()) return {};
  if (columns > 0) check.pointer(x.data(), bytes_of(x.type()), "x").pointer(codes, 1, "codes");
  check.pointer(scales, 4, "scales");
  if (non_finite != nullptr) check.pointer(non_finite, 8, "non_finite");
  if (!check.status().ok()) return check.status();
  return with_type(x.type(), [&]<ElementType In>() {
    const bool wide = columns > longest_row_of_warp;
    const bool aligned = is_aligned(x.data(), 16) && is_aligned(codes, 8) && columns % device::run == 0;
    const QuantizeRows<In> call_of_rows{
        static_cast<const typename device::Element<In>::Storage*>(x.data()),
        reinterpret_cast<std::uint8_t*>(codes),
        scales,
        rows,
        columns,
        aligned,
        wide,
        {{127.0f, 0.0f, 1.0f / 127.0f, false, largest_scale(127.0f)}, -127, 127, false},
        non_finite};
    return launch(call, stream, blocks_of(rows, wide), device::threads, blocks_per_processor,
                  quantize_rows<In>, call_of_rows);
  });
}

DeviceStatus dequantize_rows(const std::int8_t* codes, const float* scales, std::int64_t rows,
                             std::int64_t columns, Values y, Stream stream) {
  constexpr const char* call = "dequantize_rows";
  Check check(call);
  check_extents(check, rows, columns);
  if ((rows == 0 || columns == 0) && check.status().ok()) return {};
  check.pointer(codes, 1, "codes").pointer(scales, 4, "scales").pointer(y.data(), bytes_of(y.type()), "y");
  if (!check.status().ok()) return check.status();
  return with_type(y.type(), [&]<ElementType Out>() {
    const bool wide = columns > longest_row_of_warp;
    const bool aligned = is_aligned(y.data(), 16) && is_aligned(codes, 8) && columns % device::run == 0;
    const DequantizeRows<Out> call_of_rows{reinterpret_cast<const std::uint8_t*>(codes),
                                           scales,
                                           static_cast<typename device::Element<Out>::Storage*>(y.data()),
                                           rows,
                                           columns,
                                           aligned,
                                           wide};
    return launch(call, stream, blocks_of(rows, wide), device::threads, blocks_per_processor,
                  dequantize_rows<Out>, call_of_rows);
  });
}

}  // namespace lowbit::cuda
