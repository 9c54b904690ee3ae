// Products of quantized weights and a vector of floats. Weights are decoded in registers: 4-bit weights are
// read from memory as 4 bits.
#pragma once
#include <lowbit/cuda/block_codec.hpp>
#include <lowbit/cuda/scales.hpp>
#include <lowbit/cuda/status.hpp>
#include <lowbit/cuda/values.hpp>

#include <cstdint>

namespace lowbit::cuda {

/// Weights of [outputs, inputs] in device memory: codes row by row, each row starting a byte.
struct WeightsView {
  const BlockCodec& codec;  ///< must outlive the view
  ConstCodes codes;         ///< row-major
  Scales scales;            ///< one per block
  /// Rows and columns.
  /// @{
  std::int64_t outputs, inputs;
  /// @}
  /// The inputs of a block: a divisor of `inputs` that is a multiple of 8 for 4-bit codes and of 4 for 8-bit
  /// ones, or `inputs` itself, whatever that is: one scale per row.
  std::int64_t block_size;
  bool high_nibble_first = false;  ///< see BlockwiseOptions
};

/// Computes y = W x: x has `inputs` elements, y has `outputs`, both of the same type. Sums in float in the
/// order of lowbit::matvec (kernel/product/weight_only.hpp), so the bits are those of the CPU; rounded to the
/// type of y last. Codecs: all of 4 bits, and int8 absmax. Refused, with nothing written: codebooks of 8
/// bits, an odd number of inputs of 4 bits, a block size that does not fit, types that differ, null or
/// misaligned pointers.
DeviceStatus matvec(const WeightsView& weights, ConstValues x, Values y, Stream stream = nullptr);

}  // namespace lowbit::cuda
