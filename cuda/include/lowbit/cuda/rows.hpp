// Row-wise int8 quantization of a matrix in device memory, as int8 products take it.
#pragma once
#include <lowbit/cuda/status.hpp>
#include <lowbit/cuda/values.hpp>

#include <cstdint>

namespace lowbit::cuda {

/// Quantizes a dense row-major [rows, columns] matrix, each row with scale absmax / 127. The result equals,
/// bit for bit, that of Quantizer<SymmetricInteger<std::int8_t>, PerChannel>{{.axis = 0}} with
/// NonFinite::saturate. `non_finite` as in BlockwiseOptions. Returns invalid_argument, and writes nothing,
/// for negative extents and null or misaligned pointers.
DeviceStatus quantize_rows(ConstValues x, std::int64_t rows, std::int64_t columns, std::int8_t* codes,
                           float* scales, Stream stream = nullptr, unsigned long long* non_finite = nullptr);

/// Decodes what quantize_rows wrote: y[r, c] = float(code) * scales[r], rounded to float and then to the type
/// of y. Refuses as quantize_rows does.
DeviceStatus dequantize_rows(const std::int8_t* codes, const float* scales, std::int64_t rows,
                             std::int64_t columns, Values y, Stream stream = nullptr);

}  // namespace lowbit::cuda
