// Barriers, and the functions by which the threads of a warp exchange values.
#pragma once
#include <cstring>
#include <type_traits>

#include <simt/machine.hpp>

#define SIMT_SITE const char *file = __builtin_FILE(), int line = __builtin_LINE()

inline void __syncthreads(SIMT_SITE) { simt::barrier({file, line}); }
inline void __syncwarp(unsigned mask = 0xffffffffu, SIMT_SITE) {
  simt::collective(simt::Operation::syncwarp, mask, 0, 0, {file, line});
}

namespace simt {
template <class T>
T shuffle(Operation operation, unsigned mask, T value, unsigned source, int width, Site site) {
  static_assert(std::is_trivially_copyable_v<T> && (sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8),
                "shuffles exchange 2, 4 or 8 bytes");
  if (width < 1 || width > 32 || (width & (width - 1)) != 0)
    fail("the width of a shuffle is a power of two, at most 32", site);
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = collective(operation, mask, bits, source, site);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
/// The first lane of the caller's section of `width` lanes.
inline unsigned section(int width) { return lane() & ~(static_cast<unsigned>(width) - 1); }
}  // namespace simt

/// From lane `source`, modulo width, of the section.
template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32, SIMT_SITE) {
  const unsigned from =
      simt::section(width) + (static_cast<unsigned>(source) & (static_cast<unsigned>(width) - 1));
  return simt::shuffle(simt::Operation::shuffle, mask, value, from, width, {file, line});
}
/// From `delta` lanes below; the lowest `delta` lanes of a section keep their own.
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32, SIMT_SITE) {
  const unsigned self = simt::lane();
  const unsigned from = self - simt::section(width) >= delta ? self - delta : self;
  return simt::shuffle(simt::Operation::shuffle_up, mask, value, from, width, {file, line});
}
/// From `delta` lanes above; the highest `delta` lanes of a section keep their own.
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32, SIMT_SITE) {
  const unsigned self = simt::lane(), room = simt::section(width) + static_cast<unsigned>(width) - 1 - self;
  const unsigned from = delta <= room ? self + delta : self;
  return simt::shuffle(simt::Operation::shuffle_down, mask, value, from, width, {file, line});
}
/// From lane `self ^ lane_mask`; a lane that would read from a later section keeps its own.
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = 32, SIMT_SITE) {
  const unsigned self = simt::lane(), other = self ^ (static_cast<unsigned>(lane_mask) & 31);
  const unsigned from = other < simt::section(width) + static_cast<unsigned>(width) ? other : self;
  return simt::shuffle(simt::Operation::shuffle_xor, mask, value, from, width, {file, line});
}

inline unsigned __ballot_sync(unsigned mask, int predicate, SIMT_SITE) {
  return static_cast<unsigned>(
      simt::collective(simt::Operation::ballot, mask, predicate != 0, 0, {file, line}));
}
inline int __any_sync(unsigned mask, int predicate, SIMT_SITE) {
  return static_cast<int>(simt::collective(simt::Operation::any, mask, predicate != 0, 0, {file, line}));
}
inline int __all_sync(unsigned mask, int predicate, SIMT_SITE) {
  return static_cast<int>(simt::collective(simt::Operation::all, mask, predicate != 0, 0, {file, line}));
}

#define SIMT_REDUCE(name, type, operation)                                                                  \
  inline type name(unsigned mask, type value, SIMT_SITE) {                                                  \
    return static_cast<type>(                                                                               \
        simt::collective(simt::Operation::operation, mask, static_cast<unsigned>(value), 0, {file, line})); \
  }
SIMT_REDUCE(__reduce_add_sync, unsigned, reduce_add)
SIMT_REDUCE(__reduce_add_sync, int, reduce_add)
SIMT_REDUCE(__reduce_min_sync, unsigned, reduce_min)
SIMT_REDUCE(__reduce_min_sync, int, reduce_min_signed)
SIMT_REDUCE(__reduce_max_sync, unsigned, reduce_max)
SIMT_REDUCE(__reduce_max_sync, int, reduce_max_signed)
SIMT_REDUCE(__reduce_and_sync, unsigned, reduce_and)
SIMT_REDUCE(__reduce_or_sync, unsigned, reduce_or)
SIMT_REDUCE(__reduce_xor_sync, unsigned, reduce_xor)
#undef SIMT_REDUCE
#undef SIMT_SITE
