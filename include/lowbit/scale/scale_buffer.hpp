// Scales of one type in memory.
#pragma once
#include <lowbit/core/buffer.hpp>

#include <cstddef>
#include <utility>

namespace lowbit::inline LOWBIT_ABI {

/// Scales of type T, as a Buffer: what the Array of a ScaleFormat needs, except `load`.
template <class T>
class ScaleBuffer : public Buffer<T> {
 public:
  using Buffer<T>::Buffer;
  using Buffer<T>::operator=;
  ScaleBuffer() = default;                                                 ///< holds no scales
  ScaleBuffer(Buffer<T> values) : Buffer<T>(std::move(values)) {}          ///< holds these scales
  std::size_t bytes() const noexcept { return this->size() * sizeof(T); }  ///< see ScaleFormat
  /// See ScaleFormat.
  template <class F>
  void for_each_part(F&& f) const {
    f(this->span());
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
