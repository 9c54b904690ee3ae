// Memory for a quantized tensor, and what threads report about its source.
#pragma once
#include <lowbit/execute/code_storage.hpp>
#include <lowbit/kernel/dispatch/cpu.hpp>
#include <lowbit/scale/quantized_parts.hpp>
#include <lowbit/tensor/overlap.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

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

/// Makes room for codes and parameters.
template <Codec C>
QuantizedSink<C> prepare(QuantizedParts<C>& parts, const Layout& layout, NibbleOrder order) {
  using Code = typename C::Code;
  const auto n = static_cast<std::size_t>(layout.shape.size()), g = static_cast<std::size_t>(layout.groups);
  parts.codes.resize(storage_bytes<Code>(n) / sizeof(storage_t<Code>));
  parts.scales.resize(C::scaled ? g : 0);
  parts.zero_points.resize(C::has_zero_point ? g : 0);
  parts.nibble_order = order;
  return {{parts.codes.data(), order, false}, parts.scales.data(), parts.zero_points.data()};
}

/// Refuses to read what is about to be overwritten, such as the scales of the result.
template <class T, Codec C>
void require_apart(const View<const T>& x, const QuantizedParts<C>& out) {
  if (out.codes.empty() && out.scales.empty()) return;
  const Footprint read(x);
  const auto check = [&](const auto& memory, const char* what) {
    require_apart(read, Footprint(memory), "the tensor to quantize", what);
  };
  check(out.codes.span(), "the codes of the result");
  check(out.scales.span(), "the scales of the result");
  if (!out.nested) return;
  check(out.nested.absmax(), "the nested scales of the result");
  check(out.nested.levels(), "the nested scales of the result");
}

/// Codes that share the last byte with none of the n elements decode to 0.0, as far as the last group can say
/// 0.0. Scales are not nested yet; what `nested` holds is of the tensor before.
template <Codec C>
void pad(const C& codec, Index n, QuantizedParts<C>& parts) noexcept {
  using Code = typename C::Code;
  if constexpr (CodeTraits<Code>::per_byte > 1) {
    if (start_bytes<Code>(n)) return;
    Parameters p{1.0f, kernel::constant_zero_point<C>()};
    if constexpr (C::scaled) p.scale = parts.scales[parts.scales.size() - 1];
    if constexpr (C::has_zero_point) p.zero_point = parts.zero_points[parts.zero_points.size() - 1];
    const auto zero = codec.encode(0.0f, codec.prepare(p));
    for (auto i = static_cast<std::size_t>(n); i % CodeTraits<Code>::per_byte != 0; ++i)
      PackedField<Code>::set(parts.codes.data(), i, zero, parts.nibble_order);
  }
}

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
