// Codes of 4 or 2 bits in a stream of bytes: code i occupies one field of byte i / per_byte.
#pragma once
#include <lowbit/number/code_traits.hpp>

#include <cstddef>
#include <cstdint>

namespace lowbit::inline LOWBIT_ABI {

/// Which end of a byte holds the first of its codes: the low bits (ONNX), or the high bits (bitsandbytes).
enum class NibbleOrder : unsigned char { low_first, high_first };

/// Bytes that `count` codes take; a started byte counts whole.
template <CodeType Code>
constexpr std::size_t storage_bytes(std::size_t count) noexcept {
  using T = CodeTraits<Code>;
  if constexpr (T::per_byte == 1) return count * sizeof(typename T::value_type);
  constexpr std::size_t per = T::per_byte;
  return count / per + (count % per != 0 ? 1 : 0);
}

/// One field of a packed stream. Signed codes are two's complement in `bits` bits.
template <CodeType Code>
struct PackedField {
  static_assert(CodeTraits<Code>::per_byte > 1, "codes of 8 bits and more do not share bytes");
  using Traits = CodeTraits<Code>;
  using Value = typename Traits::value_type;
  static constexpr unsigned bits = Traits::bits;
  static constexpr std::size_t per_byte = Traits::per_byte;
  static constexpr unsigned mask = (1u << bits) - 1u;

  static constexpr unsigned shift(std::size_t i, NibbleOrder order) noexcept {
    const auto field = static_cast<unsigned>(i % per_byte);
    return bits * (order == NibbleOrder::low_first ? field : static_cast<unsigned>(per_byte) - 1u - field);
  }
  static constexpr Value get(const std::uint8_t* bytes, std::size_t i, NibbleOrder order) noexcept {
    const unsigned field = unsigned{bytes[i / per_byte]} >> shift(i, order) & mask;
    constexpr unsigned sign =
        Traits::min < 0 ? 1u << (bits - 1) : 0u;  // subtracting it after xor extends the sign
    return static_cast<Value>(static_cast<int>(field ^ sign) - static_cast<int>(sign));
  }
  static constexpr void set(std::uint8_t* bytes, std::size_t i, Value v, NibbleOrder order) noexcept {
    const unsigned at = shift(i, order), rest = bytes[i / per_byte] & ~(mask << at);
    bytes[i / per_byte] = static_cast<std::uint8_t>(rest | (static_cast<unsigned>(v) & mask) << at);
  }
};

/// Writes values[0..count) as codes first, first + 1, ... of the stream; neighbours in shared bytes are kept.
template <CodeType Code>
void pack(const typename CodeTraits<Code>::value_type* values, std::size_t count, std::uint8_t* bytes,
          std::size_t first, NibbleOrder order) noexcept {
  using Field = PackedField<Code>;
  constexpr std::size_t per = Field::per_byte;
  std::size_t i = 0;
  for (; i < count && (first + i) % per != 0; ++i) Field::set(bytes, first + i, values[i], order);
  for (; i + per <= count; i += per) {
    unsigned byte = 0;
    for (std::size_t k = 0; k < per; ++k)
      byte |= (static_cast<unsigned>(values[i + k]) & Field::mask) << Field::shift(k, order);
    bytes[(first + i) / per] = static_cast<std::uint8_t>(byte);
  }
  for (; i < count; ++i) Field::set(bytes, first + i, values[i], order);
}

/// Reads codes first .. first + count - 1 of the stream into values.
template <CodeType Code>
void unpack(const std::uint8_t* bytes, std::size_t first, std::size_t count,
            typename CodeTraits<Code>::value_type* values, NibbleOrder order) noexcept {
  for (std::size_t i = 0; i < count; ++i) values[i] = PackedField<Code>::get(bytes, first + i, order);
}

}  // namespace lowbit::inline LOWBIT_ABI
