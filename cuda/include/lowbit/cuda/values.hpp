// Typed pointers to device memory, as calls take them.
#pragma once
#include <lowbit/number/float16.hpp>

#include <cstdint>

/// The type behind cudaStream_t, declared here so that no header of the toolkit is needed.
struct CUstream_st;

namespace lowbit::cuda {

/// A cudaStream_t. nullptr is the default stream.
using Stream = CUstream_st*;

/// The element types that device memory may hold.
enum class ElementType : unsigned char { float32, float16, bf16 };

/// The bytes of one element.
constexpr std::int64_t bytes_of(ElementType type) noexcept { return type == ElementType::float32 ? 4 : 2; }

/// Elements in device memory that a call reads: a pointer and the type behind it. Any alignment that the type
/// allows is fine; the fast path needs 16 bytes.
class ConstValues {
 public:
  /// Points to elements of this type.
  /// @{
  ConstValues(const float* data) noexcept : ConstValues(data, ElementType::float32) {}
  ConstValues(const float16* data) noexcept : ConstValues(data, ElementType::float16) {}
  ConstValues(const bf16* data) noexcept : ConstValues(data, ElementType::bf16) {}
  /// @}
  /// Points to elements of another type of the same layout, such as __half and __nv_bfloat16.
  ConstValues(const void* data, ElementType type) noexcept : data_{data}, type_{type} {}

  const void* data() const noexcept { return data_; }  ///< the first element
  ElementType type() const noexcept { return type_; }  ///< what it points to

 private:
  const void* data_;
  ElementType type_;
};

/// Elements in device memory that a call writes; see ConstValues.
class Values {
 public:
  /// Points to elements of this type.
  /// @{
  Values(float* data) noexcept : Values(data, ElementType::float32) {}
  Values(float16* data) noexcept : Values(data, ElementType::float16) {}
  Values(bf16* data) noexcept : Values(data, ElementType::bf16) {}
  Values(void* data, ElementType type) noexcept : data_{data}, type_{type} {}
  /// @}

  void* data() const noexcept { return data_; }        ///< the first element
  ElementType type() const noexcept { return type_; }  ///< what it points to

 private:
  void* data_;
  ElementType type_;
};

/// Bytes of codes in device memory. Codes of 4 bits share bytes, those of 8 are one byte each, signed or not.
class ConstCodes {
 public:
  /// Points to codes.
  /// @{
  ConstCodes(const std::uint8_t* data) noexcept : data_{data} {}
  ConstCodes(const std::int8_t* data) noexcept : data_{reinterpret_cast<const std::uint8_t*>(data)} {}
  /// @}
  const std::uint8_t* data() const noexcept { return data_; }  ///< the first byte

 private:
  const std::uint8_t* data_;
};

/// Bytes of codes that a call writes; see ConstCodes.
class Codes {
 public:
  /// Points to codes.
  /// @{
  Codes(std::uint8_t* data) noexcept : data_{data} {}
  Codes(std::int8_t* data) noexcept : data_{reinterpret_cast<std::uint8_t*>(data)} {}
  /// @}
  std::uint8_t* data() const noexcept { return data_; }  ///< the first byte

 private:
  std::uint8_t* data_;
};

}  // namespace lowbit::cuda
