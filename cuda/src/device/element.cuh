// Elements of the three types in memory, as floats in registers.
#pragma once
#include "device/maximum.cuh"

#include <lowbit/cuda/values.hpp>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <cstring>

namespace lowbit::cuda::device {

/// Conversions to float are exact. Conversions from float round half to even, keep denormals, and overflow to
/// infinity.
template <ElementType>
struct Element;

template <>
struct Element<ElementType::float32> {
  using Storage = float;
  static __device__ __forceinline__ float load(const Storage* p) { return __ldg(p); }
  static __device__ __forceinline__ void store(Storage* p, float v) { *p = v; }
  /// Eight adjacent elements as in memory; here and below, the pointer is aligned to 16 bytes.
  struct Eight {
    ::uint4 a, b;
  };
  static __device__ __forceinline__ Eight load8(const Storage* p) {
    return {__ldg(reinterpret_cast<const ::uint4*>(p)), __ldg(reinterpret_cast<const ::uint4*>(p) + 1)};
  }
  static __device__ __forceinline__ void unpack(const Eight& e, float* v) {
    v[0] = __uint_as_float(e.a.x), v[1] = __uint_as_float(e.a.y), v[2] = __uint_as_float(e.a.z);
    v[3] = __uint_as_float(e.a.w), v[4] = __uint_as_float(e.b.x), v[5] = __uint_as_float(e.b.y);
    v[6] = __uint_as_float(e.b.z), v[7] = __uint_as_float(e.b.w);
  }
  /// The largest magnitude of sixteen, NaN if there is one.
  static __device__ __forceinline__ float largest(const Eight& e, const Eight& f) {
    float v[16];
    unpack(e, v);
    unpack(f, v + 8);
    float m = fabsf(v[0]);
#pragma unroll
    for (int i = 1; i < 16; ++i) m = max_nan(m, fabsf(v[i]));
    return m;
  }
  /// 16 bytes of adjacent elements.
  static constexpr int vector = 4;
  static __device__ __forceinline__ void store_vector(Storage* p, const float* v) {
    *reinterpret_cast<::uint4*>(p) =
        ::uint4{__float_as_uint(v[0]), __float_as_uint(v[1]), __float_as_uint(v[2]), __float_as_uint(v[3])};
  }
};

/// Common code of both 16-bit types, on top of unpacking two of them from a word and packing them.
template <class Half>
struct Element16 {
  using Storage = unsigned short;
  static __device__ __forceinline__ float load(const Storage* p) { return Half::low(__ldg(p)); }
  static __device__ __forceinline__ void store(Storage* p, float v) {
    *p = static_cast<Storage>(Half::pack(v, 0.0f) & 0xffffu);
  }
  using Eight = ::uint4;
  static __device__ __forceinline__ Eight load8(const Storage* p) {
    return __ldg(reinterpret_cast<const ::uint4*>(p));
  }
  static __device__ __forceinline__ void unpack(const Eight& e, float* v) {
    v[0] = Half::low(e.x), v[1] = Half::high(e.x), v[2] = Half::low(e.y), v[3] = Half::high(e.y);
    v[4] = Half::low(e.z), v[5] = Half::high(e.z), v[6] = Half::low(e.w), v[7] = Half::high(e.w);
  }
  static __device__ __forceinline__ float largest(const Eight& e, const Eight& f) {
    const unsigned words[] = {e.x, e.y, e.z, e.w, f.x, f.y, f.z, f.w};
    const unsigned m = largest_magnitudes<typename Half::Pair>(words);
    return max_nan(Half::low(m), Half::high(m));
  }
  static constexpr int vector = 8;
  static __device__ __forceinline__ void store_vector(Storage* p, const float* v) {
    *reinterpret_cast<::uint4*>(p) = ::uint4{Half::pack(v[0], v[1]), Half::pack(v[2], v[3]),
                                             Half::pack(v[4], v[5]), Half::pack(v[6], v[7])};
  }
};

template <>
struct Element<ElementType::float16> : Element16<Element<ElementType::float16>> {
  using Pair = __half2;
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
struct Element<ElementType::bf16> : Element16<Element<ElementType::bf16>> {
  using Pair = __nv_bfloat162;
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
