// Memory for a quantized tensor.
#pragma once
#include <lowbit/execute/code_storage.hpp>
#include <lowbit/kernel/dispatch/cpu.hpp>
#include <lowbit/scale/encoded.hpp>
#include <lowbit/tensor/overlap.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI::detail {

/// Pointers to the codes and parameters to write.
template <Codec C>
struct QuantizedSink {
  kernel::Sink<typename C::Code> codes;
  float* scales;
  std::int32_t* zero_points;

  kernel::ParameterSink<C> parameters(Index g) const noexcept {
    return {scales + g, C::has_zero_point ? zero_points + g : nullptr};
  }
};

/// Allocates codes and parameters in `parts`. The scales for encoding are in `floats`, unless the format
/// stores exactly these.
template <Codec C, Group G, ScaleFormat S>
QuantizedSink<C> prepare(Encoded<C, G, S>& parts, Buffer<float>& floats, const Layout& layout,
                         NibbleOrder order) {
  using Code = typename C::Code;
  const auto n = static_cast<std::size_t>(layout.shape.size()), g = static_cast<std::size_t>(layout.groups);
  parts.codes.resize(storage_size<Code>(n));
  parts.zero_points.resize(C::has_zero_point ? g : 0);
  parts.nibble_order = order;
  auto& scales = [&]() -> auto& {
    if constexpr (KeepsIdealScales<S>) {
      return parts.scales;
    } else {
      return floats;
    }
  }
  ();
  scales.resize(C::scaled ? g : 0);
  return {{parts.codes.data(), order, false}, scales.data(), parts.zero_points.data()};
}

/// Throws std::invalid_argument where x overlaps the result, whose codes and scales are about to be
/// overwritten.
template <class T, Codec C, Group G, ScaleFormat S>
void require_apart(const View<const T>& x, const Encoded<C, G, S>& out) {
  if (out.codes.empty() && out.scales.size() == 0) return;
  const Footprint read(x);
  const auto check = [&](const auto& memory, const char* what) {
    require_apart(read, Footprint(memory), "the tensor to quantize", what);
  };
  check(out.codes.span(), "the codes of the result");
  const auto check_scales = [&](const auto& memory) { check(memory, "the scales of the result"); };
  if constexpr (requires { out.scales.for_each_part(check_scales); }) out.scales.for_each_part(check_scales);
}

/// Fills the last byte after n codes with the code of 0.0, or the nearest code that the last group has.
template <Codec C, Group G, ScaleFormat S>
void pad(Index n, Encoded<C, G, S>& parts) noexcept {
  using Code = typename C::Code;
  if constexpr (CodePacking<Code>::shares_bytes) {
    if (start_words<Code>(n)) return;
    const Index groups = C::scaled ? static_cast<Index>(parts.scales.size()) : 1;
    const auto zero = parts.codec.encode(0.0f, parts.codec.prepare(parts.parameters(groups - 1)));
    const auto used = static_cast<std::size_t>(n) % CodePacking<Code>::codes_per_word;
    std::array<std::uint8_t, CodePacking<Code>::bytes_per_word> word{};
    std::uint8_t* const last = parts.codes.data() + storage_start<Code>(static_cast<std::size_t>(n) - used);
    std::copy_n(last, storage_bytes<Code>(used), word.data());
    for (std::size_t i = used; i < CodePacking<Code>::codes_per_word; ++i)
      PackedField<Code>::set(word.data(), i, zero, parts.nibble_order);
    std::copy_n(word.data(), storage_bytes<Code>(used), last);
  }
}

/// The maximum of the values that several threads include.
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
