// Per-tensor quantization of device memory.
#pragma once
#include <lowbit/codec/affine.hpp>
#include <lowbit/cuda/status.hpp>
#include <lowbit/cuda/values.hpp>

#include <cstdint>

namespace lowbit::cuda {

/// The bytes of device memory that a quantize_tensor call needs, aligned to 16. The same for every count.
std::int64_t tensor_workspace() noexcept;

/// Quantizes to int8 with one scale: codes and *scale = absmax / 127, bit for bit what
/// Quantizer<SymmetricInteger<std::int8_t>> writes with NonFinite::saturate. Three kernels: the range, the
/// parameters, the codes. x is read twice. `workspace` has tensor_workspace() bytes. `non_finite` as in
/// BlockwiseOptions. Refuses a negative count and null or misaligned pointers.
DeviceStatus quantize_tensor_absmax(ConstValues x, std::int64_t count, std::int8_t* codes, float* scale,
                                    void* workspace, Stream stream = nullptr,
                                    unsigned long long* non_finite = nullptr);

/// Quantizes to uint8 with one scale and zero-point: codes, *scale and *zero_point as
/// Quantizer<AffineInteger<std::uint8_t>> chooses them; otherwise as quantize_tensor_absmax.
DeviceStatus quantize_tensor_zero_point(ConstValues x, std::int64_t count, std::uint8_t* codes, float* scale,
                                        std::int32_t* zero_point, void* workspace, Stream stream = nullptr,
                                        unsigned long long* non_finite = nullptr);

/// Decodes codes of quantize_tensor_absmax: y[i] = float(code i) * *scale, rounded to float and then to the
/// type of y.
DeviceStatus dequantize_tensor(const std::int8_t* codes, const float* scale, std::int64_t count, Values y,
                               Stream stream = nullptr);
/// Decodes codes of quantize_tensor_zero_point: y[i] = float(code i - *zero_point) * *scale, rounded to float
/// and then to the type of y.
DeviceStatus dequantize_tensor(const std::uint8_t* codes, const float* scale, const std::int32_t* zero_point,
                               std::int64_t count, Values y, Stream stream = nullptr);

}  // namespace lowbit::cuda
