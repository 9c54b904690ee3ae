// Blockwise quantization of device memory. Calls enqueue kernels on a stream and return; they neither
// allocate nor wait, so they can be captured in a graph.
#pragma once
#include <lowbit/cuda/block_codec.hpp>
#include <lowbit/cuda/scales.hpp>
#include <lowbit/cuda/status.hpp>
#include <lowbit/cuda/values.hpp>

#include <cstdint>

namespace lowbit::cuda {

/// The smallest and the largest block size that the kernels have.
/// @{
inline constexpr std::int64_t min_block_size = 32, max_block_size = 4096;
/// @}

/// What a caller may say about one call.
struct BlockwiseOptions {
  Stream stream = nullptr;  ///< on which kernels are enqueued
  /// Whether the high bits of a byte hold the first of two 4-bit codes (bitsandbytes), not the low bits
  /// (ONNX).
  bool high_nibble_first = false;
  /// Device memory to which quantizing adds the number of NaN and infinite elements; nullptr: they are not
  /// counted.
  unsigned long long* non_finite = nullptr;
};

/// The number of scales: count / block_size, rounded up.
constexpr std::int64_t block_count(std::int64_t count, std::int64_t block_size) noexcept {
  return count / block_size + (count % block_size != 0 ? 1 : 0);
}

/// Quantizes `count` elements of x in flat blocks of `block_size`, the last of which may be shorter. Writes
/// codec.code_bytes(count) bytes of codes and block_count(count, block_size) scales. The result equals, bit
/// for bit, that of Quantizer<Codec, Blockwise> with NonFinite::saturate: the range of a block is that of its
/// finite elements, infinities saturate, NaN gets the code of 0.0. To reject non-finite elements, check
/// `non_finite`. An odd count of 4-bit codes is padded with the code of 0.0.
///
/// Returns invalid_argument, and writes nothing, for a block size that is not a power of two from 32 to 4096,
/// a negative count, or a null or misaligned pointer. The stream and all memory belong to the current device;
/// inputs and outputs do not overlap.
DeviceStatus quantize_blockwise(const BlockCodec& codec, ConstValues x, std::int64_t count,
                                std::int64_t block_size, Codes codes, float* scales,
                                const BlockwiseOptions& options = {});

/// Decodes what quantize_blockwise wrote: y[i] = level[code i] * scale[i / block_size], the product rounded
/// to float and then to the type of y (ties to even, denormals kept, above the largest float16: infinity).
/// Refuses as quantize_blockwise does.
DeviceStatus dequantize_blockwise(const BlockCodec& codec, ConstCodes codes, const Scales& scales,
                                  std::int64_t count, std::int64_t block_size, Values y,
                                  const BlockwiseOptions& options = {});

/// The bytes of device memory that nest_scales needs, aligned to 16.
std::int64_t nest_scales_workspace(std::int64_t count) noexcept;

/// Quantizes `count` scales themselves (QLoRA's double quantization), bit for bit as
/// lowbit::NestedScales::store: takes out their mean, then encodes blocks of 256 in the signed dynamic map.
/// Writes count codes, one absmax per 256, one mean; `workspace` has nest_scales_workspace(count) bytes.
/// Scales are finite.
DeviceStatus nest_scales(const float* scales, std::int64_t count, std::uint8_t* codes, float* absmax,
                         float* mean, void* workspace, Stream stream = nullptr);

}  // namespace lowbit::cuda
