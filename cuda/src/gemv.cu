#include <lowbit/cuda/gemv.hpp>

#include "kernels/matvec.cuh"
#include "launch.hpp"
#include "scales.hpp"
#include "tables.hpp"

#include <bit>

namespace lowbit::cuda {

DeviceStatus matvec(const WeightsView& weights, ConstValues x, Values y, Stream stream) {
  constexpr const char* call = "matvec";
  constexpr std::int64_t largest_inputs = std::int64_t{1} << 30;
  const detail::CodecTables& tables = weights.codec.tables();
  const int bits = tables.bits;
  const std::int64_t inputs = weights.inputs, outputs = weights.outputs, block = weights.block_size;
  Check check(call);
  check.not_negative(outputs, "outputs").not_negative(inputs, "inputs");
  check.that(inputs <= largest_inputs, "inputs is ", static_cast<long long>(inputs), ", it must be at most ",
             static_cast<long long>(largest_inputs));
  check.that(bits == 4 || tables.is_grid,
             "weights are codes of an 8-bit codebook, weights of 8 bits must be int8 absmax codes");
  check.that(bits == 8 || inputs % 2 == 0, "inputs is ", static_cast<long long>(inputs),
             ", rows of 4-bit codes need an even number");
  const int fields = 32 / bits;
  const bool one_block = block == inputs;
  const bool divides = block > 0 && std::has_single_bit(static_cast<std::uint64_t>(block)) &&
                       block % fields == 0 && inputs % block == 0;
  check.that(one_block || divides, "block size is ", static_cast<long long>(block), ", for ",
             static_cast<long long>(inputs), " inputs of ", bits,
             "-bit codes it must be a power of two of at least ", fields,
             " that divides the inputs, or their number");
  check.that(x.type() == y.type(), "x and y have different types");
  if (outputs == 0 && check.status().ok()) return {};
  check.pointer(y.data(), bytes_of(y.type()), "y");
  if (inputs > 0) {
    check.pointer(weights.codes.data(), 1, "weights.codes").pointer(x.data(), bytes_of(x.type()), "x");
    check_scales(check, weights.scales);
  }
  if (!check.status().ok()) return check.status();

  const BlockScales scales = block_scales_of(weights.scales);
  return with_type(x.type(), [&]<ElementType T>() {
    using Storage = typename device::Element<T>::Storage;
    const auto row_bytes = static_cast<std::int32_t>(inputs * bits / 8);
    const Matvec<T> product{weights.codes.data(),
                            static_cast<const Storage*>(x.data()),
                            static_cast<Storage*>(y.data()),
                            outputs,
                            static_cast<std::int32_t>(inputs),
                            row_bytes,
                            static_cast<std::int32_t>(one_block ? 1 : inputs / block),
                            one_block ? 31 : std::countr_zero(static_cast<std::uint64_t>(block)),
                            is_aligned(weights.codes.data(), 4) && row_bytes % 4 == 0,
                            weights.high_nibble_first};
    const std::int64_t tiles = device::divide_up(outputs, rows_per_block);
    return bits == 4 ? launch(call, stream, tiles, device::threads, matvec_blocks_per_processor,
                              matvec_rows<T, 4>, product, tables.levels4, scales)
                     : launch(call, stream, tiles, device::threads, matvec_blocks_per_processor,
                              matvec_rows<T, 8>, product, tables.levels4, scales);
  });
}

}  // namespace lowbit::cuda
