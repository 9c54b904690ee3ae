// Per-tensor quantization of device memory.
#pragma once
#include <lowbit/codec/affine.hpp>
#include <lowbit/cuda/status.hpp>
#include <lowbit/cuda/values.hpp>

#include <cstdint>

namespace lowbit::cuda {

/// Bytes of device memory that a quantize_tensor call needs, aligned to 16. The same for every count.
std::int64_t tensor_workspace() noexcept;

/// Quantizes to int8 with *scale = absmax / 127. The result equals, bit for bit, that of
/// Quantizer<SymmetricInteger<std::int8_t>> with NonFinite::saturate. Runs three kernels: range, parameters,
/// codes; x is read twice. `workspace` has tensor_workspace() bytes. `non_finite` as in BlockwiseOptions.
DeviceStatus quantize_tensor_absmax(ConstValues x, std::int64_t count, std::int8_t* codes, float* scale,
                                    void* workspace, Stream stream = nullptr,
                                    unsigned long long* non_finite = nullptr);

/// Quantizes to uint8, with *scale and *zero_point as Quantizer<AffineInteger<std::uint8_t>> chooses them.
DeviceStatus quantize_tensor_zero_point(ConstValues x, std::int64_t count, std::uint8_t* codes, float* scale,
                                        std::int32_t* zero_point, void* workspace, Stream stream = nullptr,
                                        unsigned long long* non_finite = nullptr);

/// Dequantizes codes of quantize_tensor_absmax: y[i] = float(code i) * *scale.
DeviceStatus dequantize_tensor(const std::int8_t* codes, const float* scale, std::int64_t count, Values y,
                               Stream stream = nullptr);
/// Dequantizes: y[i] = float(code i - *zero_point) * *scale.
DeviceStatus dequantize_tensor(const std::uint8_t* codes, const float* scale, const std::int32_t* zero_point,
                               std::int64_t count, Values y, Stream stream = nullptr);

}  // namespace lowbit::cuda
