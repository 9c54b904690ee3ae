// Scales as a kernel parameter.
#pragma once
#include "kernels/block_scales.cuh"
#include "launch.hpp"

#include <lowbit/codec/tables/dynamic_map.hpp>
#include <lowbit/cuda/scales.hpp>

#include <algorithm>

namespace lowbit::cuda {

inline void check_scales(Check& check, const Scales& scales) {
  if (!scales.nested()) {
    check.pointer(scales.plain(), 4, "scales");
  } else {
    check.pointer(scales.view().codes, 1, "scales.codes");
    check.pointer(scales.view().absmax, 4, "scales.absmax").pointer(scales.view().mean, 4, "scales.mean");
  }
}

inline BlockScales block_scales_of(const Scales& scales) noexcept {
  BlockScales s{};
  s.floats = scales.plain();
  if (!scales.nested()) return s;
  const NestedScalesView& nested = scales.view();
  s.codes = nested.codes;
  s.absmax = nested.absmax;
  s.mean = nested.mean;
  std::copy_n(nested.levels != nullptr ? nested.levels : DynamicMap::levels.data(), 256, s.level);
  return s;
}

}  // namespace lowbit::cuda
