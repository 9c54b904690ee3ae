// Memory that products use while they run, kept by the caller so that later calls allocate nothing.
#pragma once
#include <lowbit/matmul/epilogue/context.hpp>
#include <lowbit/matmul/packed_weights.hpp>

#include <tuple>

namespace lowbit::inline LOWBIT_ABI {

/// Memory that products use while they run, so that later calls allocate nothing. For one call at a time; any
/// products may share one. It grows to what the largest of them needs.
class ProductWorkspace {
 public:
  /// @cond internal
  /// Memory for prepared rows.
  std::byte* bytes(std::size_t count) & {
    bytes_.resize(count);
    return bytes_.data();
  }
  /// A right side that was not packed before.
  template <ProductCode T>
  PackedWeights<T>& packed() & noexcept {
    return std::get<PackedWeights<T>>(packed_);
  }
  /// Arrays for stages of an epilogue, as long as the call takes.
  EpilogueWorkspace& epilogue() & noexcept { return epilogue_; }
  /// @endcond

 private:
  Buffer<std::byte> bytes_;
  EpilogueWorkspace epilogue_;
  std::tuple<PackedWeights<std::int8_t>, PackedWeights<std::uint8_t>, PackedWeights<std::int16_t>> packed_;
};

}  // namespace lowbit::inline LOWBIT_ABI
