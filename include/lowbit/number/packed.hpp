// Reads and writes codes that share bytes, in a stream of bits.
#pragma once
#include <lowbit/number/code_traits.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace lowbit::inline LOWBIT_ABI {

/// Says which end of a byte holds the first of its codes: the low bits (ONNX), or the high bits
/// (bitsandbytes). It has no meaning for codes that do not lie within a byte, such as those of 3, 5 and 6
/// bits: these are a little-endian stream, always.
enum class NibbleOrder : unsigned char { low_first, high_first };

/// The type that codes are stored in: their value type, or bytes where several share one.
template <CodeType Code>
using storage_t =
    std::conditional_t<CodePacking<Code>::shares_bytes, std::uint8_t, typename CodeTraits<Code>::value_type>;

/// The bytes that `count` codes take: ceil(count * bits / 8).
template <CodeType Code>
constexpr std::size_t storage_bytes(std::size_t count) noexcept {
  using P = CodePacking<Code>;
  const std::size_t words = count / P::codes_per_word, rest = count % P::codes_per_word;  // no overflow
  if constexpr (P::bytes_per_word == 1) return words + (rest != 0 ? 1 : 0);
  return words * P::bytes_per_word + (rest * std::size_t{P::bits} + 7) / 8;
}
/// The elements of storage_t that `count` codes take.
template <CodeType Code>
constexpr std::size_t storage_size(std::size_t count) noexcept {
  return storage_bytes<Code>(count) / sizeof(storage_t<Code>);
}
/// The element of storage_t at which code i starts, for i a multiple of codes_per_word.
template <CodeType Code>
constexpr std::size_t storage_start(std::size_t i) noexcept {
  using P = CodePacking<Code>;
  return P::shares_bytes ? i / P::codes_per_word * P::bytes_per_word : i;
}

/// Reads and writes one code of a packed stream. Code i takes bits i * bits .. (i + 1) * bits - 1, bit b of
/// the stream being bit b % 8 of byte b / 8; with NibbleOrder::high_first the codes of each byte come in
/// reverse order. Signed codes are two's complement in `bits` bits. No byte that holds nothing of the code is
/// touched, and other codes keep their bits.
template <CodeType Code>
class PackedField {
  static_assert(CodePacking<Code>::shares_bytes, "codes of whole bytes are stored as they are");
  using Traits = CodeTraits<Code>;
  using Value = typename Traits::value_type;
  static constexpr unsigned bits = Traits::bits, mask = (1u << bits) - 1u;
  static constexpr bool within_a_byte = 8 % bits == 0;

 public:
  /// Code i of the stream at `bytes`.
  static constexpr Value get(const std::uint8_t* bytes, std::size_t i, NibbleOrder order) noexcept {
    const Place at = place(i, order);
    unsigned field = unsigned{bytes[at.byte]} >> at.shift;
    if constexpr (!within_a_byte)
      for (unsigned k = 1, have = 8 - at.shift; have < bits; ++k, have += 8)
        field |= unsigned{bytes[at.byte + k]} << have;
    return value_of(field & mask);
  }
  /// Replaces code i of the stream at `bytes` by v.
  static constexpr void set(std::uint8_t* bytes, std::size_t i, Value v, NibbleOrder order) noexcept {
    const Place at = place(i, order);
    const unsigned field = field_of(v) << at.shift, keep = ~(mask << at.shift);
    for (unsigned k = 0; k == 0 || (!within_a_byte && 8 * k < at.shift + bits); ++k) {
      std::uint8_t& byte = bytes[at.byte + k];
      byte = static_cast<std::uint8_t>((byte & (keep >> 8 * k)) | (field >> 8 * k));
    }
  }

 private:
  struct Place {
    std::size_t byte;
    unsigned shift;
  };
  static constexpr Place place(std::size_t i, NibbleOrder order) noexcept {
    using P = CodePacking<Code>;
    const auto bit = bits * static_cast<unsigned>(i % P::codes_per_word);
    const std::size_t byte = i / P::codes_per_word * P::bytes_per_word + bit / 8;
    return {byte, within_a_byte && order == NibbleOrder::high_first ? 8 - bits - bit : bit % 8};
  }
  static constexpr Value value_of(unsigned field) noexcept {
    if constexpr (std::is_integral_v<Value>) {
      constexpr unsigned sign =
          Traits::min < 0 ? 1u << (bits - 1) : 0u;  // xor, then subtraction extends the sign
      return static_cast<Value>(static_cast<int>(field ^ sign) - static_cast<int>(sign));
    } else {
      return Value{static_cast<decltype(Value::bits)>(field)};
    }
  }
  static constexpr unsigned field_of(Value v) noexcept {
    if constexpr (std::is_integral_v<Value>) {
      return static_cast<unsigned>(v) & mask;
    } else {
      return v.bits & mask;
    }
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
