// Blockwise quantization by the codec's own scalar functions: the reference of every backend, bit for bit.
#pragma once
#include <lowbit/codec/codec.hpp>
#include <lowbit/number/float16.hpp>
#include <lowbit/number/packed.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace lowbit_test {

struct Reference {
  std::vector<std::uint8_t> codes;  // as they are stored
  std::vector<float> scales;
  unsigned long long non_finite = 0;
};

template <class C>
void store_code(std::vector<std::uint8_t>& codes, std::size_t i, typename C::Value code, bool high_first) {
  using Code = typename C::Code;
  if constexpr (lowbit::CodeTraits<Code>::bits == 8)
    codes[i] = static_cast<std::uint8_t>(code);
  else
    lowbit::PackedField<Code>::set(
        codes.data(), i, static_cast<typename lowbit::CodeTraits<Code>::value_type>(code),
        high_first ? lowbit::NibbleOrder::high_first : lowbit::NibbleOrder::low_first);
}
template <class C>
typename C::Value load_code(const std::vector<std::uint8_t>& codes, std::size_t i, bool high_first) {
  using Code = typename C::Code;
  if constexpr (lowbit::CodeTraits<Code>::bits == 8)
    return static_cast<typename C::Value>(codes[i]);
  else
    return static_cast<typename C::Value>(lowbit::PackedField<Code>::get(
        codes.data(), i, high_first ? lowbit::NibbleOrder::high_first : lowbit::NibbleOrder::low_first));
}

/// Elements of any type, in blocks that share the parameters of their finite values.
template <class C, class T>
Reference quantize_by_definition(const C& codec, std::span<const T> x, std::size_t block_size,
                                 bool high_first = false) {
  Reference r;
  r.codes.resize(lowbit::storage_bytes<typename C::Code>(x.size()));
  for (std::size_t first = 0; first < x.size(); first += block_size) {
    const auto block = x.subspan(first, std::min(block_size, x.size() - first));
    lowbit::Range range;
    for (const T& element : block) {
      const float v = lowbit::to_float(element);
      if (lowbit::is_finite(v))
        range = range.merged({v, v});
      else
        ++r.non_finite;
    }
    const lowbit::Parameters p = choose(codec, range);
    const lowbit::Encoding e = codec.prepare(p);
    r.scales.push_back(p.scale);
    for (std::size_t i = 0; i < block.size(); ++i)
      store_code<C>(r.codes, first + i, codec.encode(lowbit::to_float(block[i]), e), high_first);
  }
  if (lowbit::CodeTraits<typename C::Code>::bits == 4 && x.size() % 2 != 0)
    store_code<C>(r.codes, x.size(), codec.encode(0.0f, codec.prepare({1.0f, 0})), high_first);
  return r;
}

template <class T, class C>
std::vector<T> dequantize_by_definition(const C& codec, const std::vector<std::uint8_t>& codes,
                                        const std::vector<float>& scales, std::size_t count,
                                        std::size_t block_size, bool high_first = false) {
  std::vector<T> y(count);
  for (std::size_t i = 0; i < count; ++i)
    y[i] =
        lowbit::from_float<T>(codec.decode(load_code<C>(codes, i, high_first), {scales[i / block_size], 0}));
  return y;
}

}  // namespace lowbit_test
