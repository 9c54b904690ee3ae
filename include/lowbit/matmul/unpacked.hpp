// Unpacks codes that share bytes, so that products can take them: each gets an integer of its own.
#pragma once
#include <lowbit/core/buffer.hpp>
#include <lowbit/matmul/operand.hpp>

#include <utility>

namespace lowbit::inline LOWBIT_ABI::detail {

/// A Quantized of integers that share bytes.
template <class W>
inline constexpr bool shares_bytes = false;
template <Codec C, Group G, ScaleFormat S>
inline constexpr bool shares_bytes<Quantized<C, G, S>> =
    C::family == Family::grid&& CodePacking<typename C::Code>::shares_bytes;

/// Calls f(w as an operand); unpacked codes live as long as the call. O(size).
template <class W, class F>
auto with_operand(const W& w, Side side, F&& f) {
  if constexpr (shares_bytes<W>) {
    Buffer<typename W::Value> codes(static_cast<std::size_t>(w.size()));
    for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = w.code(static_cast<Index>(i));
    return f(checked_operand(operand_over(w, std::as_const(codes).data(), side), side));
  } else {
    return f(checked_operand(w, side));
  }
}

template <class W>
auto product_code(const W& w) {
  if constexpr (shares_bytes<W>) {
    return typename W::Value{};
  } else {
    return typename decltype(operand_of(w, Side::right))::Code{};
  }
}
/// The code that a W is multiplied as.
template <class W>
using product_code_t = decltype(product_code(std::declval<const W&>()));

}  // namespace lowbit::inline LOWBIT_ABI::detail
