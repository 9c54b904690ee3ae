// Elements of the three types in memory, as floats in registers.
#pragma once
#include <lowbit/cuda/values.hpp>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <cstring>

namespace lowbit::cuda::device {

/// Conversions to float are exact; those from float round to nearest, ties to even, keep denormals, and go to
/// infinity beyond the largest finite value.
template <ElementType>
struct Element;

template <>
struct Element<ElementType::float32> {
  using Storage = float;
  static __device__ __forceinline__ float load(const Storage* p) { return __ldg(p); }
  static __device__ __forceinline__ void store(Storage* p, float v) { *p = v; }
  /// Eight neighbours; the pointer is aligned to 16 bytes here and below.
  static __device__ __forceinline__ void load8(const Storage* p, float* v) {
    const ::uint4 a = __ldg(reinterpret_cast<const ::uint4*>(p)),
                  b = __ldg(reinterpret_cast<const ::uint4*>(p) + 1);
    v[0] = __uint_as_float(a.x), v[1] = __uint_as_float(a.y), v[2] = __uint_as_float(a.z),
    v[3] = __uint_as_float(a.w);
    v[4] = __uint_as_float(b.x), v[5] = __uint_as_float(b.y), v[6] = __uint_as_float(b.z),
    v[7] = __uint_as_float(b.w);
  }
  /// 16 bytes of neighbours.
  static constexpr int vector = 4;
  static __device__ __forceinline__ void store_vector(Storage* p, const float* v) {
    *reinterpret_cast<::uint4*>(p) =
        ::uint4{__float_as_uint(v[0]), __float_as_uint(v[1]), __float_as_uint(v[2]), __float_as_uint(v[3])};
  }
};

/// What both 16-bit types do once two of them are unpacked from a word and packed into one.
template <class Half>
struct Element16 {
  using Storage = unsigned short;
  static __device__ __forceinline__ float load(const Storage* p) { return Half::low(__ldg(p)); }
  static __device__ __forceinline__ void store(Storage* p, float v) {
    *p = static_cast<Storage>(Half::pack(v, 0.0f) & 0xffffu);
  }
  static __device__ __forceinline__ void load8(const Storage* p, float* v) {
    const ::uint4 a = __ldg(reinterpret_cast<const ::uint4*>(p));
    v[0] = Half::low(a.x), v[1] = Half::high(a.x), v[2] = Half::low(a.y), v[3] = Half::high(a.y);
    v[4] = Half::low(a.z), v[5] = Half::high(a.z), v[6] = Half::low(a.w), v[7] = Half::high(a.w);
  }
  static constexpr int vector = 8;
  static __device__ __forceinline__ void store_vector(Storage* p, const float* v) {
    *reinterpret_cast<::uint4*>(p) = ::uint4{Half::pack(v[0], v[1]), Half::pack(v[2], v[3]),
                                             Half::pack(v[4], v[5]), Half::pack(v[6], v[7])};
  }
};

template <>
struct Element<ElementType::float16> : Element16<Element<ElementType::float16>> {
  static __device__ __forceinline__ float low(unsigned w) {
    return __half2float(__ushort_as_half(static_cast<unsigned short>(w)));
  }
  static __device__ __forceinline__ float high(unsigned w) {
    return __half2float(__ushort_as_half(static_cast<unsigned short>(w >> 16)));
  }
  static __device__ __forceinline__ unsigned pack(float lo, float hi) {
    const __half2 pair = __floats2half2_rn(lo, hi);
    unsigned bits;
    memcpy(&bits, &pair, sizeof bits);
    return bits;
  }
};

template <>
struct Element<ElementType::bfloat16> : Element16<Element<ElementType::bfloat16>> {
  static __device__ __forceinline__ float low(unsigned w) { return __uint_as_float(w << 16); }
  static __device__ __forceinline__ float high(unsigned w) { return __uint_as_float(w & 0xffff0000u); }
  static __device__ __forceinline__ unsigned pack(float lo, float hi) {
    const __nv_bfloat162 pair = __floats2bfloat162_rn(lo, hi);
    unsigned bits;
    memcpy(&bits, &pair, sizeof bits);
    return bits;
  }
};

}  // namespace lowbit::cuda::device
