#include <lowbit/cuda/tensor.hpp>

#include "kernels/dequantize_blocks.cuh"
#include "kernels/tensor.cuh"
#include "launch.hpp"

namespace lowbit::cuda {

namespace {
using device::blocks_per_processor;
using device::tiles_of;

template <bool AffineInteger>
DeviceStatus quantize(const char* call, ConstValues x, std::int64_t count, std::uint8_t* codes, float* scale,
                      std::int32_t* zero_point, void* workspace, Stream stream,
                      unsigned long long* non_finite) {
  Check check(call);
  check.not_negative(count, "count");
  if (count > 0) check.pointer(x.data(), bytes_of(x.type()), "x").pointer(codes, 1, "codes");
  check.pointer(scale, 4, "scale").pointer(workspace, 16, "workspace");
  if (AffineInteger) check.pointer(zero_point, 4, "zero_point");
  if (non_finite != nullptr) check.pointer(non_finite, 8, "non_finite");
  if (!check.status().ok()) return check.status();

  auto* const parts = static_cast<RangePart*>(workspace);
  const auto part_count = static_cast<int>(std::min<std::int64_t>(tiles_of(count), max_range_parts));
  return with_type(x.type(), [&]<ElementType In>() -> DeviceStatus {
    const TensorInput<In> input{static_cast<const typename device::Element<In>::Storage*>(x.data()), count};
    const bool aligned = is_aligned(x.data(), 16) && is_aligned(codes, 8);
    DeviceStatus status;
    if (count > 0)
      status = launch(call, stream, part_count, device::threads, 0, find_range<In>, input, aligned, parts,
                      non_finite);
    if (status.ok())
      status = launch(call, stream, 1, device::threads, 0, choose_parameters<AffineInteger>, parts,
                      part_count, scale, zero_point);
    if (status.ok() && count > 0)
      status = launch(call, stream, tiles_of(count), device::threads, blocks_per_processor,
                      encode_tensor<In, AffineInteger>, input, aligned, codes, scale, zero_point);
    return status;
  });
}

DeviceStatus dequantize(const char* call, const std::uint8_t* codes, bool is_signed, const float* scale,
                        const std::int32_t* zero_point, std::int64_t count, Values y, Stream stream) {
  Check check(call);
  check.not_negative(count, "count");
  if (count == 0 && check.status().ok()) return {};
  check.pointer(codes, 1, "codes").pointer(scale, 4, "scale").pointer(y.data(), bytes_of(y.type()), "y");
  if (!is_signed) check.pointer(zero_point, 4, "zero_point");
  if (!check.status().ok()) return check.status();

  Levels<8> levels;
  for (int c = 0; c < 256; ++c) levels.level[c] = static_cast<float>(is_signed && c > 127 ? c - 256 : c);
  BlockScales scales{};
  scales.floats = scale;
  return with_type(y.type(), [&]<ElementType Out>() {
    constexpr std::int32_t one_block = 62;
    const DequantizeBlocks<Out> blocks{
        codes,      static_cast<typename device::Element<Out>::Storage*>(y.data()),
        zero_point, count,
        one_block,  is_aligned(y.data(), 16) && is_aligned(codes, 8),
        false};
    return launch(call, stream, tiles_of(count), device::threads, blocks_per_processor,
                  dequantize_blocks<Out, 8>, blocks, levels, scales);
  });
}
}  // namespace

std::int64_t tensor_workspace() noexcept { return max_range_parts * std::int64_t{sizeof(RangePart)}; }

DeviceStatus quantize_tensor_absmax(ConstValues x, std::int64_t count, std::int8_t* codes, float* scale,
                                    void* workspace, Stream stream, unsigned long long* non_finite) {
  return quantize<false>("quantize_tensor_absmax", x, count, reinterpret_cast<std::uint8_t*>(codes), scale,
                         nullptr, workspace, stream, non_finite);
}

DeviceStatus quantize_tensor_zero_point(ConstValues x, std::int64_t count, std::uint8_t* codes, float* scale,
                                        std::int32_t* zero_point, void* workspace, Stream stream,
                                        unsigned long long* non_finite) {
  return quantize<true>("quantize_tensor_zero_point", x, count, codes, scale, zero_point, workspace, stream,
                        non_finite);
}

DeviceStatus dequantize_tensor(const std::int8_t* codes, const float* scale, std::int64_t count, Values y,
                               Stream stream) {
  return dequantize("dequantize_tensor", reinterpret_cast<const std::uint8_t*>(codes), true, scale, nullptr,
                    count, y, stream);
}
DeviceStatus dequantize_tensor(const std::uint8_t* codes, const float* scale, const std::int32_t* zero_point,
                               std::int64_t count, Values y, Stream stream) {
  return dequantize("dequantize_tensor", codes, false, scale, zero_point, count, y, stream);
}

}  // namespace lowbit::cuda
