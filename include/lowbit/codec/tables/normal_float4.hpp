// NF4: sixteen levels that a normal variable uses about equally often.
#pragma once
#include <lowbit/core/abi.hpp>

#include <array>

namespace lowbit::inline LOWBIT_ABI {

/// 4-bit NormalFloat (Dettmers et al., "QLoRA", 2023), sixteen levels that a normal variable uses about
/// equally often. With Q the quantile function of N(0, 1) and the offset d = (1/32 + 1/30) / 2 from either
/// end, so that no level is infinite:
/// - positive half: Q(p) for 9 evenly spaced p from 1 - d down to 1/2, the last one (0) left out: 8 levels
/// - negative half: -Q(p) for 8 evenly spaced p from 1 - d down to 1/2, the last one left out: 7 levels,
///   and then 0
///
/// all divided by Q(1 - d), so that the ends are -1 and 1. Code 7 is 0. The constants are the published ones
/// (bitsandbytes), which were computed in float: they differ from exact quantiles by up to 3e-8.
struct NormalFloat4 {
  /// In ascending order.
  static constexpr std::array<float, 16> levels{
      -1.0f,
      -0.6961928009986877f,
      -0.5250730514526367f,
      -0.39491748809814453f,
      -0.28444138169288635f,
      -0.18477343022823334f,
      -0.09105003625154495f,
      0.0f,
      0.07958029955625534f,
      0.16093020141124725f,
      0.24611230194568634f,
      0.33791524171829224f,
      0.44070982933044434f,
      0.5626170039176941f,
      0.7229568362236023f,
      1.0f,
  };
};

}  // namespace lowbit::inline LOWBIT_ABI
