// Memory for a quantized tensor, and what threads report about its source.
#pragma once
#include <lowbit/core/shape.hpp>
#include <lowbit/kernel/dispatch/cpu.hpp>

#include <atomic>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Memory for what a tensor becomes.
template <Codec C>
struct QuantizedSink {
  kernel::Sink<typename C::Code> codes;
  float* scales;
  std::int32_t* zero_points;

  kernel::ParameterSink<C> parameters(Index g) const noexcept {
    return {scales + g, C::has_zero_point ? zero_points + g : nullptr};
  }
};

/// Keeps the largest of what threads report.
class Largest {
 public:
  void include(std::int32_t value) noexcept {
    std::int32_t seen = value_.load(std::memory_order_relaxed);
    while (value > seen && !value_.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {}
  }
  std::int32_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int32_t> value_{0};
};

}  // namespace lowbit::inline LOWBIT_ABI::detail
