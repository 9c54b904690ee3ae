#include <lowbit/cuda/blockwise.hpp>

#include "kernels/nest_scales.cuh"
#include "kernels/quantize_blocks.cuh"
#include "launch.hpp"
#include "scales.hpp"
#include "tables.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>

namespace lowbit::cuda {

namespace {
using device::blocks_per_processor;
using device::tiles_of;

void check_blocks(Check& check, std::int64_t count, std::int64_t block_size) {
  check.not_negative(count, "count");
  check.that(block_size >= min_block_size && block_size <= max_block_size &&
                 std::has_single_bit(static_cast<std::uint64_t>(block_size)),
             "block size is ", static_cast<long long>(block_size), ", it must be a power of two from ",
             static_cast<long long>(min_block_size), " to ", static_cast<long long>(max_block_size));
}

std::int32_t log2_of(std::int64_t power) noexcept {
  return std::countr_zero(static_cast<std::uint64_t>(power));
}

template <ElementType In>
QuantizeBlocks<In> blocks_of(const typename device::Element<In>::Storage* x, std::int64_t count,
                             std::int64_t block_size, std::uint8_t* codes, float* scales,
                             const BlockwiseOptions& options) noexcept {
  const auto block = static_cast<std::uint32_t>(block_size);
  return {x,
          codes,
          scales,
          options.non_finite,
          count,
          log2_of(block_size),
          std::min<std::uint32_t>(block / device::values_per_thread, 32),
          std::max<std::uint32_t>(block / device::warp_tile, 1),
          is_aligned(x, 16) && is_aligned(codes, 8),
          options.high_nibble_first};
}

template <ElementType In, class Encoder>
DeviceStatus start(const char* call, const QuantizeBlocks<In>& blocks,
                   const typename Encoder::Parameters& parameters, Stream stream) {
  return launch(call, stream, tiles_of(blocks.count), device::threads, blocks_per_processor,
                quantize_blocks<In, Encoder>, blocks, parameters);
}
}  // namespace

DeviceStatus quantize_blockwise(const BlockCodec& codec, ConstValues x, std::int64_t count,
                                std::int64_t block_size, Codes codes, float* scales,
                                const BlockwiseOptions& options) {
  constexpr const char* call = "quantize_blockwise";
  Check check(call);
  check_blocks(check, count, block_size);
  if (count == 0 && check.status().ok()) return {};
  check.pointer(x.data(), bytes_of(x.type()), "x")
      .pointer(codes.data(), 1, "codes")
      .pointer(scales, 4, "scales");
  if (options.non_finite != nullptr) check.pointer(options.non_finite, 8, "non_finite");
  if (!check.status().ok()) return check.status();
  const detail::CodecTables& tables = codec.tables();
  return with_type(x.type(), [&]<ElementType In>() {
    const auto blocks = blocks_of<In>(static_cast<const typename device::Element<In>::Storage*>(x.data()),
                                      count, block_size, codes.data(), scales, options);
    if (tables.is_grid) {
      return tables.bits == 8 ? start<In, GridEncoder<8>>(call, blocks, tables.grid, options.stream)
                              : start<In, GridEncoder<4>>(call, blocks, tables.grid, options.stream);
    }
    return tables.bits == 8 ? start<In, CodebookEncoder<8>>(call, blocks, tables.codebook8, options.stream)
                            : start<In, CodebookEncoder<4>>(call, blocks, tables.codebook4, options.stream);
  });
}

DeviceStatus dequantize_blockwise(const BlockCodec& codec, ConstCodes codes, const Scales& scales,
                                  std::int64_t count, std::int64_t block_size, Values y,
                                  const BlockwiseOptions& options) {
  constexpr const char* call = "dequantize_blockwise";
  Check check(call);
  check_blocks(check, count, block_size);
  if (count == 0 && check.status().ok()) return {};
  check.pointer(codes.data(), 1, "codes").pointer(y.data(), bytes_of(y.type()), "y");
  check_scales(check, scales);
  if (!check.status().ok()) return check.status();
  const detail::CodecTables& tables = codec.tables();
  const BlockScales block_scales = block_scales_of(scales);
  return with_type(y.type(), [&]<ElementType Out>() {
    const bool aligned = is_aligned(y.data(), 16) && is_aligned(codes.data(), 8);
    const DequantizeBlocks<Out> blocks{codes.data(),
                                       static_cast<typename device::Element<Out>::Storage*>(y.data()),
                                       nullptr,
                                       count,
                                       log2_of(block_size),
                                       aligned,
                                       options.high_nibble_first};
    return tables.bits == 8
               ? launch(call, options.stream, tiles_of(count), device::threads, blocks_per_processor,
                        dequantize_blocks<Out, 8>, blocks, tables.levels8, block_scales)
               : launch(call, options.stream, tiles_of(count), device::threads, blocks_per_processor,
                        dequantize_blocks<Out, 4>, blocks, tables.levels4, block_scales);
  });
}

namespace {
/// The number of thread blocks that sum `count` scales.
int partial_sums_of(std::int64_t count) noexcept {
  const std::int64_t blocks = device::divide_up(count, device::threads * scales_per_thread);
  return static_cast<int>(std::min<std::int64_t>(blocks, max_partial_sums));
}
std::int64_t bytes_of_centred(std::int64_t count) noexcept { return (count * 4 + 15) / 16 * 16; }
}  // namespace

std::int64_t nest_scales_workspace(std::int64_t count) noexcept {
  return count <= 0 ? 0 : bytes_of_centred(count) + partial_sums_of(count) * std::int64_t{sizeof(PartialSum)};
}

DeviceStatus nest_scales(const float* scales, std::int64_t count, std::uint8_t* codes, float* absmax,
                         float* mean, void* workspace, Stream stream) {
  constexpr const char* call = "nest_scales";
  Check check(call);
  check.not_negative(count, "count").pointer(mean, 4, "mean");
  if (count > 0) {
    check.pointer(scales, 4, "scales").pointer(codes, 1, "codes").pointer(absmax, 4, "absmax");
    check.pointer(workspace, 16, "workspace");
  }
  if (!check.status().ok()) return check.status();
  auto* const centred = static_cast<float*>(workspace);
  auto* const parts =
      reinterpret_cast<PartialSum*>(static_cast<std::byte*>(workspace) + bytes_of_centred(count));
  const int part_count = partial_sums_of(count);
  DeviceStatus status;
  if (count > 0)
    status = launch(call, stream, part_count, device::threads, 0, sum_scales, scales, count, parts);
  if (status.ok())
    status = launch(call, stream, 1, device::threads, 0, mean_of_scales, parts, part_count, count, mean);
  if (count == 0 || !status.ok()) return status;
  status = launch(call, stream, device::divide_up(count, device::threads), device::threads,
                  blocks_per_processor, centre_scales, scales, count, mean, centred);
  if (!status.ok()) return status;
  const auto blocks = blocks_of<ElementType::float32>(centred, count, 256, codes, absmax, {});
  status =
      start<ElementType::float32, CodebookEncoder<8>>(call, blocks, dynamic_map().tables().codebook8, stream);
  if (!status.ok()) return status;
  NestedLevels levels;
  std::copy_n(DynamicMap::levels.data(), 256, levels.level);
  return launch(call, stream, count / device::threads + 1, device::threads, blocks_per_processor,
                round_down_large, scales, count, absmax, mean, codes, levels);
}

}  // namespace lowbit::cuda
