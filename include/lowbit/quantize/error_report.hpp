// The report on the error of a tensor.
#pragma once
#include <lowbit/core/shape.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// Says how far decoded values are from the original, with e = decoded - original. Sums are in double over
/// the elements of the original that are finite; the others are counted. snr_db tells three cases apart:
/// +infinity without any error; -infinity where a finite value decodes to infinity, or where all are zeros
/// and some decode to other values; NaN where one decodes to NaN, as the means and max_abs are then. mse is 0
/// or infinite where the square leaves the range of double; snr_db and cosine are right even there. The last
/// bits of snr_db, mse and cosine may differ between builds with and without FMA, where the compiler fuses
/// products with sums.
struct ErrorReport {
  Index count = 0;              ///< elements
  double snr_db = 0.0;          ///< 10 log10(sum x^2 / sum e^2)
  double mse = 0.0;             ///< mean of e^2
  double mae = 0.0;             ///< mean of |e|
  double max_abs = 0.0;         ///< largest |e|
  double mean_relative = 0.0;   ///< mean of |e| / |x| over the non-zero x
  double cosine = 1.0;          ///< of the angle between original and decoded; 1 when both are zero, 0
                                ///< when one is, or when a value decodes to infinity
  Index clipped = 0;            ///< finite values more than half a cell outside the codes' range
  Index non_finite = 0;         ///< of the original: the sum of the next three
  Index nan = 0;                ///< NaN in the original
  Index positive_infinity = 0;  ///< +infinity in the original
  Index negative_infinity = 0;  ///< -infinity in the original
  Index decoded_nan = 0;        ///< NaN among the decoded values, whatever the original
  Index decoded_infinity = 0;   ///< infinities of either sign among the decoded values
  Index other_kind = 0;         ///< elements that changed between finite, NaN, +infinity and -infinity
  Index zeroed = 0;             ///< non-zero values that decode to zero
  double bits_per_value = 0.0;  ///< memory of codes and parameters per element

  /// Whether all elements are finite and decode to themselves.
  bool exact() const noexcept {
    return max_abs == 0.0 && non_finite == 0 && decoded_nan == 0 && decoded_infinity == 0;
  }
};

}  // namespace lowbit::inline LOWBIT_ABI
