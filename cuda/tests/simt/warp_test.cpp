// Warp functions against the formulas of the programming guide, for all lanes, widths and distances.
#include <bit>

#include "simt/support.hpp"

namespace simt_test {
namespace {

class Warp : public Simt {
 protected:
  /// One warp runs the kernel; what it wrote.
  template <class... Parameters, class... Arguments>
  std::vector<int> lanes_of(void (*kernel)(int*, Parameters...), Arguments... arguments) {
    const DeviceArray<int> y(32);
    launch(kernel, 1, 32, y.data(), arguments...);
    return y.to_host();
  }
};

__global__ void shuffle(int* y, int source, int width) {
  const int self = static_cast<int>(threadIdx.x);
  y[self] = __shfl_sync(0xffffffffu, 100 + self, source, width);
}
__global__ void shuffle_up(int* y, unsigned delta, int width) {
  const int self = static_cast<int>(threadIdx.x);
  y[self] = __shfl_up_sync(0xffffffffu, 100 + self, delta, width);
}
__global__ void shuffle_down(int* y, unsigned delta, int width) {
  const int self = static_cast<int>(threadIdx.x);
  y[self] = __shfl_down_sync(0xffffffffu, 100 + self, delta, width);
}
__global__ void shuffle_xor(int* y, int mask, int width) {
  const int self = static_cast<int>(threadIdx.x);
  y[self] = __shfl_xor_sync(0xffffffffu, 100 + self, mask, width);
}

TEST_F(Warp, ShufflesReadTheLanesThatTheGuideNames) {
  for (const int width : {1, 2, 4, 8, 16, 32})
    for (int d = 0; d < 32; ++d) {
      simt::settings().order = orders[d % 3];
      const std::vector<int> any = lanes_of(shuffle, d, width),
                             up = lanes_of(shuffle_up, static_cast<unsigned>(d), width),
                             down = lanes_of(shuffle_down, static_cast<unsigned>(d), width),
                             exclusive = lanes_of(shuffle_xor, d, width);
      for (int self = 0; self < 32; ++self) {
        const int first = self / width * width, end = first + width;
        const auto i = static_cast<std::size_t>(self);
        EXPECT_EQ(any[i], 100 + first + d % width);
        EXPECT_EQ(up[i], 100 + (self - d >= first ? self - d : self));
        EXPECT_EQ(down[i], 100 + (self + d < end ? self + d : self));
        EXPECT_EQ(exclusive[i], 100 + ((self ^ d) < end ? self ^ d : self));
      }
    }
}

__global__ void votes(int* y, unsigned bits) {
  const int mine = static_cast<int>(bits >> threadIdx.x & 1u);
  const unsigned upper = 0xffff0000u, mask = threadIdx.x < 16 ? ~upper : upper;
  y[threadIdx.x] = static_cast<int>(__ballot_sync(mask, mine)) ^ (__any_sync(mask, mine) << 8) ^
                   (__all_sync(mask, mine) << 9);
}

TEST_F(Warp, VotesCountTheLanesOfTheMask) {
  for (const unsigned bits : {0u, 0xffffffffu, 0xffff0000u, 0x00010000u, 0x00ff00ffu})
    for (const simt::Order order : orders) {
      simt::settings().order = order;
      const std::vector<int> y = lanes_of(votes, bits);
      for (unsigned self = 0; self < 32; ++self) {
        const unsigned mask = self < 16 ? 0xffffu : 0xffff0000u, ballot = bits & mask;
        EXPECT_EQ(static_cast<unsigned>(y[self]),
                  ballot ^ (ballot != 0 ? 256u : 0u) ^ (ballot == mask ? 512u : 0u));
      }
    }
}

__global__ void reductions(int* y, const int* x) {
  const int v = x[threadIdx.x];
  const auto u = static_cast<unsigned>(v);
  const int results[] = {__reduce_add_sync(~0u, v),
                         __reduce_min_sync(~0u, v),
                         __reduce_max_sync(~0u, v),
                         static_cast<int>(__reduce_min_sync(~0u, u)),
                         static_cast<int>(__reduce_max_sync(~0u, u)),
                         static_cast<int>(__reduce_and_sync(~0u, u)),
                         static_cast<int>(__reduce_or_sync(~0u, u)),
                         static_cast<int>(__reduce_xor_sync(~0u, u))};
  if (threadIdx.x < 8) y[threadIdx.x] = results[threadIdx.x];
}

TEST_F(Warp, ReductionsAreOfSignedAndUnsignedWords) {
  std::vector<int> values(32);
  for (int i = 0; i < 32; ++i) values[static_cast<std::size_t>(i)] = (i - 7) * 87654321;
  int sum = 0, least = values[0], most = values[0], all = -1, any = 0, odd = 0;
  unsigned lowest = ~0u, highest = 0;
  for (const int v : values) {
    sum = static_cast<int>(static_cast<unsigned>(sum) + static_cast<unsigned>(v));
    least = std::min(least, v), most = std::max(most, v);
    lowest = std::min(lowest, static_cast<unsigned>(v)),
    highest = std::max(highest, static_cast<unsigned>(v));
    all &= v, any |= v, odd ^= v;
  }
  const DeviceArray<int> x(values);
  const std::vector<int> y = lanes_of(reductions, static_cast<const int*>(x.data()));
  EXPECT_THAT(std::vector<int>(y.begin(), y.begin() + 8),
              testing::ElementsAre(sum, least, most, static_cast<int>(lowest), static_cast<int>(highest), all,
                                   any, odd));
}

// Halves of a warp go different ways and meet again.
__global__ void apart_and_together(int* y) {
  const int self = static_cast<int>(threadIdx.x);
  int v = self;
  if (self < 16)
    v = __shfl_xor_sync(0x0000ffffu, v, 15);
  else
    for (int k = 0; k < 3; ++k) v = __shfl_xor_sync(0xffff0000u, v, 1);
  y[self] = __shfl_xor_sync(0xffffffffu, v, 31);
}

TEST_F(Warp, HalvesOfAWarpMayGoDifferentWays) {
  for (const simt::Order order : orders) {
    simt::settings().order = order;
    const std::vector<int> y = lanes_of(apart_and_together);
    for (int self = 0; self < 32; ++self) {
      const int other = self ^ 31;
      EXPECT_EQ(y[static_cast<std::size_t>(self)], other < 16 ? other ^ 15 : other ^ 1);
    }
  }
}

__global__ void count_threads(unsigned* sum, unsigned long long* most, float* parts) {
  const unsigned id = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
  const unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  atomicAdd(sum, 1u);
  atomicMax(most, 1000ull * block + id);
  atomicAdd(parts, 0.5f);
}

TEST_F(Warp, GridsHaveThreeDimensions) {
  for (const simt::Order order : orders) {
    simt::settings().order = order;
    const DeviceArray<unsigned> sum(std::vector<unsigned>{0});
    const DeviceArray<unsigned long long> most(std::vector<unsigned long long>{0});
    const DeviceArray<float> parts(std::vector<float>{0.0f});
    launch(count_threads, dim3(3, 2, 2), dim3(5, 4, 3), sum.data(), most.data(), parts.data());
    EXPECT_EQ(sum.to_host()[0], 12u * 60u);
    EXPECT_EQ(most.to_host()[0], 11059u);
    EXPECT_EQ(parts.to_host()[0], 360.0f);
  }
}

}  // namespace
}  // namespace simt_test
