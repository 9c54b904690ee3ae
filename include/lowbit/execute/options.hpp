// Options of one call.
#pragma once
#include <lowbit/number/packed.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Says what to do about NaN, infinities and doubles beyond the range of float where a range is sought, and
/// about tensors of doubles that are all below the smallest float.
enum class NonFinite : unsigned char {
  reject,   ///< throw std::invalid_argument that names how many there are and where the first one is
  saturate  ///< ranges come from the other values; +-infinity and doubles outside the range of float
            ///< saturate, NaN encodes as 0.0, doubles below the smallest float become 0; the error report
            ///< counts them
};

/// What a caller may say about one call of a Quantizer.
struct Options {
  NonFinite non_finite = NonFinite::reject;  ///< what NaN and infinities do
  /// Which end of a byte holds the first of its codes.
  NibbleOrder nibble_order = NibbleOrder::low_first;
};

}  // namespace lowbit::inline LOWBIT_ABI
