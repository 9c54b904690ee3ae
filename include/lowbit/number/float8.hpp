// Floats of 8, 6 and 4 bits, under the names of ml_dtypes.
#pragma once
#include <lowbit/number/float_conversion.hpp>

namespace lowbit::inline LOWBIT_ABI {

/// The E4M3 of OCP and NVIDIA: largest 448, smallest normal 2^-6, smallest 2^-9; NaN, no infinity.
using float8_e4m3fn = SmallFloat<4, 3, Special::nan_only>;
/// The E5M2 of OCP and NVIDIA, the upper half of a float16: largest 57344, smallest normal 2^-14, smallest
/// 2^-16.
using float8_e5m2 = SmallFloat<5, 2, Special::ieee>;
/// AMD's E4M3 up to MI300: largest 240, smallest normal 2^-7, smallest 2^-10; one zero, one NaN.
using float8_e4m3fnuz = SmallFloat<4, 3, Special::fnuz>;
/// AMD's E5M2 up to MI300: largest 57344, smallest normal 2^-15, smallest 2^-17; one zero, one NaN.
using float8_e5m2fnuz = SmallFloat<5, 2, Special::fnuz>;
/// MXFP6 E2M3: largest 7.5, smallest normal 1, smallest 0.125; finite only.
using float6_e2m3fn = SmallFloat<2, 3, Special::none>;
/// MXFP6 E3M2: largest 28, smallest normal 0.25, smallest 0.0625; finite only.
using float6_e3m2fn = SmallFloat<3, 2, Special::none>;
/// MXFP4 and NVFP4 E2M1: 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives; finite only.
using float4_e2m1fn = SmallFloat<2, 1, Special::none>;
/// The scales of MX formats: the power of two 2^(code - 127); no sign, no zero, NaN at 255.
using float8_e8m0fnu = SmallFloat<8, 0, Special::fnu>;

}  // namespace lowbit::inline LOWBIT_ABI
