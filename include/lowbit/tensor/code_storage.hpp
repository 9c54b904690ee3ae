// Codes in memory, one or several to a byte, as contiguous pieces of values.
#pragma once
#include <lowbit/number/packed.hpp>
#include <lowbit/tensor/pieces.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// What codes are stored in: their value type, or bytes where several share one.
template <CodeType Code>
using storage_t =
    std::conditional_t<(CodeTraits<Code>::per_byte > 1), std::uint8_t, typename CodeTraits<Code>::value_type>;

namespace detail {
template <CodeType Code>
inline constexpr bool is_packed = CodeTraits<Code>::per_byte > 1;

template <CodeType Code>
constexpr Index code_piece_limit = is_packed<Code> ? tile : std::numeric_limits<Index>::max();

/// Codes [offset, offset + count) as values: in place, or unpacked into scratch (count <= code_piece_limit).
template <CodeType Code>
class CodeReader {
 public:
  using Value = typename CodeTraits<Code>::value_type;
  CodeReader(const storage_t<Code>* codes, NibbleOrder order) : codes_{codes}, order_{order} {}

  const Value* read(Index offset, Index count) noexcept {
    if constexpr (is_packed<Code>) {
      unpack<Code>(codes_, static_cast<std::size_t>(offset), static_cast<std::size_t>(count), scratch_.data(),
                   order_);
      return scratch_.data();
    } else {
      return codes_ + offset;
    }
  }

 private:
  const storage_t<Code>* codes_;
  NibbleOrder order_;
  std::array<Value, is_packed<Code> ? std::size_t{tile} : 1> scratch_;
};

/// The way back: fill what `target` returns, then `flush` the same piece.
template <CodeType Code>
class CodeWriter {
 public:
  using Value = typename CodeTraits<Code>::value_type;
  CodeWriter(storage_t<Code>* codes, NibbleOrder order) : codes_{codes}, order_{order} {}

  Value* target(Index offset) noexcept {
    if constexpr (is_packed<Code>) {
      return scratch_.data();
    } else {
      return codes_ + offset;
    }
  }
  void flush(Index offset, Index count) noexcept {
    if constexpr (is_packed<Code>)
      pack<Code>(scratch_.data(), static_cast<std::size_t>(count), codes_, static_cast<std::size_t>(offset),
                 order_);
  }

 private:
  storage_t<Code>* codes_;
  NibbleOrder order_;
  std::array<Value, is_packed<Code> ? std::size_t{tile} : 1> scratch_;
};
}  // namespace detail

}  // namespace lowbit::inline LOWBIT_ABI
