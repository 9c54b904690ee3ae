// What a caller may say about one call.
#pragma once
#include <lowbit/number/packed.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// What to do about NaN and infinities where a range is sought.
enum class NonFinite : unsigned char {
  reject,   ///< throw std::invalid_argument that names how many there are and where the first one is
  saturate  ///< ranges come from the finite values; +-infinity saturates, NaN encodes as 0.0; the error
            ///< report counts them
};

struct Options {
  NonFinite non_finite = NonFinite::reject;
  NibbleOrder nibble_order = NibbleOrder::low_first;
};

}  // namespace lowbit::inline LOWBIT_ABI
