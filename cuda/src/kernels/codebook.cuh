// Finds the nearest level of a codebook by one access to a table that the leading bits of a value index.
#pragma once
#include "device/parameters.cuh"
#include "kernels/codes.cuh"
#include "kernels/scale_rule.cuh"

#include <lowbit/codec/parameters.hpp>

#include <cuda_runtime.h>

#include <cstdint>

namespace lowbit::cuda {

/// A codebook as a kernel parameter. Magnitudes are divided into cells of 2^cell_shift adjacent bit patterns.
/// Let w be the bits of max(|v|, low), with the bits of `flip` inverted for negative v. Then w increases with
/// v within a cell, and the bits that index the ring differ between cells of different sign. Where no cell
/// holds two thresholds,
///   rank = (ring[w >> cell_shift mod ring_size] + (w << (rank_shift - cell_shift))) >> rank_shift   (mod
///   2^32)
/// because the sum carries into the rank where v is above the threshold of its cell. `cell_count` is 0 for
/// tables without such cells, which are searched.
template <int Bits>
struct CodebookParameters {
  static constexpr int bits = Bits, levels = 1 << Bits;
  static constexpr int cell_shift = Bits == 8 ? 17 : 19;
  static constexpr int rank_shift = 32 - Bits;
  static constexpr int octaves = Bits == 8 ? 24 : 16, capacity = octaves << (23 - cell_shift);
  static constexpr unsigned ring_size = Bits == 8 ? 4096 : 512;
  static constexpr unsigned flip = ring_size / 2 << cell_shift | ((1u << cell_shift) - 1u);
  static_assert(capacity <= ring_size / 2);

  AbsmaxParameters rule;
  float low;
  std::uint32_t first_cell, cell_count;  ///< of each sign
  std::int32_t identity;                 ///< codes are ranks
  float thresholds[levels];              ///< ascending, then +infinity
  std::uint32_t codes[levels];           ///< of each rank
  std::uint32_t cells[2][capacity];      ///< of positive and of negative values
};

/// Shared memory of one block of threads.
template <int Bits>
struct CodebookShared {
  std::uint32_t ring[CodebookParameters<Bits>::ring_size];
  float thresholds[CodebookParameters<Bits>::levels];
  std::uint32_t codes[CodebookParameters<Bits>::levels];
};

/// Encodes with a codebook. The methods are called by threads of one block after its `load`.
template <int Bits>
class CodebookEncoder {
 public:
  using Parameters = CodebookParameters<Bits>;
  using Shared = CodebookShared<Bits>;
  static constexpr int bits = Bits;
  static constexpr bool has_free_scales = true;

  __device__ __forceinline__ CodebookEncoder(const Parameters& p, const Shared& shared)
      : p_{p}, shared_{shared} {}

  static __device__ __forceinline__ void load(const Parameters& p, Shared& shared) {
    const Parameters* const from = device::generic_address(&p);
    for (unsigned i = threadIdx.x; i < p.cell_count; i += blockDim.x) {
      const unsigned cell = p.first_cell + i;
      shared.ring[cell % Parameters::ring_size] = from->cells[0][i];
      shared.ring[(cell + Parameters::ring_size / 2) % Parameters::ring_size] = from->cells[1][i];
    }
    device::copy_words(p.thresholds, Parameters::levels, shared.thresholds);
    device::copy_words(p.codes, Parameters::levels, shared.codes);
    __syncthreads();
  }

  __device__ __forceinline__ const AbsmaxParameters& rule() const { return p_.rule; }

  /// Codes of N (a multiple of 8) finite values of a block with a regular scale, packed into N * Bits / 32
  /// words.
  template <int N>
  __device__ __forceinline__ void encode(const float* x, float scale, float inverse, bool high_first,
                                         unsigned* out) const {
    static_cast<void>(scale);
    unsigned r[N];
    if (p_.cell_count != 0) {
#pragma unroll
      for (int i = 0; i < N; ++i) r[i] = rank_by_cell(__fmul_rn(x[i], inverse));
      if (p_.identity) return pack<N>(r, high_first, out);
    } else {
#pragma unroll
      for (int i = 0; i < N; ++i) r[i] = rank_by_search(__fmul_rn(x[i], inverse)) << Parameters::rank_shift;
    }
#pragma unroll
    for (int i = 0; i < N; ++i)
      r[i] = shared_.codes[r[i] >> Parameters::rank_shift] << Parameters::rank_shift;
    pack<N>(r, high_first, out);
  }

  /// The code of any value with any scale, by the codec's own formula.
  __device__ unsigned encode(float x, float scale) const {
    const Encoding e = by_reciprocal({scale, 0});
    return shared_.codes[rank_by_search(nan_to_zero(__fmul_rn(__fmul_rn(x, e.pre), e.factor)))];
  }

 private:
  template <int N>
  static __device__ __forceinline__ void pack(const unsigned* r, bool high_first, unsigned* out) {
#pragma unroll
    for (int i = 0; i < N; i += 8) {
      if (Bits == 8) {
        out[i / 4] = gather_bytes<3>(r[i], r[i + 1], r[i + 2], r[i + 3]);
        out[i / 4 + 1] = gather_bytes<3>(r[i + 4], r[i + 5], r[i + 6], r[i + 7]);
      } else {
        out[i / 8] = pack_nibbles<3, true>(r + i);
        if (!high_first) out[i / 8] = swap_nibbles(out[i / 8]);
      }
    }
  }
  __device__ __forceinline__ unsigned rank_by_cell(float v) const {
    const unsigned sign = static_cast<unsigned>(static_cast<int>(__float_as_uint(v)) >> 31);
    const unsigned w = __float_as_uint(fmaxf(fabsf(v), p_.low)) ^ (sign & Parameters::flip);
    return shared_.ring[w >> Parameters::cell_shift & (Parameters::ring_size - 1)] +
           (w << (Parameters::rank_shift - Parameters::cell_shift));
  }
  __device__ __forceinline__ unsigned rank_by_search(float v) const {
    unsigned r = 0;
#pragma unroll
    for (unsigned step = Parameters::levels / 2; step != 0; step /= 2)
      r += shared_.thresholds[r + step - 1] < v ? step : 0;
    return r;
  }

  const Parameters& p_;
  const Shared& shared_;
};

}  // namespace lowbit::cuda
