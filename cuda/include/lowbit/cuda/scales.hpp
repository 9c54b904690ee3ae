// The scales of blocks, as floats or nested.
#pragma once
#include <cstdint>

namespace lowbit::cuda {

/// scale[b] = levels[codes[b]] * absmax[b / 256] + *mean, with product and sum rounded separately, as
/// lowbit::NestedScales. All but `levels` is device memory.
struct NestedScalesView {
  const std::uint8_t* codes;
  const float* absmax;  ///< one per 256 codes
  const float* mean;    ///< one
  /// 256 levels in host memory, copied by the call; nullptr: those of lowbit::DynamicMap.
  const float* levels = nullptr;
};

/// One scale per block.
class Scales {
 public:
  Scales(const float* scales) noexcept : scales_{scales} {}
  Scales(const NestedScalesView& nested) noexcept : nested_{nested}, is_nested_{true} {}

  bool nested() const noexcept { return is_nested_; }
  const float* plain() const noexcept { return scales_; }
  const NestedScalesView& view() const& noexcept { return nested_; }
  NestedScalesView view() const&& noexcept { return nested_; }

 private:
  const float* scales_ = nullptr;
  NestedScalesView nested_{};
  bool is_nested_ = false;
};

}  // namespace lowbit::cuda
