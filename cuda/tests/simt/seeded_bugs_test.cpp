// Typical bugs of GPU code, each in an otherwise correct kernel: the emulator must detect every one.
#include <numeric>

#include "simt/support.hpp"

namespace simt_test {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

class SeededBugs : public Simt {};

// Each block writes its part of x backwards, by way of shared memory.
template <bool with_barrier>
__global__ void reverse(const int* x, int* y) {
  __shared__ int part[64];
  part[threadIdx.x] = x[blockIdx.x * 64 + threadIdx.x];
  if (with_barrier) __syncthreads();
  y[blockIdx.x * 64 + threadIdx.x] = part[63 - threadIdx.x];
}

std::vector<int> reversed(void (*kernel)(const int*, int*), simt::Order order) {
  simt::settings().order = order;
  std::vector<int> values(192);
  std::iota(values.begin(), values.end(), 1000);
  const DeviceArray<int> x(values), y(192);
  launch(kernel, 3, 64, x.data(), y.data());
  return y.to_host();
}

TEST_F(SeededBugs, WithItsBarrierTheKernelIsRightInEveryOrder) {
  std::vector<int> expected(192);
  for (int i = 0; i < 192; ++i) expected[static_cast<std::size_t>(i)] = 1000 + i / 64 * 64 + 63 - i % 64;
  for (const simt::Order order : orders) EXPECT_EQ(reversed(reverse<true>, order), expected);
}

TEST_F(SeededBugs, AMissingBarrierChangesTheResult) {
  if (watches_races) {
    EXPECT_EXIT((reversed(reverse<false>, simt::Order::ascending), std::exit(0)), testing::ExitedWithCode(66),
                "data race");
    return;
  }
  const std::vector<int> up = reversed(reverse<false>, simt::Order::ascending);
  EXPECT_NE(up, reversed(reverse<true>, simt::Order::ascending));
  EXPECT_NE(up, reversed(reverse<false>, simt::Order::descending));
  EXPECT_THAT(up, testing::Contains(0x7B7B7B7B)) << "shared memory has no values that look right";
}

// A table that only the first block of a grid would load: shared memory does not outlive a block.
__global__ void table_of_first_block(int* y) {
  __shared__ int table[32];
  if (blockIdx.x == 0) table[threadIdx.x] = 7;
  __syncthreads();
  y[blockIdx.x * 32 + threadIdx.x] = table[threadIdx.x];
}

TEST_F(SeededBugs, SharedMemoryIsForgottenBetweenBlocks) {
  const DeviceArray<int> y(64);
  launch(table_of_first_block, 2, 32, y.data());
  const std::vector<int> values = y.to_host();
  EXPECT_EQ(values[31], 7);
  EXPECT_EQ(values[32], 0x7B7B7B7B);
}

// All threads add to one sum at once.
__global__ void sum_without_order(const int* x, int* sum) {
  __shared__ int total;
  if (threadIdx.x == 0) total = 0;
  __syncthreads();
  total = total + x[threadIdx.x];
  __syncthreads();
  if (threadIdx.x == 0) *sum = total;
}
void sum_and_exit() {
  const DeviceArray<int> x(std::vector<int>(64, 1)), sum(1);
  launch(sum_without_order, 1, 64, x.data(), sum.data());
  std::exit(0);
}

TEST_F(SeededBugs, ARaceInSharedMemoryIsReportedByTheThreadSanitizer) {
  if (!watches_races) GTEST_SKIP() << "needs ThreadSanitizer";
  EXPECT_EXIT(sum_and_exit(), testing::ExitedWithCode(66), "data race");
}

// The values of a warp pass through shared memory. Shuffles leave memory unordered, __syncwarp does not.
template <bool with_syncwarp>
__global__ void rotate(int* y) {
  __shared__ int lanes[32];
  lanes[threadIdx.x] = static_cast<int>(threadIdx.x);
  if (with_syncwarp)
    __syncwarp();
  else
    (void)__shfl_sync(0xffffffffu, 0, 0);
  y[threadIdx.x] = lanes[(threadIdx.x + 1) % 32];
}

TEST_F(SeededBugs, AShuffleIsNoBarrierForMemory) {
  const DeviceArray<int> y(32);
  launch(rotate<true>, 1, 32, y.data());
  EXPECT_EQ(y.to_host()[31], 0);
  if (watches_races) {
    EXPECT_EXIT((launch(rotate<false>, 1, 32, y.data()), std::exit(0)), testing::ExitedWithCode(66),
                "data race");
  }
}

template <bool with_guard>
__global__ void increment(int* x, int n) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (!with_guard || i < n) x[i] += 1;
}

TEST_F(SeededBugs, AMissingTailGuardIsReported) {
  int* x = nullptr;
  ASSERT_EQ(cudaMalloc(&x, 60 * sizeof(int)), cudaSuccess);
  launch(increment<true>, 2, 32, x, 60);
  if (watches_addresses)
    EXPECT_DEATH(launch(increment<false>, 2, 32, x, 60), "AddressSanitizer");
  else
    EXPECT_THAT(violation([&] { launch(increment<false>, 2, 32, x, 60); }),
                HasSubstr("wrote behind an allocation of 240 bytes"));
  EXPECT_EQ(cudaFree(x), cudaSuccess);
}

TEST_F(SeededBugs, AccessFarOutsideAnAllocationFaults) {
  int* x = nullptr;
  ASSERT_EQ(cudaMalloc(&x, 4096), cudaSuccess);
  EXPECT_DEATH(launch(increment<false>, 64, 32, x, 60), "");
  EXPECT_EQ(cudaFree(x), cudaSuccess);
}

__global__ void write_beyond_shared(int* y, int beyond) {
  __shared__ int part[32];
  part[threadIdx.x] = 1;
  if (threadIdx.x == 0) part[32 + beyond] = 1;
  __syncthreads();
  y[threadIdx.x] = part[threadIdx.x];
}

TEST_F(SeededBugs, AddressSanitizerSeesAccessPastASharedArray) {
  if (!watches_addresses) GTEST_SKIP() << "needs AddressSanitizer";
  const DeviceArray<int> y(32);
  EXPECT_DEATH(launch(write_beyond_shared, 1, 32, y.data(), 0), "AddressSanitizer|out of bounds");
}

// Warps.

__global__ void maximum(const int* x, int* y, int n, unsigned mask) {
  const int i = static_cast<int>(threadIdx.x);
  if (i >= n) return;
  int m = x[i];
  for (int o = 16; o > 0; o /= 2) m = max(m, __shfl_xor_sync(mask, m, o));
  y[i] = m;
}
std::string maximum_of(int threads, int n, unsigned mask) {
  const DeviceArray<int> x(std::vector<int>(64, 5)), y(64);
  return violation([&] { launch(maximum, 1, static_cast<unsigned>(threads), x.data(), y.data(), n, mask); });
}

TEST_F(SeededBugs, MasksMustNameTheActiveLanes) {
  for (const simt::Order order : orders) {
    simt::settings().order = order;
    EXPECT_EQ(maximum_of(64, 64, 0xffffffff), "");
    EXPECT_THAT(maximum_of(64, 64, 0xfffffffe),
                AnyOf(HasSubstr("the mask does not name the calling lane"),
                      HasSubstr("reads from a lane that is not in the mask, 0")));
    EXPECT_THAT(maximum_of(64, 40, 0xffffffff), HasSubstr("exited")) << "lanes 8 to 31 of warp 1 are gone";
    EXPECT_THAT(maximum_of(40, 40, 0xffffffff),
                HasSubstr("the mask names lanes that the block does not have"));
    EXPECT_THAT(maximum_of(8, 8, 0x000000ff), HasSubstr("reads from a lane that is not in the mask"));
  }
}

TEST_F(SeededBugs, AViolationSaysWhereItHappened) {
  EXPECT_THAT(maximum_of(64, 64, 0xfffffffe),
              AllOf(HasSubstr("block (0, 0, 0), thread (0, 0, 0), __shfl_xor_sync, mask 0xfffffffe"),
                    HasSubstr("seeded_bugs_test.cpp:")));
}

__global__ void shuffle_in_a_branch(int* y) {
  const int i = static_cast<int>(threadIdx.x);
  y[i] = i < 16 ? __shfl_down_sync(0xffffffffu, i, 1) : __shfl_up_sync(0xffffffffu, i, 1);
}

TEST_F(SeededBugs, AShuffleWithMissingLanesIsReported) {
  const DeviceArray<int> y(32);
  for (const simt::Order order : orders) {
    simt::settings().order = order;
    EXPECT_THAT(violation([&] { launch(shuffle_in_a_branch, 1, 32, y.data()); }),
                HasSubstr("waits forever for lane"));
  }
}

// Barriers.

__global__ void barrier_in_a_branch(int* y) {
  if (threadIdx.x < 32)
    __syncthreads();
  else
    __syncthreads();
  y[threadIdx.x] = 1;
}
__global__ void barrier_and_shuffle(int* y) {
  if (threadIdx.x < 31)
    __syncthreads();
  else
    y[0] = __shfl_sync(0xffffffffu, 1, 0);
}
__global__ void barrier_after_exit(int* y) {
  if (threadIdx.x >= 40) return;
  __syncthreads();
  y[threadIdx.x] = 1;
}

TEST_F(SeededBugs, BarriersAreForAllThreadsOfABlock) {
  const DeviceArray<int> y(64);
  for (const simt::Order order : orders) {
    simt::settings().order = order;
    EXPECT_THAT(violation([&] { launch(barrier_in_a_branch, 1, 64, y.data()); }),
                HasSubstr("at another barrier"));
    EXPECT_THAT(violation([&] { launch(barrier_and_shuffle, 1, 32, y.data()); }),
                AllOf(HasSubstr("waits forever for lane 0"), HasSubstr("__syncthreads")));
    EXPECT_EQ(violation([&] { launch(barrier_after_exit, 1, 64, y.data()); }), "")
        << "threads that have exited are not waited for, from compute capability 7.0 on";
  }
}

// Vectors.

__global__ void load_vector(const int* x, int* y) { y[0] = __ldg(reinterpret_cast<const int4*>(x)).w; }
__global__ void copy_vector(const int* x, int* y) {
  *reinterpret_cast<int4*>(y) = *reinterpret_cast<const int4*>(x);
}

TEST_F(SeededBugs, AMisalignedVectorIsSeenOnMachinesThatWouldReadIt) {
  const DeviceArray<int> x(std::vector<int>(64, 1)), y(64);
  launch(load_vector, 1, 1, x.data() + 4, y.data());
  launch(copy_vector, 1, 1, x.data() + 4, y.data());
  EXPECT_THAT(violation([&] { launch(load_vector, 1, 1, x.data() + 1, y.data()); }),
              HasSubstr("misaligned address"));
#if !defined(__clang__)  // whose checks pass over copies of structs
  EXPECT_DEATH(launch(copy_vector, 1, 1, x.data() + 2, y.data()), "");
  EXPECT_DEATH(launch(copy_vector, 1, 1, x.data(), y.data() + 1), "");
#endif
}

// Hosts and devices.

TEST_F(SeededBugs, HostMemoryIsNoParameter) {
  const DeviceArray<int> y(64);
  std::vector<int> on_heap(64, 1);
  int on_stack[64] = {};
  static int of_program[64] = {};
  for (const int* x : {on_heap.data(), +on_stack, +of_program})
    EXPECT_THAT(violation([&] { launch(load_vector, 1, 1, x, y.data()); }),
                HasSubstr("kernel parameter 0 holds, at byte 0, an address of host memory"));
}

TEST_F(SeededBugs, TheHostCannotReachDeviceMemory) {
  const DeviceArray<int> x(std::vector<int>(64, 1));
  EXPECT_DEATH(*static_cast<volatile int*>(x.data()) = 2, "");
}

TEST_F(SeededBugs, ResultsAppearOnlyAfterSynchronization) {
  cudaStream_t stream;
  int* result = nullptr;
  ASSERT_EQ(cudaStreamCreate(&stream), cudaSuccess);
  ASSERT_EQ(cudaMallocHost(&result, 3 * sizeof(int)), cudaSuccess);
  result[0] = 0;
  const DeviceArray<int> x(std::vector<int>(3, 1));
  const cudaLaunchConfig_t config{1, 32, 0, stream, nullptr, 0};
  ASSERT_EQ(cudaLaunchKernelEx(&config, increment<true>, x.data(), 3), cudaSuccess);
  ASSERT_EQ(cudaMemcpyAsync(result, x.data(), 3 * sizeof(int), cudaMemcpyDeviceToHost, stream), cudaSuccess);
  EXPECT_EQ(result[0], 0);
  ASSERT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
  EXPECT_EQ(result[0], 2);
  EXPECT_EQ(cudaFreeHost(result), cudaSuccess);
  EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
}

// The assumption that bit 3 of a selector replicates the sign, as in the instruction that implements
// __byte_perm.
TEST_F(SeededBugs, BytePermHasThreeBitsPerSelector) {
  EXPECT_EQ(__byte_perm(0x80000000u, 0x33221100u, 0x00fb), 0x00003380u);
  EXPECT_EQ(__byte_perm(0x80000000u, 0x33221100u, 0x0073), 0x00003380u);
}

}  // namespace
}  // namespace simt_test
