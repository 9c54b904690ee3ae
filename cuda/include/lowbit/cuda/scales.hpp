// The scales of blocks, as floats or nested.
#pragma once
#include <cstdint>

namespace lowbit::cuda {

/// Nested scales in device memory: scale[b] = levels[codes[b]] * absmax[b / 256] + *mean, the product and the
/// sum rounded one after the other, as lowbit::NestedScales. All but `levels` is device memory.
struct NestedScalesView {
  const std::uint8_t* codes;  ///< one per block
  const float* absmax;        ///< one per 256 codes
  const float* mean;          ///< one
  /// 256 levels in host memory, copied by the call; nullptr: those of lowbit::DynamicMap.
  const float* levels = nullptr;
};

/// The scales of blocks as a decoding call reads them, one per block: floats, or codes with scales of their
/// own.
class Scales {
 public:
  /// Floats in device memory, or nested scales.
  /// @{
  Scales(const float* scales) noexcept : scales_{scales} {}
  Scales(const NestedScalesView& nested) noexcept : nested_{nested}, is_nested_{true} {}
  /// @}

  bool nested() const noexcept { return is_nested_; }      ///< whether they are codes
  const float* plain() const noexcept { return scales_; }  ///< the floats, or nullptr
  /// The nested scales.
  const NestedScalesView& view() const& noexcept { return nested_; }
  NestedScalesView view() const&& noexcept { return nested_; }  ///< of a temporary: a copy

 private:
  const float* scales_ = nullptr;
  NestedScalesView nested_{};
  bool is_nested_ = false;
};

}  // namespace lowbit::cuda
